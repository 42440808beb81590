"""Steady-state rates of spiking neurons for a current, and the inverse; parameters are checked.

The formulas are in `nengo_softlif.functional.curves`.
"""

from __future__ import annotations

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.curves import FAR_BELOW, lif_interval, soft_lif_terms
from nengo_softlif.validation import check_bool, check_numbers

__all__ = [
    "lif_rate",
    "lif_slope",
    "linear_reset_lif_current",
    "linear_reset_lif_rate",
    "soft_lif_current",
    "soft_lif_rate",
]


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
    return np.where(fires, amplitude / lif_interval(safe, tau_rc, tau_ref), 0.0)


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
    rates, _, _ = soft_lif_terms(np.asarray(J, dtype=float), tau_rc, tau_ref, amplitude, sigma)
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
    far_below = z > -FAR_BELOW
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
    check_bool("leak", leak)
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
    check_bool("leak", leak)
    check_numbers("amplitude", amplitude, above=0)
    hz = check_numbers("rates", rates, above=0) / amplitude
    if leak:
        return 1 + np.exp(-1 / (hz * tau_rc)) / -np.expm1(-1 / (hz * tau_rc))
    return hz * tau_rc
