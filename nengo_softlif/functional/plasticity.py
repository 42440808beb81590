r"""Spike-timing-dependent plasticity: what single spikes do to weights, for any library of arrays.

Each neuron keeps traces of its spikes, which decay with a time constant and go up by 1 with a
spike ("all" pairs count), or to 1 (the "nearest" spike counts). With fast traces :math:`r_1` of
inputs and :math:`o_1` of outputs, and slow ones :math:`r_2` and :math:`o_2`, the weight w from an
input to an output changes as in Pfister & Gerstner (2006):

.. math::

   w &\leftarrow w - f_-(w) \, (A_2^- + A_3^- r_2) \, o_1 \quad\text{at a spike of the input} \\
   w &\leftarrow w + f_+(w) \, (A_2^+ + A_3^+ o_2) \, r_1 \quad\text{at a spike of the output}

With :math:`A_3 = 0` these are pairs. The factors f are powers of the distance from the bound
towards which the weight moves, in units of the range (Gütig et al. 2003):
:math:`((w_{max} - w) / (w_{max} - w_{min}))^\mu` upwards,
:math:`((w - w_{min}) / (w_{max} - w_{min}))^\mu` downwards, 1 for :math:`\mu = 0`. Then the weight
is cut to its bounds.

In a step, traces decay first. Then inputs that spike depress, by the output traces of earlier
steps, and raise their traces; then outputs that spike potentiate, and raise theirs. So spikes of
both in the same step count as an input just before an output. Slow traces are those of earlier
steps.

References
----------
.. [1] Pfister & Gerstner (2006), "Triplets of spikes in a model of spike timing-dependent
   plasticity".
.. [2] Gütig, Aharonov, Rotter & Sompolinsky (2003), "Learning input correlations through nonlinear
   temporally asymmetric Hebbian plasticity".
.. [3] Song, Miller & Abbott (2000), "Competitive Hebbian learning through spike-timing-dependent
   synaptic plasticity": pairs, without dependence on weights.
.. [4] van Rossum, Bi & Turrigiano (2000), "Stable Hebbian learning from spike timing-dependent
   plasticity": with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["moved", "normalized", "ordered", "pairing", "raised", "ran_away", "to_log_probability"]


def raised(trace: Any, spike: Any, nearest: Any) -> Any:
    """Trace after the spikes of a step.

    Parameters
    ----------
    trace : (..., n_neurons) array
    spike : (..., n_neurons) array
        1 where there is a spike, else 0.
    nearest : bool or int
        Whether the trace goes to 1 instead of up by 1.

    Returns
    -------
    trace : (..., n_neurons) array

    Examples
    --------
    >>> raised(np.array([0.5, 0.5]), np.array([0.0, 1.0]), False)
    array([0.5, 1.5])
    >>> raised(np.array([0.5, 0.5]), np.array([0.0, 1.0]), True)
    array([0.5, 1. ])
    """
    return trace + spike * (1 - nearest * trace)


def moved(w: Any, change: Any, lower: Any, upper: Any, exponent: Any, xp: Any = np) -> Any:
    """Weight after a change, which depends on the distance from the bound, and cut to the bounds.

    Parameters
    ----------
    w : (...) array
    change : (...) array
        Up or down, at full distance from the bound.
    lower, upper : float
        Bounds of the weights; infinite ones only with an exponent of 0.
    exponent : float
        0 for no dependence, 1 for a linear one.
    xp : namespace, optional
        Provides ``maximum``, ``minimum`` and ``where``; NumPy by default.

    Returns
    -------
    w : (...) array

    Examples
    --------
    >>> moved(np.array([0.2, 0.2, 0.95]), np.array([0.1, -0.1, 0.1]), 0.0, 1.0, 0.0)
    array([0.3, 0.1, 1. ])
    >>> moved(np.array([0.2, 0.2]), np.array([0.1, -0.1]), 0.0, 1.0, 1.0)
    array([0.28, 0.18])
    """
    if exponent != 0:
        distance = xp.where(change > 0, upper - w, w - lower) / (upper - lower)
        change = change * distance**exponent
    return xp.minimum(xp.maximum(w + change, lower), upper)


def ordered(w: Any, before: Any, potentiation: float, depression: float, xp: Any = np) -> Any:
    r"""Weight after a spike of its output, by the order of spikes alone.

    .. math:: w \leftarrow w + w (1 - w) \cdot
       \begin{cases} a_+ & \text{if the input has spiked} \\ -a_- & \text{else} \end{cases}

    as in Kheradpisheh et al. (2018), "STDP-based spiking deep convolutional neural networks for
    object recognition". Weights tend to 0 and 1, and stay between them.

    Parameters
    ----------
    w : (...) array
        From 0 to 1.
    before : (...) array of bool
        Whether the input has spiked, up to and including this step.
    potentiation, depression : float
        a+ and a-, from 0 to 1.
    xp : namespace, optional
        Provides ``where``; NumPy by default.

    Returns
    -------
    w : (...) array

    Examples
    --------
    >>> ordered(np.array([0.5, 0.5, 1.0]), np.array([True, False, False]), 0.1, 0.08)
    array([0.525, 0.48 , 1.   ])
    """
    return w + xp.where(before, potentiation, -depression) * w * (1 - w)


def normalized(w: Any, total: float) -> np.ndarray:
    """Weights scaled so that those to each neuron have a sum.

    Parameters
    ----------
    w : (n_outputs, n_inputs) array_like
        Of 0 or more.
    total : float
        The sum. Rows of zeros stay as they are.

    Returns
    -------
    w : (n_outputs, n_inputs) ndarray

    Examples
    --------
    >>> normalized([[1.0, 3.0], [0.0, 0.0]], total=2.0)
    array([[0.5, 1.5],
           [0. , 0. ]])
    """
    w = np.asarray(w, dtype=float)
    sums = w.sum(axis=1, keepdims=True)
    return w * np.divide(total, sums, out=np.ones_like(sums), where=sums > 0)


def pairing(
    difference: Any, *, potentiation: float, depression: float, tau_pre: float, tau_post: float
) -> np.ndarray:
    r"""Change of a weight by an isolated pair of spikes: the STDP curve.

    .. math:: A_+ e^{-\Delta / \tau_{pre}} \text{ for } \Delta \ge 0, \quad
       -A_- e^{\Delta / \tau_{post}} \text{ for } \Delta < 0

    Parameters
    ----------
    difference : array_like
        Time of the output spike minus that of the input spike, in seconds.
    potentiation, depression : float
        A+ and A-.
    tau_pre, tau_post : float
        Time constants in seconds.

    Returns
    -------
    change : ndarray

    Examples
    --------
    >>> constants = {"potentiation": 0.01, "depression": 0.02, "tau_pre": 0.02, "tau_post": 0.04}
    >>> pairing([0.0, 0.02, -0.04], **constants).round(5)
    array([ 0.01   ,  0.00368, -0.00736])
    """
    difference = np.asarray(difference, dtype=float)
    up = potentiation * np.exp(-np.maximum(difference, 0) / tau_pre)
    down = -depression * np.exp(np.minimum(difference, 0) / tau_post)
    return np.where(difference >= 0, up, down)


def to_log_probability(w: Any, active: Any, rate: float, shift: float, xp: Any = np) -> Any:
    r"""Weight, or excitability, after a spike of an output that stands for a hidden cause.

    .. math:: w \leftarrow w + \eta \, (e^{c - w} x - 1)

    as in Nessler et al. (2013). The expected change is 0 at :math:`w = \log p + c`, where p is how
    often the input is active (x = 1) when the output spikes.

    Parameters
    ----------
    w : (...) array
    active : (...) array
        x, 1 or 0: for weights, whether the input is active; for excitabilities, after the spike of
        any output, whether it was this one.
    rate : float
        The learning rate.
    shift : float
        c. Weights from probabilities above exp(-c) are positive.
    xp : namespace, optional
        Provides ``exp``; NumPy by default.

    Returns
    -------
    w : (...) array

    References
    ----------
    .. [1] Nessler, Pfeiffer, Buesing & Maass (2013), "Bayesian computation emerges in generic
       cortical microcircuits through spike-timing-dependent plasticity".

    Examples
    --------
    >>> to_log_probability(np.array([0.0, 0.0]), np.array([1.0, 0.0]), 0.1, 0.0)
    array([ 0. , -0.1])
    """
    return w + rate * (xp.exp(shift - w) * active - 1)


def ran_away(w: np.ndarray) -> bool:
    """Whether weights are so large that products of them are infinite, or NaN.

    Parameters
    ----------
    w : (...) ndarray

    Returns
    -------
    ran_away : bool

    Examples
    --------
    >>> ran_away(np.array([1e200])), ran_away(np.array([np.nan])), ran_away(np.array([1e9]))
    (True, True, False)
    """
    return not bool((np.abs(w) < np.sqrt(np.finfo(w.dtype).max)).all())
