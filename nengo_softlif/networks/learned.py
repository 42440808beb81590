"""Weights that a simulation has learnt until now."""

from __future__ import annotations

import nengo
import numpy as np
from nengo.builder.processes import SimProcess

from nengo_softlif.errors import ParameterError

__all__ = ["learned_weights"]


def learned_weights(sim: nengo.Simulator, learner: nengo.Connection | nengo.Node) -> np.ndarray:
    """Read the weights of a connection, or of a convolution that learns.

    Parameters
    ----------
    sim : nengo.Simulator or nengo_softlif.Simulator
        Of a network with the learner.
    learner : nengo.Connection or nengo.Node
        A connection with a learning rule, or a node with a `nengo_softlif.STDPConvolution`.

    Returns
    -------
    weights : ndarray
        A copy: (n_outputs, n_inputs) of a connection, (size, size, n_channels, n_maps) of a
        convolution.

    Raises
    ------
    ParameterError
        If the simulator is closed, or has no such learner.

    Examples
    --------
    >>> from nengo_softlif.learning_rules import STDP
    >>> with nengo.Network(seed=0) as net:
    ...     a, b = (nengo.Ensemble(3, 1, neuron_type=nengo.LIF()) for _ in range(2))
    ...     connection = nengo.Connection(
    ...         a.neurons, b.neurons, transform=np.full((3, 3), 0.5), learning_rule_type=STDP()
    ...     )
    >>> with nengo.Simulator(net, progress_bar=False) as sim:
    ...     sim.run(0.1)
    ...     learned_weights(sim, connection).shape
    (3, 3)
    """
    if not hasattr(sim, "signals"):
        raise ParameterError(
            f"sim must be a nengo.Simulator or nengo_softlif.Simulator (got {sim!r}); with NengoDL "
            "read the weights with sim.data[nengo.Probe(connection, 'weights')]"
        )
    if sim.closed:
        raise ParameterError(
            f"sim must be open (got {sim}, which is closed); read the weights inside of the with "
            "block"
        )
    signal = _weights_of(sim.model, learner)
    if signal is None:
        raise ParameterError(
            "learner must be a connection with weights, or a node with a "
            f"nengo_softlif.STDPConvolution, of the simulator's network (got {learner}); take the "
            "connection, or one of network.layers"
        )
    return np.array(sim.signals[signal])


def _weights_of(model, learner):
    if isinstance(learner, nengo.Connection):
        return model.sig[learner].get("weights") if learner in model.sig else None
    if isinstance(learner, nengo.Node):
        for operator in model.operators:
            if isinstance(operator, SimProcess) and operator.process is learner.output:
                return operator.state.get("weights")
    return None
