r"""Steady-state rate curves of spiking neurons, with derivative and inverse.

Every other part of the package takes its curves from here. The functions that train networks
are written against a namespace ``xp`` of array functions, so that one formula serves NumPy
(the default), Keras (``keras.ops``) and TensorFlow.

With :math:`x = (J - 1) / \sigma` the soft LIF curve of Hunsberger & Eliasmith (2016, eq. 2, 3) is

.. math::

   r(J) = \frac{a}{\tau_{ref} + \tau_{rc} z}, \qquad z = \log(1 + 1 / \rho), \qquad
   \rho = \sigma \log(1 + e^x)

and its derivative, bounded for every :math:`\sigma > 0`, is

.. math::

   r'(J) = a \tau_{rc} \left(\frac{r}{a}\right)^2 \frac{1}{\rho (1 + \rho) (1 + e^{-x})}
"""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
from scipy.special import expit

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_numbers

__all__ = [
    "lif_rate",
    "lif_slope",
    "linear_reset_lif_current",
    "linear_reset_lif_rate",
    "soft_lif_current",
    "soft_lif_rate",
    "soft_lif_rate_and_slope",
]

# Below this x, rho equals sigma * exp(x) and 1 + rho equals 1 to the last bit of a double, so
# z = -x - log(sigma). rho itself is still far above the smallest float32.
_FAR_BELOW = -36.0

_NUMPY = SimpleNamespace(
    # a Python float leaves the type of single-precision arrays alone, a NumPy one would not
    log=lambda sigma: math.log(sigma) if isinstance(sigma, float) else np.log(sigma),
    log1p=np.log1p,
    maximum=np.maximum,
    sigmoid=expit,
    softplus=lambda x: np.logaddexp(x, 0),
)


def _check_lif(tau_rc, tau_ref, amplitude):
    check_numbers("tau_rc", tau_rc, above=0, unit="seconds")
    check_numbers("tau_ref", tau_ref, minimum=0, unit="seconds")
    check_numbers("amplitude", amplitude, above=0)


def lif_rate(J, *, tau_rc=0.02, tau_ref=0.002, amplitude=1.0):
    r"""Steady-state output of a LIF neuron (hard threshold at J = 1).

    .. math:: r(J) = a / [\tau_{ref} + \tau_{rc} \log(1 + 1/\max(J - 1, 0))]

    Parameters
    ----------
    J : (..., n_neurons) array_like
        Input current including bias, in units of the firing threshold.
    tau_rc, tau_ref : float
        Membrane time constant (> 0) and refractory period (>= 0), in seconds.
    amplitude : float
        Output scale :math:`a` (> 0).

    Returns
    -------
    rates : (..., n_neurons) ndarray
        ``amplitude`` times the firing rate in Hz.

    Raises
    ------
    ParameterError
        If a parameter is outside the range given above.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic
       Hardware", equation 2.

    Examples
    --------
    >>> round(float(lif_rate(2.0)), 2)
    63.04
    >>> float(lif_rate(0.5))
    0.0
    """
    _check_lif(tau_rc, tau_ref, amplitude)
    above = np.asarray(J, dtype=float) - 1
    fires = above > 0
    safe = np.where(fires, above, 1.0)
    rates = amplitude / (tau_ref + tau_rc * np.log1p(1 / safe))
    return np.where(fires, rates, 0.0)


def lif_slope(J, *, tau_rc=0.02, tau_ref=0.002, amplitude=1.0):
    r"""Derivative of `lif_rate` with respect to the current; without bound at the threshold.

    .. math:: r'(J) = a \tau_{rc} (r / a)^2 / [(J - 1) J] \quad (J > 1)

    Parameters
    ----------
    J, tau_rc, tau_ref, amplitude
        As in `lif_rate`.

    Returns
    -------
    slopes : (..., n_neurons) ndarray
        In Hz times ``amplitude``; 0 at and below the threshold.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    Examples
    --------
    >>> round(float(lif_slope(2.0)), 2)
    39.74
    """
    rates = lif_rate(J, tau_rc=tau_rc, tau_ref=tau_ref, amplitude=amplitude)
    J = np.asarray(J, dtype=float)
    fires = J > 1
    safe = np.where(fires, (J - 1) * J, 1.0)
    return np.where(fires, tau_rc / amplitude * rates**2 / safe, 0.0)


