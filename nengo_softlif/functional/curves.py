r"""Formulas of the rate curves, with derivative, for any library of arrays.

Every other part of the package takes the LIF and soft LIF curves from here. They are written
against a namespace ``xp`` of functions, so that one formula serves NumPy (the default), Keras
(``keras.ops``), TensorFlow, and the compiled simulator, which compiles it with functions of
numbers. They check nothing; `nengo_softlif.functional.rates` does.

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
from typing import Any

import numpy as np
from scipy.special import expit

__all__ = ["FAR_BELOW", "NUMPY", "lif_interval", "soft_lif_rate_and_slope", "soft_lif_terms"]

# Below this x, rho equals sigma * exp(x) and 1 + rho equals 1 to the last bit of a double, so
# z = -x - log(sigma). rho itself is still far above the smallest float32.
FAR_BELOW = -36.0

NUMPY = SimpleNamespace(
    # a Python float leaves the type of single-precision arrays alone, a NumPy one would not
    log=lambda sigma: math.log(sigma) if isinstance(sigma, float) else np.log(sigma),
    log1p=np.log1p,
    maximum=np.maximum,
    sigmoid=expit,
    softplus=lambda x: np.logaddexp(x, 0),
)


def lif_interval(excess: Any, tau_rc: Any, tau_ref: Any, xp: Any = NUMPY) -> Any:
    r"""Time from spike to spike of a LIF neuron that fires.

    .. math:: \tau_{ref} + \tau_{rc} \log(1 + 1 / (J - 1))

    A function without keywords, as Numba can compile it.

    Parameters
    ----------
    excess : (...) array
        By how much the current J exceeds the threshold, 1; greater than 0.
    tau_rc, tau_ref : float
        As in `nengo_softlif.functional.lif_rate`.
    xp : namespace, optional
        Provides ``log1p``; NumPy by default.

    Returns
    -------
    interval : (...) array
        In seconds.

    Examples
    --------
    >>> round(float(lif_interval(1.0, 0.02, 0.002)), 5)
    0.01586
    """
    return tau_ref + tau_rc * xp.log1p(1 / excess)


def soft_lif_terms(
    J: Any, tau_rc: Any, tau_ref: Any, amplitude: Any, sigma: Any, xp: Any = NUMPY
) -> tuple[Any, Any, Any]:
    r"""Output of a soft LIF neuron, with the terms that its derivative shares with it.

    This is the one home of the soft LIF formula. It broadcasts its parameters, and has no
    keywords, so that Numba can compile it.

    Parameters
    ----------
    J, tau_rc, tau_ref, amplitude, sigma, xp
        As in `soft_lif_rate_and_slope`; ``xp`` need not have a ``sigmoid``.

    Returns
    -------
    rates : (..., n_neurons) array
        ``amplitude`` times the firing rate in Hz.
    near : (..., n_neurons) array
        The x of the module's equations, but not below the point from which on the exponential
        of x can stand for its softplus.
    u : (..., n_neurons) array
        :math:`1 / \rho`, of that.

    Examples
    --------
    >>> rate, near, u = soft_lif_terms(np.array(2.0), 0.02, 0.002, 1.0, 0.02)
    >>> round(float(rate), 2), float(near), float(u)
    (63.04, 50.0, 1.0)
    """
    x = (J - 1.0) * (1.0 / sigma)
    near = xp.maximum(x, FAR_BELOW)
    u = (1.0 / sigma) / xp.softplus(near)
    # -log(rho) is never more than z, and equals it far below the threshold. (A sum that cancels
    # would not do: TensorFlow's graph optimizer puts sums into an order of its own.)
    z = xp.maximum(xp.log1p(u), -xp.log(sigma) - x)
    return (amplitude / tau_rc) / (z + tau_ref / tau_rc), near, u


def soft_lif_rate_and_slope(
    J: Any,
    *,
    tau_rc: Any = 0.02,
    tau_ref: Any = 0.002,
    amplitude: Any = 1.0,
    sigma: Any = 0.02,
    xp: Any = NUMPY,
) -> tuple[Any, Any]:
    r"""Output of a soft LIF neuron and its derivative, sharing all the costly terms.

    It broadcasts its parameters, so that several populations can be evaluated in one call. It is
    written in as few array operations as possible, since it decides how long training takes.

    Parameters
    ----------
    J : (..., n_neurons) array
        Input current including bias, in units of the firing threshold, as an array of ``xp``.
    tau_rc, tau_ref, amplitude, sigma : float or (n_neurons,) array
        As in `nengo_softlif.functional.soft_lif_rate`.
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
    rates, near, u = soft_lif_terms(J, tau_rc, tau_ref, amplitude, sigma, xp)
    # 1 / (rho (1 + rho)) = u * u / (1 + u), in an order that stays inside of float32
    ru = rates * u
    slopes = (ru * xp.sigmoid(near)) * (ru / (u + 1.0)) * (tau_rc / amplitude)
    return rates, slopes
