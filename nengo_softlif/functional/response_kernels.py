r"""Kernels of the spike response model: what a spike does to a membrane potential, over time.

The potential of a neuron with input spikes that arrive at times a, weights w and own spikes at
times g is (Gerstner 1995)

.. math:: u(t) = \sum_a w_a \, \varepsilon(t - a) + \sum_{g < t} \eta(t - g),

and it spikes whenever u rises to its threshold. The response :math:`\varepsilon` has a peak of 1.
It is an alpha function, or with a second time constant a difference of exponentials,

.. math::

   \varepsilon(s) = \frac{s}{\tau} e^{1 - s / \tau} \quad\text{or}\quad
   \varepsilon(s) = \kappa \, (e^{-s / \tau} - e^{-s / \tau_s}), \quad s > 0.

The refractory kernel :math:`\eta(s) = -r e^{-s / \tau}` is the reset by subtraction of a leaky
integrate-and-fire neuron with membrane time constant :math:`\tau`. Since it decays like the
response, u is a sum of two functions between two events, whose peak has a closed form.

References
----------
.. [1] Gerstner (1995), "Time structure of the activity in neural network models".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_number, check_seconds

__all__ = ["ResponseKernels"]


@dataclass(frozen=True)
class ResponseKernels:
    """Response and refractory kernel of neurons, and their threshold.

    Parameters
    ----------
    tau : float
        Membrane time constant in seconds (> 0).
    tau_s : float, optional
        Time constant of the rise in seconds, below ``tau``; without it the response is an alpha
        function.
    threshold : float
        Potential at which a neuron spikes (> 0).
    reset : float
        By how much a spike lowers the potential (> 0).

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    Examples
    --------
    >>> kernels = ResponseKernels(tau=0.01)
    >>> kernels.response([-0.01, 0.0, 0.01, 0.05]).round(4)
    array([0.    , 0.    , 1.    , 0.0916])
    >>> kernels.refractory([0.0, 0.01]).round(4)
    array([-1.    , -0.3679])
    """

    tau: float = 0.007
    tau_s: float | None = None
    threshold: float = 1.0
    reset: float = 1.0

    def __post_init__(self) -> None:
        check_seconds("tau", self.tau)
        if self.tau_s is not None and check_seconds("tau_s", self.tau_s) >= self.tau:
            raise ParameterError(
                f"tau_s must be below tau (got {self.tau_s!r} and {self.tau!r}); leave it out for "
                "an alpha function"
            )
        check_number("threshold", self.threshold, above=0)
        check_number("reset", self.reset, above=0)

    @property
    def shortest(self) -> float:
        """The shortest time constant, in seconds."""
        return self.tau if self.tau_s is None else self.tau_s

    @property
    def scale(self) -> float:
        """Factor that gives the response a peak of 1: e, or kappa of the exponentials."""
        if self.tau_s is None:
            return float(np.e)
        ratio = self.tau / self.tau_s
        return float(1 / (ratio ** (-1 / (ratio - 1)) - ratio ** (-ratio / (ratio - 1))))

    def response(self, since: np.ndarray) -> np.ndarray:
        """Potential by one input spike of weight 1.

        Parameters
        ----------
        since : (...) array_like
            Time since it arrived in seconds; 0 is returned up to 0, and for minus infinity.

        Returns
        -------
        response : (...) ndarray
        """
        s = np.maximum(since, 0.0)
        if self.tau_s is None:
            s = s / self.tau
            return self.scale * s * np.exp(-s)
        return self.scale * (np.exp(-s / self.tau) - np.exp(-s / self.tau_s))

    def response_slope(self, since: np.ndarray) -> np.ndarray:
        """Derivative of the response with respect to time, in 1 / s; arguments as in `response`."""
        s = np.maximum(since, 0.0)
        if self.tau_s is None:
            s = s / self.tau
            slope = self.scale / self.tau * (1 - s) * np.exp(-s)
        else:
            slope = self.scale * (
                np.exp(-s / self.tau_s) / self.tau_s - np.exp(-s / self.tau) / self.tau
            )
        return np.where(np.asarray(since) > 0, slope, 0.0)

    def refractory(self, since: np.ndarray) -> np.ndarray:
        """What a spike of the neuron itself adds to its potential.

        Parameters
        ----------
        since : (...) array_like
            Time since the spike in seconds; 0 is returned below 0, and for minus infinity.

        Returns
        -------
        refractory : (...) ndarray
        """
        since = np.asarray(since)
        return np.where(since >= 0, -self.reset * np.exp(-np.maximum(since, 0.0) / self.tau), 0.0)

    def refractory_slope(self, since: np.ndarray) -> np.ndarray:
        """Derivative of the refractory kernel, in 1 / s; arguments as in `refractory`."""
        return -self.refractory(since) / self.tau
