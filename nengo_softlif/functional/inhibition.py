r"""Neurons that inhibit themselves and their neighbours: adaptation, and normalisation in spikes.

The filtered spikes of ``n_channels`` neighbouring channels at the same place lower the current of
each of them. In the steady state a group of neurons has the rates

.. math:: r_i = f(J_i - s m), \qquad m = \frac{1}{n} \sum_{j=1}^n r_j

for a rate curve :math:`f` and a strength :math:`s`. With :math:`n = 1` this is spike-frequency
adaptation, with more channels a form of local response normalisation. The mean :math:`m` solves

.. math:: g(m) = m - \frac{1}{n} \sum_j f(J_j - s m) = 0

which increases in :math:`m`, so that there is one solution, between 0 and the mean without
inhibition. Its derivative follows from :math:`g`: with the slopes :math:`d_j = f'(J_j - s m)`,

.. math:: \frac{\partial r_i}{\partial J_j} = d_i \Bigl[\delta_{ij}
          - \frac{s \, d_j / n}{1 + s \, \bar d}\Bigr]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.curves import soft_lif_rate_and_slope
from nengo_softlif.validation import check_integer, check_number, check_numbers

__all__ = ["Inhibition", "inhibited_rate", "mean_of_group", "pull_back"]

_N_STEPS = 12
_PRECISION = 1e-6  # of the mean, in units of that without inhibition


@dataclass(frozen=True)
class Inhibition:
    """Inhibition among the neurons of neighbouring channels, by their filtered spikes.

    Parameters
    ----------
    strength : float
        Current that a mean rate of 1 Hz takes away, in units of the threshold (> 0). With 0.02,
        neurons that fire at 50 Hz get 1 less than without.
    n_channels : int
        Number of neighbouring channels that inhibit each other, a divisor of the number of all.
        1 means that each neuron inhibits itself only, which is spike-frequency adaptation.
    tau : float
        Time constant in seconds of the low-pass filter on the spikes (> 0). A long one averages
        over more spikes, so that the rates come closer to the steady state; a short one reaches it
        earlier. NengoLoihi has one filter for everything that a population receives.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    See Also
    --------
    nengo.AdaptiveLIF : the same with ``n_channels=1``, where ``inc_n`` is the strength.

    Examples
    --------
    >>> Inhibition(0.02)
    Inhibition(strength=0.02, n_channels=1, tau=0.02)
    """

    strength: float
    n_channels: int = 1
    tau: float = 0.02

    def __post_init__(self):
        strength = check_number("Inhibition.strength", self.strength, above=0)
        object.__setattr__(self, "strength", strength)
        tau = check_number("Inhibition.tau", self.tau, above=0, unit="seconds")
        object.__setattr__(self, "tau", tau)
        n_channels = check_integer("Inhibition.n_channels", self.n_channels, minimum=1)
        object.__setattr__(self, "n_channels", n_channels)

    def check_channels(self, n: int, owner: str) -> None:
        """Raise an error unless ``n_channels`` divides the number of channels.

        Parameters
        ----------
        n : int
            Channels of the layer.
        owner : str
            Name of the layer.

        Raises
        ------
        ParameterError
            Naming both numbers.
        """
        if n % self.n_channels:
            raise ParameterError(
                f"{owner}.inhibition.n_channels must divide the number of channels, {n} (got "
                f"{self.n_channels}); use one of "
                f"{', '.join(str(k) for k in range(1, n + 1) if n % k == 0)}"
            )

    def get_config(self) -> dict[str, Any]:
        """Return the parameters as a JSON-ready dict."""
        return asdict(self)


def mean_of_group(
    J: Any,
    strength: float,
    curve: Callable[[Any], tuple[Any, Any]],
    rate_at_threshold: float,
    xp: Any = np,
) -> Any:
    """Solve for the mean rate of groups of neurons that inhibit each other.

    Newton's method, kept inside of an interval that shrinks. It begins between 0 and the mean at
    which the largest current is at the threshold, or the mean without inhibition if that is lower.

    Parameters
    ----------
    J : (..., n_channels) array
        Currents without inhibition; the last axis is a group.
    strength : float
        Per Hz.
    curve : callable
        Rates in Hz and their slopes at currents.
    rate_at_threshold : float
        Rate in Hz at a current of 1.
    xp : namespace, optional
        Provides ``abs``, ``max``, ``maximum``, ``mean``, ``minimum`` and ``where``; NumPy by
        default.

    Returns
    -------
    mean : (..., 1) array
        In Hz.

    Examples
    --------
    A straight line with slope 1 is halved by a strength of 1:

    >>> line = lambda J: (J, np.ones_like(J))
    >>> mean_of_group(np.array([[4.0]]), 1.0, line, rate_at_threshold=1.0)
    array([[2.]])
    """

    def at(mean):
        rates, slopes = curve(J - strength * mean)
        excess = mean - xp.mean(rates, axis=-1, keepdims=True)
        return excess, 1 + strength * xp.mean(slopes, axis=-1, keepdims=True)

    free = xp.mean(curve(J)[0], axis=-1, keepdims=True)
    to_threshold = (xp.max(J, axis=-1, keepdims=True) - 1.0) * (1.0 / strength)
    high = xp.minimum(free, xp.maximum(to_threshold, 0.0) + rate_at_threshold)
    enough = _PRECISION * high
    low = 0.0 * high
    mean, last = 0.5 * high, high
    for _ in range(_N_STEPS):
        excess, slope = at(mean)
        high, low = xp.where(excess > 0, mean, high), xp.where(excess > 0, low, mean)
        newton, size = mean - excess / slope, xp.abs(excess)
        # around a threshold, Newton's steps may go to and fro between both ends
        progresses = (newton >= low) & (newton <= high) & (size < 0.5 * last)
        step = xp.where(progresses, newton, 0.5 * (low + high))
        mean, last = xp.where(size > enough, step, mean), size
    return mean


def pull_back(upstream: Any, slopes: Any, strength: float, xp: Any = np) -> Any:
    """Gradient by the currents of a group, from that by its rates.

    Parameters
    ----------
    upstream : (..., n_channels) array
    slopes : (..., n_channels) array
        Of the curve in Hz, at the inhibited currents.
    strength : float
        Per Hz.
    xp : namespace, optional
        Provides ``mean``; NumPy by default.

    Returns
    -------
    gradient : (..., n_channels) array

    Examples
    --------
    >>> pull_back(np.array([[1.0]]), np.array([[1.0]]), 1.0)
    array([[0.5]])
    """
    direct = upstream * slopes
    shared = xp.mean(direct, axis=-1, keepdims=True) * strength
    return direct - slopes * (shared / (1 + strength * xp.mean(slopes, axis=-1, keepdims=True)))


def inhibited_rate(
    J: ArrayLike,
    inhibition: Inhibition,
    *,
    tau_rc: float = 0.02,
    tau_ref: float = 0.002,
    amplitude: float = 1.0,
    sigma: float = 0.02,
) -> np.ndarray:
    """Steady-state output of soft LIF neurons that inhibit each other.

    Parameters
    ----------
    J : (..., channels) array_like
        Input current including bias, in units of the threshold.
    inhibition : Inhibition
    tau_rc, tau_ref, amplitude, sigma : float
        As in `functional.soft_lif_rate`.

    Returns
    -------
    rates : (..., channels) ndarray
        ``amplitude`` times the firing rate in Hz.

    Raises
    ------
    ParameterError
        If ``n_channels`` does not divide the number of channels.

    Examples
    --------
    >>> from nengo_softlif.functional import soft_lif_rate
    >>> J = np.array([1.5, 3.0])
    >>> soft_lif_rate(J).round(1), inhibited_rate(J, Inhibition(0.02)).round(1)
    (array([41.7, 98.9]), array([20. , 57.2]))
    """
    J = check_numbers("J", J)
    inhibition.check_channels(J.shape[-1], "J")
    grouped = J.reshape(*J.shape[:-1], -1, inhibition.n_channels)

    def curve(J):
        return soft_lif_rate_and_slope(J, tau_rc=tau_rc, tau_ref=tau_ref, sigma=sigma)

    at_threshold = float(curve(np.array(1.0))[0])
    mean = mean_of_group(grouped, inhibition.strength, curve, at_threshold)
    rates, _ = curve(grouped - inhibition.strength * mean)
    return amplitude * rates.reshape(J.shape)
