"""Populations of neurons whose input is a current, and synapses between few of them."""

from __future__ import annotations

import nengo
import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

__all__ = ["connect_sparsely", "population"]


def population(
    n: int,
    neuron_type: nengo.neurons.NeuronType,
    label: str,
    *,
    gain: float = 1.0,
    bias: ArrayLike = 0.0,
) -> nengo.Ensemble:
    """Make an ensemble of which only the neurons are used.

    Parameters
    ----------
    n : int
    neuron_type : nengo.neurons.NeuronType
    label : str
    gain : float
    bias : float or (n,) array_like

    Returns
    -------
    ensemble : nengo.Ensemble
    """
    return nengo.Ensemble(
        n,
        1,
        neuron_type=neuron_type,
        gain=np.full(n, gain),
        bias=np.broadcast_to(bias, n),
        label=label,
    )


def connect_sparsely(
    pre: nengo.base.NengoObject | nengo.base.ObjView,
    post: nengo.ensemble.Neurons,
    weights: sparse.csr_array,
    tau_s: float,
) -> nengo.Connection:
    """Connect by a sparse matrix, with exponential synapses.

    Parameters
    ----------
    pre : nengo.Node, nengo.ensemble.Neurons or a slice of one
    post : nengo.ensemble.Neurons
    weights : (n_post, n_pre) sparse array
    tau_s : float
        Time constant of the synapses in seconds.

    Returns
    -------
    connection : nengo.Connection
    """
    transform = nengo.Sparse(weights.shape, init=sparse.csr_matrix(weights))
    return nengo.Connection(pre, post, transform=transform, synapse=nengo.Lowpass(tau_s))
