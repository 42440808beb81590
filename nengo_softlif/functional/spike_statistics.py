r"""Regular spike trains behind a synapse: what the next neuron gets instead of a constant rate.

A neuron with a constant input fires with a period :math:`T = 1 / r`. Filtered by an alpha synapse
:math:`h(t) = t / \tau_s^2 \, e^{-t / \tau_s}`, the train is periodic too; at the phase
:math:`\varphi` of its period, with :math:`x = T / \tau_s` and :math:`w = 1 / (1 - e^{-x})`,

.. math:: f(\varphi) = \sum_{k \ge 0} h((\varphi + k) T)
                     = \frac{x}{\tau_s} \, w e^{-\varphi x} (\varphi + w - 1)

The membrane of the next neuron is a lowpass filter behind that, and feels still less of the spikes.
With :math:`a = 1 / \tau_s`, :math:`b = 1 / \tau_{rc}` and :math:`x, w` for each of them, expansion
into partial fractions gives

.. math:: g(\varphi) = \frac{a^2 b}{(a - b)^2} (w_b e^{-\varphi x_b} - w_a e^{-\varphi x_a})
                     - \frac{b}{a - b} f(\varphi)

Without synapse, :math:`g(\varphi) = w_b e^{-\varphi x_b} / \tau_{rc}`. The mean over all phases is
the rate, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.validation import check_integer, check_numbers, check_seconds

__all__ = [
    "SpikeTrainStatistics",
    "check_time_constants",
    "filtered_spikes",
    "fluctuation",
    "spike_train_statistics",
]

_NUMPY = SimpleNamespace(exp=np.exp, tanh=np.tanh)


def filtered_spikes(
    phases: Any,
    rates: Any,
    *,
    tau_s: float = 0.005,
    tau_rc: Any = None,
    xp: Any = _NUMPY,
) -> Any:
    """Value of a regular spike train that has passed an alpha synapse, and maybe a membrane.

    Like the `functional.curves` it checks nothing, and is written against a namespace
    of array functions, since training calls it.

    Parameters
    ----------
    phases : (...) array
        Part of the period that has passed since the last spike, from 0 to 1.
    rates : (...) array
        Firing rates in Hz (> 0).
    tau_s : float
        Time constant of the synapse in seconds; 0 for none.
    tau_rc : float, optional
        Time constant of the membrane in seconds, not within 10 % of ``tau_s``; without it, the
        value is that of the current. Needed if there is no synapse.
    xp : namespace, optional
        Provides ``exp, tanh``; NumPy by default.

    Returns
    -------
    values : (...) array
        In Hz; their mean over all phases is the rate.

    Examples
    --------
    >>> filtered_spikes(np.linspace(0, 1, 5), 50.0).round(1)
    array([15.2, 80.5, 57.2, 31.2, 15.2])
    """
    period = 1.0 / rates

    def sums(tau: Any) -> tuple[Any, Any, Any]:
        """Return x, w and the sum over all spikes of exp(-t / tau), as in the equations."""
        x = period * (1.0 / tau)
        w = 0.5 / xp.tanh(x * 0.5) + 0.5  # much faster than expm1, and as exact
        return x, w, w * xp.exp(-phases * x)

    if tau_s == 0:
        return sums(tau_rc)[-1] * (1.0 / tau_rc)
    x, w, fast = sums(tau_s)
    current = x * (phases + (w - 1.0))  # for each of `fast`, and a factor
    if tau_rc is None:
        return fast * current * (1.0 / tau_s)
    a, b = 1.0 / tau_s, 1.0 / tau_rc
    exponentials = a**2 * b / (a - b) ** 2
    return sums(tau_rc)[-1] * exponentials - fast * (current * (a * b / (a - b)) + exponentials)


def fluctuation(phases, rates, *, tau_s, tau_rc, xp):
    """Difference of a filtered spike train from its rate, which `FilteredSpikeNoise` adds.

    Parameters
    ----------
    phases, rates, tau_s, tau_rc
        As for `filtered_spikes`; rates of 0 are allowed.
    xp : namespace
        Provides ``exp, maximum, tanh``.

    Returns
    -------
    differences : (...) array
        In Hz.
    """
    # below a spike in 10 s the numbers would leave single precision
    rates = xp.maximum(rates, 0.1)
    return filtered_spikes(phases, rates, tau_s=tau_s, tau_rc=tau_rc, xp=xp) - rates


@dataclass(frozen=True, eq=False, repr=False)
class SpikeTrainStatistics(OneLineRepr):
    """How filtered spike trains are distributed over time.

    Parameters
    ----------
    mean, std : (...) ndarray
        In Hz, like the rates.
    quantiles : dict of float to (...) ndarray
        In Hz; 0 is the lowest value, 1 the highest.
    """

    mean: np.ndarray
    std: np.ndarray
    quantiles: dict


def spike_train_statistics(
    rates, *, tau_s=0.005, tau_rc=None, quantiles=(0.0, 0.25, 0.5, 0.75, 1.0), n_phases=1000
):
    """Distribution over time of regular spike trains behind a synapse, and maybe a membrane.

    Parameters
    ----------
    rates : (...) array_like
        Firing rates in Hz (>= 0); silent neurons have zeros everywhere.
    tau_s, tau_rc : float
        As in `filtered_spikes`.
    quantiles : sequence of float
        From 0 to 1.
    n_phases : int
        Points of time in a period.

    Returns
    -------
    statistics : SpikeTrainStatistics

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic
       Hardware", figure 2 (there simulated).

    Examples
    --------
    >>> statistics = spike_train_statistics([0.0, 20.0, 100.0])
    >>> statistics.mean.round(1), statistics.std.round(1)
    (array([  0.,  20., 100.]), array([ 0. , 24.5, 13.6]))
    """
    check_time_constants(tau_s, tau_rc)
    rates = check_numbers("rates", rates, minimum=0, unit="Hz")
    check_numbers("quantiles", quantiles, minimum=0, maximum=1)
    n_phases = check_integer("n_phases", n_phases, minimum=1)
    phases = (np.arange(n_phases) + 0.5) / n_phases
    fires = rates > 0
    values = filtered_spikes(
        phases.reshape(-1, *[1] * rates.ndim),
        np.where(fires, rates, 1.0),
        tau_s=tau_s,
        tau_rc=tau_rc,
    )
    values = np.where(fires, values, 0.0)
    found = np.quantile(values, quantiles, axis=0)
    return SpikeTrainStatistics(
        values.mean(axis=0), values.std(axis=0), dict(zip(quantiles, found, strict=True))
    )


def check_time_constants(tau_s: float, tau_rc: float | None, *, owner: str = "") -> None:
    """Raise unless `filtered_spikes` has values for a synapse and a membrane.

    Parameters
    ----------
    tau_s : float
        Time constant of the synapse in seconds.
    tau_rc : float or None
        Time constant of the membrane in seconds.
    owner : str
        Prefix of the names in the error, for instance "FilteredSpikeNoise.".

    Raises
    ------
    ParameterError
        Naming the parameter, the rule and the value.

    Examples
    --------
    >>> check_time_constants(0.005, None)
    >>> check_time_constants(0.005, 0)
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: tau_rc must be a time in seconds greater than 0 (got 0)
    """
    tau_s = check_seconds(f"{owner}tau_s", tau_s, zero_allowed=True)
    if tau_rc is None:
        if tau_s == 0:
            raise ParameterError(
                f"{owner}tau_rc must be a time in seconds if there is no synapse (got None with "
                "tau_s = 0)"
            )
        return
    tau_rc = check_seconds(f"{owner}tau_rc", tau_rc)
    # the partial fractions cancel each other, and single precision with them
    if abs(tau_s - tau_rc) < 0.1 * tau_rc:
        raise ParameterError(
            f"{owner}tau_rc must differ from tau_s by 10 % or more (got {tau_rc!r} and {tau_s!r}); "
            f"{0.85 * tau_s:g} comes close"
        )