def soft_lif_rate_and_slope(J, *, tau_rc=0.02, tau_ref=0.002, amplitude=1.0, sigma=0.02, xp=_NUMPY):
    r"""Output of a soft LIF neuron and its derivative, sharing all the costly terms.

    This is the one home of the soft LIF formula. It checks nothing and broadcasts its
    parameters, so that several populations can be evaluated in one call. It is written in as
    few array operations as possible, since it decides how long training takes.

    Parameters
    ----------
    J : (..., n_neurons) array
        Input current including bias, in units of the firing threshold, as an array of ``xp``.
    tau_rc, tau_ref, amplitude, sigma : float or (n_neurons,) array
        As in `soft_lif_rate`.
    xp : namespace, optional
        Provides ``log, log1p, maximum, sigmoid, softplus``; NumPy by default.

    Returns
    -------
    rates : (..., n_neurons) array
        ``amplitude`` times the firing rate in Hz.
    slopes : (..., n_neurons) array
        Derivative of ``rates`` with respect to ``J``.

    Examples
    --------
    >>> rate, slope = soft_lif_rate_and_slope(np.array(2.0))
    >>> round(float(rate), 2), round(float(slope), 2)
    (63.04, 39.74)
    """
    x = (J - 1.0) * (1.0 / sigma)
    near = xp.maximum(x, _FAR_BELOW)
    u = (1.0 / sigma) / xp.softplus(near)  # 1 / rho
    # -log(rho) is never more than z, and equals it far below the threshold. (A sum that cancels
    # would not do: TensorFlow's graph optimizer puts sums into an order of its own.)
    z = xp.maximum(xp.log1p(u), -xp.log(sigma) - x)
    rates = (amplitude / tau_rc) / (z + tau_ref / tau_rc)
    # 1 / (rho (1 + rho)) = u * u / (1 + u), in an order that stays inside of float32
    ru = rates * u
    slopes = (ru * xp.sigmoid(near)) * (ru / (u + 1.0)) * (tau_rc / amplitude)
    return rates, slopes


def soft_lif_rate(J, *, tau_rc=0.02, tau_ref=0.002, amplitude=1.0, sigma=0.02):
    r"""Steady-state output of a soft LIF neuron.

    .. math:: r(J) = a / [\tau_{ref} + \tau_{rc} \log(1 + 1/\rho(J - 1))], \quad
              \rho(x) = \sigma \log(1 + e^{x / \sigma})

    Parameters
    ----------
    J : (..., n_neurons) array_like
        Input current including bias, in units of the firing threshold.
    tau_rc, tau_ref : float
        Membrane time constant (> 0) and refractory period (>= 0), in seconds.
    amplitude, sigma : float
        Output scale :math:`a` and smoothing width in units of ``J``; both > 0.

    Returns
    -------
    rates : (..., n_neurons) ndarray
        ``amplitude`` times the firing rate in Hz. Tends to `lif_rate` as ``sigma`` -> 0.

    Raises
    ------
    ParameterError
        If a parameter is outside the range given above.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic
       Hardware", equations 2 and 3 (the smoothing width is their gamma).

    Examples
    --------
    >>> round(float(soft_lif_rate(2.0)), 2)
    63.04
    """
    _check_lif(tau_rc, tau_ref, amplitude)
    check_numbers("sigma", sigma, above=0)
    rates, _ = soft_lif_rate_and_slope(
        np.asarray(J, dtype=float),
        tau_rc=tau_rc,
        tau_ref=tau_ref,
        amplitude=amplitude,
        sigma=sigma,
    )
    return rates


def soft_lif_current(rates, *, tau_rc=0.02, tau_ref=0.002, amplitude=1.0, sigma=0.02):
    r"""Input current at which a soft LIF neuron has the given output: inverse of `soft_lif_rate`.

    .. math:: z = (a / r - \tau_{ref}) / \tau_{rc}, \quad \rho = 1 / (e^z - 1), \quad
              J = 1 + \sigma \log(e^{\rho / \sigma} - 1)

    Parameters
    ----------
    rates : (..., n_neurons) array_like
        ``amplitude`` times the firing rate in Hz; between 0 and ``amplitude / tau_ref``,
        both excluded.
    tau_rc, tau_ref, amplitude, sigma : float
        As in `soft_lif_rate`.

    Returns
    -------
    J : (..., n_neurons) ndarray
        Input current including bias, in units of the firing threshold.

    Raises
    ------
    ParameterError
        If a rate or a parameter is out of range.

    Examples
    --------
    >>> round(float(soft_lif_current(soft_lif_rate(1.5))), 6)
    1.5
    """
    _check_lif(tau_rc, tau_ref, amplitude)
    check_numbers("sigma", sigma, above=0)
    rates = check_numbers("rates", rates, above=0)
    top = amplitude / tau_ref if tau_ref > 0 else np.inf
    if not np.all(rates < top):
        raise ParameterError(
            f"rates must be below amplitude / tau_ref = {top:g} (got {np.max(rates):g})"
        )
    z = (amplitude / rates - tau_ref) / tau_rc
    far_below = z > -_FAR_BELOW
    y = 1 / (sigma * np.expm1(np.where(far_below, 1.0, z)))  # softplus(x)
    x = np.where(far_below, -z - np.log(sigma), y + np.log(-np.expm1(-y)))
    return 1 + sigma * x


