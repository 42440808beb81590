"""MultiSpikeProp: exact gradients of several spikes of each neuron."""

from __future__ import annotations

import numpy as np

from nengo_softlif.learning_rules.spike_times.chronotron import aligned_amounts
from nengo_softlif.learning_rules.spike_times.gradient import GradientRule, OutputErrors

__all__ = ["MultiSpikeProp"]


class MultiSpikeProp(GradientRule):
    r"""Descends the exact gradient of the times of all spikes, in one layer or several.

    The loss is :math:`E = \frac{1}{2} \sum (t - \hat t)^2 / \tau^2` over pairs of output spikes t
    and targets :math:`\hat t`, with the dependence of a spike on the earlier ones of its neuron,
    see `nengo_softlif.functional.spike_response`. Pairs are those that the Victor-Purpura distance
    moves. A target without an output spike raises the potential at its time, an output spike
    without a target lowers it; neither has a gradient of times.

    Parameters
    ----------
    learning_rate : float
        Factor of the changes of weights (>= 0).
    delay_rate : float
        The same of delays, in units of the time constant (>= 0); with 0 delays are not learnt.
    least_slope : float
        Slopes of potentials below it are taken for it, in thresholds per time constant (>= 0).
    tau_q : float
        Time in which moving a spike costs as much as removing one, in seconds (> 0).

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Booij & Nguyen (2005), "A gradient descent rule for spiking neurons emitting multiple
       spikes".
    .. [2] Ghosh-Dastidar & Adeli (2009), "A new supervised learning algorithm for multiple spiking
       neural networks with application in epilepsy and seizure detection".
    .. [3] Florian (2012), "The Chronotron": spikes that are inserted or removed.

    Examples
    --------
    >>> from nengo_softlif.learning_rules.spike_times import SpikeResponseLayer
    >>> rng = np.random.default_rng(0)
    >>> inputs = rng.uniform(0, 0.2, size=(1, 200, 2))
    >>> layer = SpikeResponseLayer(rng.uniform(0, 0.2, size=(200, 1)))
    >>> training = MultiSpikeProp(0.01).fit(
    ...     layer, inputs, [[[0.05, 0.1, 0.15]]], duration=0.2, epochs=100, until=0.1
    ... )
    >>> training.converged
    True
    """

    def errors(self, outputs, targets, tau):
        """Errors of paired spikes, and of potentials where spikes are missing or too many."""
        lateness, (inserted, removed) = aligned_amounts(outputs, targets, self.tau_q)
        return OutputErrors(
            lateness / tau**2,
            np.concatenate([targets, outputs], axis=-1),
            np.concatenate([-inserted.astype(float), removed.astype(float)], axis=-1),
        )
