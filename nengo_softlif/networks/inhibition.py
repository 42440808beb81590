"""Inhibition of all neurons of an ensemble by each other."""

from __future__ import annotations

import nengo
import numpy as np
import scipy.sparse

from nengo_softlif.validation import check_number, check_type

__all__ = ["LateralInhibition"]


class LateralInhibition(nengo.Network):
    r"""Every spike of a neuron inhibits all other neurons of its ensemble, a step later.

    .. math:: I_i(t + dt) = -w \sum_{j \ne i} s_j(t) = -w \Bigl(\sum_j s_j(t) - s_i(t)\Bigr)

    A matrix with all weights but those of the diagonal takes n weights for each spike, and
    :math:`n^2` in memory. The sum takes one weight for each neuron that spikes, one for each neuron
    that is inhibited, and n in memory.

    Parameters
    ----------
    neurons : nengo.ensemble.Neurons
    strength : float
        w, by which a spike of height 1 lowers the currents of the others (>= 0), before their gain.
    synapse : nengo.synapses.Synapse or float
        Filter of the spikes; its 0 is the delay of a step that any loop needs.
    label : str, optional
        Of the network.

    Attributes
    ----------
    total : nengo.Node
        The sum of all spikes.
    from_all, to_all, to_self : nengo.Connection
        From the neurons to the sum, from the sum to the neurons, and from each neuron to itself.

    Raises
    ------
    ParameterError
        If an argument is of the wrong type or out of range.

    Examples
    --------
    >>> with nengo.Network() as net:
    ...     ensemble = nengo.Ensemble(
    ...         3, 1, neuron_type=nengo.RectifiedLinear(), gain=[1, 1, 1], bias=[3, 2, 1]
    ...     )
    ...     inhibition = LateralInhibition(ensemble.neurons, 1.0)
    ...     rates = nengo.Probe(ensemble.neurons)
    >>> with nengo.Simulator(net, progress_bar=False) as sim:
    ...     sim.run_steps(2)
    >>> sim.data[rates]
    array([[3., 2., 1.],
           [0., 0., 0.]])
    """

    def __init__(self, neurons, strength, synapse=0, *, label=None):
        check_type(
            "neurons",
            neurons,
            nengo.ensemble.Neurons,
            "give those of an ensemble, as in ensemble.neurons",
        )
        strength = check_number("strength", strength, minimum=0)
        super().__init__(label=label)
        n = neurons.size_out
        diagonal = scipy.sparse.coo_matrix(scipy.sparse.eye(n) * strength)
        with self:
            self.total = nengo.Node(size_in=1, label="all spikes")
            self.from_all = nengo.Connection(
                neurons, self.total, transform=np.ones((1, n)), synapse=synapse
            )
            self.to_all = nengo.Connection(
                self.total, neurons, transform=np.full((n, 1), -strength), synapse=None
            )
            self.to_self = nengo.Connection(
                neurons, neurons, transform=nengo.Sparse((n, n), init=diagonal), synapse=synapse
            )
