"""SpikeProp: exact gradients of first spikes."""

from __future__ import annotations

import numpy as np

from nengo_softlif.learning_rules.spike_times.gradient import GradientRule, OutputErrors

__all__ = ["SpikeProp"]


class SpikeProp(GradientRule):
    r"""Descends the gradient of first spikes, in one layer or several.

    Each neuron spikes once at most. With output spikes t and targets :math:`\hat t`, the loss is
    :math:`E = \frac{1}{2} \sum (t - \hat t)^2 / \tau^2`, and with the slope :math:`\dot u` of the
    potential at the spike

    .. math:: \Delta w = -\eta \, \delta \, \varepsilon(t - a), \qquad
        \delta = -\frac{1}{\dot u(t)} \frac{\partial E}{\partial t}

    for an input spike that arrives at a. Errors of hidden spikes are
    :math:`-\sum_j \delta_j w_j \dot\varepsilon(t_j - a)`. A target without an output spike raises
    the potential at its time.

    Parameters
    ----------
    learning_rate : float
        Factor of the changes of weights (>= 0).
    delay_rate : float
        The same of delays, in units of the time constant (>= 0); with 0 delays are not learnt.
    least_slope : float
        Slopes of potentials below it are taken for it, in thresholds per time constant (>= 0).

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Bohte, Kok & La Poutré (2002), "Error-backpropagation in temporally encoded networks of
       spiking neurons".

    Examples
    --------
    >>> from nengo_softlif.learning_rules.spike_times import SpikeResponseLayer
    >>> layer = SpikeResponseLayer([[0.7], [0.8]])
    >>> training = SpikeProp(0.1).fit(
    ...     layer, [[[0.0], [0.002]]], [[[0.006]]], duration=0.05, epochs=100
    ... )
    >>> layer.spike_times([[[0.0], [0.002]]], duration=0.05, max_spikes=1).round(4).tolist()
    [[[0.006]]]
    """

    max_spikes = 1

    def __init__(
        self,
        learning_rate: float = 0.01,
        *,
        delay_rate: float = 0.0,
        least_slope: float = 0.1,
    ) -> None:
        super().__init__(learning_rate, delay_rate=delay_rate, least_slope=least_slope)

    def errors(self, outputs, targets, tau):
        """Errors of first spikes, and of potentials where there is none."""
        first = targets[..., :1]
        fired = np.full(first.shape, np.inf)
        fired[..., : outputs.shape[2]] = outputs
        both = np.isfinite(fired) & np.isfinite(first)
        lateness = np.where(both, fired, 0.0) - np.where(both, first, 0.0)
        missing = np.isfinite(first) & ~np.isfinite(fired)
        unwanted = np.isfinite(fired) & ~np.isfinite(first)
        return OutputErrors(
            lateness[..., : outputs.shape[2]] / tau**2,
            np.concatenate([first, fired], axis=-1),
            np.concatenate([-missing.astype(float), unwanted.astype(float)], axis=-1),
        )