def linear_reset_lif_rate(J, *, tau_rc=0.02, leak=True, amplitude=1.0, dt=0.0):
    r"""Steady-state output of a LIF neuron that subtracts the threshold when it fires.

    With leak, in continuous time, this is the LIF curve without refractory period,

    .. math:: r(J) = a / [\tau_{rc} \log(1 + 1 / (J - 1))] \quad (J > 1),

    and without leak it is a rectified line, :math:`r(J) = a \max(J, 0) / \tau_{rc}`.

    A simulation in steps of ``dt`` notices a spike only at the end of its step, while the leak
    has acted on the whole overshoot; averaged over the phase of the spike within the step, the
    interval becomes :math:`\tau_{rc} \log(1 + e^{dt / 2 \tau_{rc}} / (J - 1))`, and at most one
    spike fits in a step.

    Parameters
    ----------
    J : (..., n_neurons) array_like
        Input current including bias, in units of the firing threshold.
    tau_rc : float
        Membrane time constant in seconds (> 0).
    leak : bool
        Whether the membrane leaks.
    amplitude : float
        Output scale :math:`a` (> 0).
    dt : float
        Step of the simulation in seconds; 0 is the limit of continuous time.

    Returns
    -------
    rates : (..., n_neurons) ndarray
        ``amplitude`` times the firing rate in Hz.

    Raises
    ------
    ParameterError
        If a parameter is outside the range given above.

    References
    ----------
    .. [1] Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based Spiking Neural
       Networks and Its Mapping Relationship to Deep Neural Networks" (the neuron; the
       correction for ``dt`` is derived here).

    Examples
    --------
    >>> float(linear_reset_lif_rate(2.0, leak=False))
    100.0
    >>> round(float(linear_reset_lif_rate(2.0)), 2)
    72.13
    """
    check_numbers("tau_rc", tau_rc, above=0, unit="seconds")
    check_numbers("amplitude", amplitude, above=0)
    check_numbers("dt", dt, minimum=0, unit="seconds")
    J = np.asarray(J, dtype=float)
    if leak:
        hz = lif_rate(1 + (J - 1) * np.exp(-dt / (2 * tau_rc)), tau_rc=tau_rc, tau_ref=0.0)
    else:
        hz = np.maximum(J, 0) / tau_rc
    return amplitude * (np.minimum(hz, 1 / dt) if dt > 0 else hz)


def linear_reset_lif_current(rates, *, tau_rc=0.02, leak=True, amplitude=1.0):
    r"""Input current that gives a rate: inverse of `linear_reset_lif_rate` in continuous time.

    .. math:: J = 1 + 1 / (e^{a / (r \tau_{rc})} - 1) \ \text{with leak}, \quad
              J = r \tau_{rc} / a \ \text{without}

    Parameters
    ----------
    rates : (..., n_neurons) array_like
        ``amplitude`` times the firing rate in Hz (> 0).
    tau_rc, leak, amplitude
        As in `linear_reset_lif_rate`.

    Returns
    -------
    J : (..., n_neurons) ndarray
        Input current including bias.

    Raises
    ------
    ParameterError
        If a rate or a parameter is out of range.

    Examples
    --------
    >>> round(float(linear_reset_lif_current(linear_reset_lif_rate(2.0))), 6)
    2.0
    """
    check_numbers("tau_rc", tau_rc, above=0, unit="seconds")
    check_numbers("amplitude", amplitude, above=0)
    hz = check_numbers("rates", rates, above=0) / amplitude
    if leak:
        return 1 + np.exp(-1 / (hz * tau_rc)) / -np.expm1(-1 / (hz * tau_rc))
    return hz * tau_rc
