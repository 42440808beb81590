"""SPAN, the spike pattern association neuron."""

from __future__ import annotations

import numpy as np

from nengo_softlif.learning_rules.spike_times.rule import SpikeTrainRule, wanted_and_fired
from nengo_softlif.validation import check_seconds

__all__ = ["SPAN"]


class SPAN(SpikeTrainRule):
    r"""Widrow-Hoff rule for spike trains that have become functions of time.

    With :math:`\alpha(t) = e \, (t / \tau) \, e^{-t / \tau}` and trains filtered by it, inputs
    :math:`\tilde x`, targets :math:`\hat y` and outputs y,

    .. math::

       \Delta w &= \frac{\eta}{\tau} \int \tilde x \, (\hat y - y) \, dt
                 = \eta \Big[ \sum_{\hat t, t_i} K(\hat t - t_i) - \sum_{t, t_i} K(t - t_i) \Big],
       \\
       K(s) &= (e / 2)^2 \, (1 + |s| / \tau) \, e^{-|s| / \tau}.

    Other than in ReSuMe, inputs just after a target count as much as those just before it.

    Parameters
    ----------
    learning_rate : float
        Factor of all changes (>= 0).
    tau : float
        Time constant of the filter in seconds (> 0).

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Mohemmed, Schliebs, Matsuda & Kasabov (2012), "SPAN: Spike pattern association neuron
       for learning spatio-temporal spike patterns".

    Examples
    --------
    >>> SPAN(tau=0.01).response(np.array([-0.01, 0.0, 0.01]), None).round(4)
    array([1.3591, 1.8473, 1.3591])
    """

    def __init__(self, learning_rate: float = 0.01, *, tau: float = 0.007) -> None:
        super().__init__(learning_rate)
        self.tau = check_seconds("tau", tau)

    def amounts(self, outputs, targets):
        """1 at each target, -1 at each output spike."""
        return wanted_and_fired(outputs, targets)

    def response(self, since, layer):
        """Integral of the product of two filtered spikes, over the time constant."""
        # where nothing arrives, the time since is infinite
        s = np.abs(np.where(np.isfinite(since), since, 0.0)) / self.tau
        return np.where(np.isfinite(since), (np.e / 2) ** 2 * (1 + s) * np.exp(-s), 0.0)
