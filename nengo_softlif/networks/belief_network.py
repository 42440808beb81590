"""Deep belief networks in spiking neurons."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import nengo
import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.siegert_table import SiegertTable
from nengo_softlif.networks.populations import population
from nengo_softlif.validation import check_numbers, check_type

__all__ = ["BeliefNetwork"]


class BeliefNetwork(nengo.Network):
    r"""Layers of LIF neurons that spike at the rates with which they were trained.

    Inputs are Poisson neurons. A spike moves the voltage of a neuron by
    :math:`W / (\tau_{rc} R)`, in units of the threshold, with the weights W of
    `nengo_softlif.learning_rules.SiegertRBM` and the rate R of full activity. No scaling, nor any
    other change is needed (O'Connor et al. 2013).

    Parameters
    ----------
    layers : sequence of (weights, bias)
        Of each layer, weights ``(n_inputs, n_neurons)`` and bias ``(n_neurons,)``.
    units : SiegertTable
        That they were trained with.
    label : str, optional
    seed : int, optional

    Attributes
    ----------
    input : nengo.Node
        Activities, from 0 to 1; zeros, until `nengo_softlif.wrap` or ``run_batch`` put in others.
    inputs : nengo.Ensemble
        Poisson neurons.
    layers : list of nengo.Ensemble
    output : nengo.Node
        Firing rates of the last layer in units of the rate of full activity.

    Raises
    ------
    ParameterError
        If the shapes don't fit.

    References
    ----------
    .. [1] O'Connor, Neil, Liu, Delbruck & Pfeiffer (2013), "Real-time classification and sensor
       fusion with a spiking deep belief network".

    Examples
    --------
    >>> units = SiegertTable(100.0)
    >>> weights, bias = np.repeat(np.eye(2), 20, axis=0) / 10, np.array([0.2, 0.2])
    >>> network = BeliefNetwork([(weights, bias)], units, seed=0)
    >>> network.input.output = np.repeat([1.0, 0.0], 20)
    >>> with network:
    ...     probe = nengo.Probe(network.output)
    >>> with nengo.Simulator(network, progress_bar=False) as sim:
    ...     sim.run(1.0)
    >>> rates = sim.data[probe].mean(axis=0)
    >>> expected = units.of_inputs(network.input.output[np.newaxis], weights, bias)[0]
    >>> bool(np.abs(rates - expected).max() < 0.1)
    True
    """

    def __init__(
        self,
        layers: Sequence[tuple[ArrayLike, ArrayLike]],
        units: SiegertTable,
        *,
        label: str | None = None,
        seed: int | None = None,
    ):
        if not layers:
            raise ParameterError("layers must hold at least one pair (weights, bias) (got none)")
        check_type("units", units, SiegertTable, "make one as in SiegertTable(100.0)")
        checked = [_checked(index, layer) for index, layer in enumerate(layers)]
        for index, ((before, _), (after, _)) in enumerate(itertools.pairwise(checked), start=1):
            if before.shape[1] != after.shape[0]:
                raise ParameterError(
                    f"layers[{index}] must take the {before.shape[1]} outputs of the layer before "
                    f"(got weights of shape {after.shape}); their order is inputs, neurons"
                )
        super().__init__(label=label, seed=seed)
        rate, n_inputs = units.full_rate, len(checked[0][0])
        neuron_type = nengo.LIF(tau_rc=units.tau_rc, tau_ref=units.tau_ref)
        poisson = nengo.PoissonSpiking(nengo.RectifiedLinear())
        self.layers = []
        with self:
            self.input = nengo.Node(np.zeros(n_inputs), label="input")
            self.inputs = population(n_inputs, poisson, "Poisson inputs", gain=rate)
            nengo.Connection(self.input, self.inputs.neurons, synapse=None)
            previous = self.inputs
            for index, (weights, bias) in enumerate(checked, start=1):
                layer = population(len(bias), neuron_type, f"layer {index}", bias=bias)
                nengo.Connection(
                    previous.neurons, layer.neurons, transform=weights.T / rate, synapse=None
                )
                self.layers.append(layer)
                previous = layer
            self.output = nengo.Node(size_in=len(checked[-1][1]), label="output")
            nengo.Connection(previous.neurons, self.output, transform=1 / rate, synapse=None)


def _checked(index, layer):
    if not isinstance(layer, (tuple, list)) or len(layer) != 2:
        raise ParameterError(
            f"layers[{index}] must be a pair of weights (n_inputs, n_neurons) and bias "
            f"(n_neurons,) (got {type(layer).__name__}); put the two in parentheses, as in "
            "[(weights, bias)]"
        )
    weights, bias = layer
    weights = check_numbers(f"weights of layers[{index}]", weights)
    bias = check_numbers(f"bias of layers[{index}]", bias)
    if weights.ndim != 2 or bias.shape != weights.shape[1:]:
        raise ParameterError(
            f"layers[{index}] must be weights (n_inputs, n_neurons) and a bias (n_neurons,) (got "
            f"shapes {weights.shape} and {bias.shape})"
        )
    return weights, bias
