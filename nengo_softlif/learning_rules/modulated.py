"""Spike-timing-dependent plasticity that a signal modulates: a gate, or a reward."""

from __future__ import annotations

from nengo_softlif.learning_rules.stdp import STDP
from nengo_softlif.neurons.params import FiniteParam

__all__ = ["GatedSTDP", "RewardSTDP"]


class GatedSTDP(STDP):
    r"""Pairs of spikes change a weight as far as a gate is open.

    .. math:: \Delta w = g \, \text{STDP}

    where g is what a connection to the rule brings: ``nengo.Connection(gate,
    connection.learning_rule)``. At 0 nothing is learnt, below 0 what was learnt is unlearnt. With a
    negative ``depression`` it does not matter which of two spikes is the first; gated by 1 while
    data are shown and by -1 afterwards, this is event-driven contrastive divergence (Neftci et al.
    2014).

    Parameters
    ----------
    potentiation, depression, tau_pre, tau_post, bounds, weight_exponent, pairing, learning_rate, \
    frozen
        As for `STDP`.

    Raises
    ------
    nengo.exceptions.ValidationError, nengo.exceptions.BuildError
        As for `STDP`.

    References
    ----------
    .. [1] Neftci, Das, Pedroni, Kreutz-Delgado & Cauwenberghs (2014), "Event-driven contrastive
       divergence for spiking neuromorphic systems".

    Examples
    --------
    >>> import nengo
    >>> import numpy as np
    >>> from nengo_softlif.learning_rules import GatedSTDP
    >>> with nengo.Network(seed=0) as net:
    ...     a = nengo.Ensemble(20, 1)
    ...     b = nengo.Ensemble(10, 1)
    ...     connection = nengo.Connection(
    ...         a.neurons,
    ...         b.neurons,
    ...         transform=np.full((10, 20), 0.5),
    ...         learning_rule_type=GatedSTDP(),
    ...     )
    ...     gate = nengo.Node(lambda t: 1.0 if t < 0.1 else 0.0)
    ...     _ = nengo.Connection(gate, connection.learning_rule, synapse=None)
    """

    def __init__(
        self,
        potentiation=0.01,
        depression=0.0105,
        tau_pre=0.02,
        tau_post=0.02,
        bounds=(0.0, 1.0),
        weight_exponent=0.0,
        pairing="all",
        learning_rate=1.0,
        frozen=False,
    ):
        super().__init__(
            potentiation,
            depression,
            tau_pre,
            tau_post,
            bounds,
            weight_exponent,
            pairing,
            learning_rate,
            frozen,
            size_in=1,
        )


class RewardSTDP(STDP):
    r"""Pairs of spikes make synapses eligible; a reward that comes later changes them.

    .. math:: \tau_e \dot c = -c + \tau_e \, \text{STDP}, \quad \dot w = r \, c

    where c is the eligibility of a weight, and r the reward, which a connection to the rule brings:
    ``nengo.Connection(reward, connection.learning_rule)``. Steps without a reward cost no more than
    those of `STDP`.

    Parameters
    ----------
    tau_eligibility : float
        Time constant of the eligibility in seconds (> 0).
    potentiation, depression, tau_pre, tau_post, bounds, pairing, learning_rate, frozen
        As for `STDP`.

    Raises
    ------
    nengo.exceptions.ValidationError, nengo.exceptions.BuildError
        As for `STDP`.

    References
    ----------
    .. [1] Izhikevich (2007), "Solving the distal reward problem through linkage of STDP and
       dopamine signaling".
    """

    tau_eligibility = FiniteParam("tau_eligibility", low=0, low_open=True, readonly=True)

    def __init__(
        self,
        tau_eligibility=1.0,
        potentiation=0.01,
        depression=0.0105,
        tau_pre=0.02,
        tau_post=0.02,
        bounds=(0.0, 1.0),
        pairing="all",
        learning_rate=1.0,
        frozen=False,
    ):
        super().__init__(
            potentiation,
            depression,
            tau_pre,
            tau_post,
            bounds,
            0.0,
            pairing,
            learning_rate,
            frozen,
            size_in=1,
        )
        self.tau_eligibility = tau_eligibility
