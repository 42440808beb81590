"""Chronotron with E-learning and with I-learning."""

from __future__ import annotations

import numpy as np

from nengo_softlif.functional.spike_distance import align
from nengo_softlif.functional.spike_trains import spike_list
from nengo_softlif.learning_rules.spike_times.rule import SpikeTrainRule, wanted_and_fired
from nengo_softlif.validation import check_number, check_seconds

__all__ = ["ChronotronE", "ChronotronI", "aligned_amounts"]


class ChronotronE(SpikeTrainRule):
    r"""E-learning: the Victor-Purpura distance says which output spikes to remove, insert or move.

    .. math:: \Delta w = \eta \Big[ \sum_{\hat t \text{ inserted}} \lambda(\hat t)
        - \sum_{t \text{ removed}} \lambda(t)
        + \gamma \sum_{(t, \hat t) \text{ moved}} \frac{t - \hat t}{\tau_q} \lambda(t) \Big]

    with targets :math:`\hat t`, outputs t, and :math:`\lambda(t) = \sum_a \varepsilon(t - a)`, the
    response to the spikes of an input.

    Parameters
    ----------
    learning_rate : float
        Factor of all changes (>= 0).
    tau_q : float
        Time in which moving a spike costs as much as removing one, in seconds (> 0).
    moving : float
        The factor gamma of moved spikes (>= 0); the paper's is 1 by default, too.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Florian (2012), "The Chronotron: A neuron that learns to fire temporally precise spike
       patterns".

    Examples
    --------
    >>> rule = ChronotronE(tau_q=0.01)
    >>> moments, amounts = rule.amounts(np.array([[[0.012, 0.05]]]), np.array([[[0.01]]]))
    >>> [(float(t), round(float(c), 3)) for t, c in zip(moments[0, 0], amounts[0, 0]) if c]
    [(0.012, 0.2), (0.05, -1.0)]
    """

    def __init__(
        self, learning_rate: float = 0.01, *, tau_q: float = 0.01, moving: float = 1.0
    ) -> None:
        super().__init__(learning_rate)
        self.tau_q = check_seconds("tau_q", tau_q)
        self.moving = check_number("moving", moving, minimum=0)

    def amounts(self, outputs, targets):
        """1 where a spike is missing, -1 where one is too many, in proportion to an early spike."""
        lateness, unpaired = aligned_amounts(outputs, targets, self.tau_q)
        moving = self.moving * lateness / self.tau_q
        return (
            np.concatenate([targets, outputs], axis=-1),
            np.concatenate([unpaired[0], moving - unpaired[1]], axis=-1),
        )

    def response(self, since, layer):
        """The response of the layer's neurons."""
        return layer.kernels.response(since)


class ChronotronI(SpikeTrainRule):
    r"""I-learning: synaptic currents at target spikes and output spikes.

    .. math:: \Delta w = \eta \, \mathrm{sign}(w) \Big[ \sum_{\hat t} I(\hat t) - \sum_{t} I(t)
        \Big], \qquad I(t) = w \sum_{t_i < t} e^{-(t - t_i) / \tau_s}

    with targets :math:`\hat t`, outputs t and input spikes :math:`t_i`. A change is in proportion
    to the size of the weight, so that weights of 0 stay and none changes its sign by small steps.

    Parameters
    ----------
    learning_rate : float
        Factor of all changes (>= 0).
    tau_s : float
        Time constant of the synaptic current in seconds (> 0).

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Florian (2012), as for `ChronotronE`.
    """

    def __init__(self, learning_rate: float = 0.1, *, tau_s: float = 0.005) -> None:
        super().__init__(learning_rate)
        self.tau_s = check_seconds("tau_s", tau_s)

    def amounts(self, outputs, targets):
        """1 at each target, -1 at each output spike."""
        return wanted_and_fired(outputs, targets)

    def response(self, since, layer):
        """Decays exponentially after an arrival."""
        return np.where(since > 0, np.exp(-np.maximum(since, 0) / self.tau_s), 0.0)

    def change(self, layer, inputs, outputs, targets):
        """Change of the weights, in proportion to their size."""
        return np.abs(layer.weights) * super().change(layer, inputs, outputs, targets)


def aligned_amounts(
    outputs: np.ndarray, targets: np.ndarray, tau_q: float
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """How outputs become targets at the least cost.

    Parameters
    ----------
    outputs, targets : (n_samples, n_neurons, n_spikes) ndarray
        In seconds, infinite for none.
    tau_q : float
        Time in which moving a spike costs as much as removing one, in seconds.

    Returns
    -------
    lateness : (n_samples, n_neurons, n_output_spikes) ndarray
        Of spikes that are moved, in seconds; 0 for others.
    inserted, removed : ndarray of bool
        Target spikes without an output spike, and output spikes without a target.
    """
    lateness, removed = np.zeros(outputs.shape), np.zeros(outputs.shape, bool)
    inserted = np.zeros(targets.shape, bool)
    pairs = zip(spike_list(outputs), spike_list(targets), strict=True)
    for sample, trains in enumerate(pairs):
        for neuron, (fired, wanted) in enumerate(zip(*trains, strict=True)):
            found = align(fired, wanted, cost=1 / tau_q)
            first, second = found.moved.T
            lateness[sample, neuron, first] = fired[first] - wanted[second]
            removed[sample, neuron, found.removed] = True
            inserted[sample, neuron, found.inserted] = True
    return lateness, (inserted, removed)
