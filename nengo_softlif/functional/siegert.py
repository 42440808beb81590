r"""Firing rate of LIF neurons with Poisson input: Siegert's formula.

Inputs with the rates :math:`\rho_i` move the membrane voltage by :math:`w_i` at each spike, so that
without a threshold it would have the mean and the variance

.. math:: \Upsilon = \tau_m \sum_i w_i \rho_i, \qquad
   \Gamma^2 = \frac{\tau_m}{2} \sum_i w_i^2 \rho_i

If single spikes are small, the neuron fires at

.. math::

   r = \left[\tau_{ref} + \tau_m \sqrt{\pi} \int_a^b e^{z^2} (1 + \mathrm{erf}\, z) \, dz
   \right]^{-1}, \quad
   a, b = \frac{\{0, 1\} - \Upsilon}{\sqrt 2 \, \Gamma}
   + \frac{|\zeta(1/2)|}{\sqrt 2} \sqrt{\tau_s / \tau_m}

with the threshold at 1 and the reset at 0. The last term corrects for synapses that filter spikes
with a short time constant :math:`\tau_s`. Without variance the rate is that of `lif_rate`; with it,
neurons fire below the threshold, too.

The integrand is erfcx(-z). On the positive axis it is :math:`2 e^{z^2} - \mathrm{erfcx}(z)`, whose
first part has Dawson's function for an integral; so what is left to integrate is erfcx, which has
no steep parts.

References
----------
.. [1] Siegert (1951), "On the first passage time probability problem".
.. [2] Brunel & Sergi (1998), "Firing frequency of leaky integrate-and-fire neurons with synaptic
   current dynamics": the correction.
.. [3] O'Connor et al. (2013), "Real-time classification and sensor fusion with a spiking deep
   belief network": equation 4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import dawsn, erfcx

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_number, check_numbers

__all__ = ["poisson_moments", "siegert_rate"]

_ZETA_HALF = -1.4603545088095866  # SciPy has it from 1.15 on
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_LARGEST = 26.0  # exp(z ** 2) is still a finite number


def poisson_moments(
    rates: ArrayLike, weights: ArrayLike, *, tau_rc: float = 0.02
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the membrane voltage without a threshold.

    Parameters
    ----------
    rates : (..., n_inputs) array_like
        Of the inputs, in Hz (0 or more).
    weights : (n_neurons, n_inputs) array_like
        How far a spike moves the voltage, in units of the threshold.
    tau_rc : float
        Membrane time constant in seconds (> 0).

    Returns
    -------
    mean, deviation : (..., n_neurons) ndarray

    Raises
    ------
    ParameterError
        If a parameter is out of range, or the shapes don't fit.

    Examples
    --------
    >>> mean, deviation = poisson_moments([100.0, 50.0], [[0.2, -0.1]], tau_rc=0.02)
    >>> mean.round(3), deviation.round(3)
    (array([0.3]), array([0.212]))
    """
    rates = check_numbers("rates", rates, minimum=0)
    weights = check_numbers("weights", weights)
    tau_rc = check_number("tau_rc", tau_rc, above=0, unit="seconds")
    if weights.ndim != 2 or rates.shape[-1:] != weights.shape[1:]:
        raise ParameterError(
            "weights must have the shape (n_neurons, n_inputs), for rates of the shape "
            f"(..., n_inputs) (got {weights.shape} and {rates.shape})"
        )
    return tau_rc * rates @ weights.T, np.sqrt(tau_rc / 2 * rates @ (weights**2).T)


def siegert_rate(
    mean: ArrayLike,
    deviation: ArrayLike,
    *,
    tau_rc: float = 0.02,
    tau_ref: float = 0.002,
    tau_s: float = 0.0,
) -> np.ndarray:
    """Firing rate of LIF neurons with noisy input.

    Parameters
    ----------
    mean, deviation : (...) array_like
        Of the membrane voltage without a threshold, in units of the threshold; the deviation
        is 0 or more.
    tau_rc, tau_ref : float
        Membrane time constant (> 0) and refractory period (>= 0) in seconds.
    tau_s : float
        Time constant of the synapses in seconds (>= 0), much shorter than ``tau_rc``.

    Returns
    -------
    rates : (...) ndarray
        In Hz.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or the shapes don't fit.

    Examples
    --------
    >>> siegert_rate([0.5, 1.0, 2.0], 0.3).round(1)
    array([ 6.8, 25.3, 65.5])
    """
    mean = check_numbers("mean", mean)
    deviation = check_numbers("deviation", deviation, minimum=0)
    tau_rc = check_number("tau_rc", tau_rc, above=0, unit="seconds")
    tau_ref = check_number("tau_ref", tau_ref, minimum=0, unit="seconds")
    tau_s = check_number("tau_s", tau_s, minimum=0, unit="seconds")
    try:
        mean, deviation = np.broadcast_arrays(mean, deviation)
    except ValueError as error:
        raise ParameterError(
            f"mean and deviation must have shapes that go together (got {mean.shape} and "
            f"{deviation.shape})"
        ) from error
    # of so little noise that nothing is lost by it
    scale = np.sqrt(2) * np.maximum(deviation, 1e-9)
    shift = -_ZETA_HALF / np.sqrt(2) * np.sqrt(tau_s / tau_rc)
    lower, upper = -mean / scale + shift, (1 - mean) / scale + shift
    integral = _integral(np.minimum(upper, _LARGEST)) - _integral(np.minimum(lower, _LARGEST))
    integral = np.where(upper > _LARGEST, np.inf, integral)
    return 1 / (tau_ref + tau_rc * np.sqrt(np.pi) * integral)


def _integral(z):
    """Integral of erfcx(-t) from 0 to z, at most `_LARGEST`."""
    positive = np.maximum(z, 0)
    return 2 * np.exp(positive**2) * dawsn(positive) - _integral_erfcx(np.abs(z))


def _integral_erfcx(z):
    """Integral of erfcx from 0 to z, by Gauss's rule for the logarithm of 1 + t."""
    half = np.log1p(z) / 2
    log = half[..., np.newaxis] * (1 + _NODES)
    return half * ((erfcx(np.expm1(log)) * np.exp(log)) @ _WEIGHTS)
