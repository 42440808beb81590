"""Weight normalisation: the weights to each neuron keep their sum."""

from __future__ import annotations

from typing import Any

import nengo
import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.plasticity import normalized
from nengo_softlif.validation import check_number, check_type

__all__ = ["WeightNormalization"]


class WeightNormalization:
    r"""Scales the weights to each neuron to a sum, in a simulation between its runs.

    .. math:: w_{ij} \leftarrow w_{ij} \frac{W}{\sum_k w_{ik}}

    A form of homeostasis: without it, STDP lets the weights of neurons that fire often grow, and
    they fire even more often. Neurons without any weights stay without.

    Parameters
    ----------
    connection : nengo.Connection
        With a learning rule.
    total : float
        W, the sum of the weights to each neuron (> 0).

    Raises
    ------
    ParameterError
        If an argument is of the wrong type or out of range, or the connection has no rule.

    Examples
    --------
    >>> import numpy as np
    >>> from nengo_softlif.learning_rules import STDP
    >>> with nengo.Network() as net:
    ...     a, b = (nengo.Ensemble(3, 1, neuron_type=nengo.LIF()) for _ in range(2))
    ...     connection = nengo.Connection(
    ...         a.neurons, b.neurons, transform=np.full((3, 3), 0.1), learning_rule_type=STDP()
    ...     )
    ...     weights = nengo.Probe(connection, "weights")
    >>> normalize = WeightNormalization(connection, total=1.5)
    >>> with nengo.Simulator(net, progress_bar=False) as sim:
    ...     normalize(sim)
    ...     sim.run_steps(1)
    >>> sim.data[weights][0, 0]
    array([0.5, 0.5, 0.5])
    """

    def __init__(self, connection: nengo.Connection, total: float):
        self.connection = check_type(
            "connection", connection, nengo.Connection, "give one with a learning rule"
        )
        if connection.learning_rule_type is None:
            raise ParameterError(
                f"connection must have a learning rule, since weights without one are constants "
                f"(got {connection}); give it learning_rule_type=nengo_softlif.learning_rules."
                "STDP(), for instance"
            )
        self.total = check_number("total", total, above=0)

    def __call__(self, sim: Any) -> None:
        """Scale the weights of a simulation.

        Parameters
        ----------
        sim : nengo_softlif.Simulator or nengo.Simulator

        Raises
        ------
        ParameterError
            If the simulator is another one, or of a network without the connection.
        """
        if "weights" not in sim.model.sig[self.connection] or not hasattr(sim, "signals"):
            raise ParameterError(
                f"sim must be a nengo.Simulator or nengo_softlif.Simulator of a network with "
                f"{self.connection} (got {sim!r}); give one of these two, of that network"
            )
        weights = sim.signals[sim.model.sig[self.connection]["weights"]]
        # few neurons have learnt since the last time; to read weights costs less than to write them
        is_off = ~np.isclose(weights.sum(axis=1), self.total, rtol=_tolerance(weights.dtype))
        weights[is_off] = normalized(weights[is_off], self.total)

    def __repr__(self) -> str:
        return f"WeightNormalization({self.connection}, total={self.total:g})"


def _tolerance(dtype):
    """More than a sum of many numbers is rounded by."""
    return np.finfo(dtype).eps ** 0.75
