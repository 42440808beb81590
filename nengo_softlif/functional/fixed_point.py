r"""Integer arithmetic of Loihi as fixed-point numbers, for any library of arrays.

A voltage of the chip is an integer of 23 bits and a sign. Here it is that integer times a unit, a
power of two, so that thresholds stay near 1 and gradients of a usual size. Networks that are
trained for the chip have `FRACTION_BITS` bits after the point:

===================== ================================================= ======================
number                on the chip                                       with 17 fractional bits
===================== ================================================= ======================
voltage               integer of 23 bits and a sign                     -64 to 64
input of a step       integer of 21 bits and a sign                     -16 to 16
threshold             17 bits times :math:`2^6`                         multiples of 1 / 2048
weight                7 bits and a sign times :math:`2^{6 + e}`, one e  from 1 / 2048 to 15.9
                      for each layer
leak                  12 bits: the voltage is multiplied by k / 4096,   decay of 1 / 4096 to 1
                      k from 1, and rounded towards zero
===================== ================================================= ======================

All of these, their products and sums are exact in single precision: the 35 bits of a voltage times
k are split into two products of 24.

References
----------
.. [1] Davies et al. (2018), "Loihi: a neuromorphic manycore processor with on-chip learning".
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = [
    "FRACTION_BITS",
    "HIGHEST_INPUT",
    "HIGHEST_THRESHOLD",
    "HIGHEST_VOLTAGE",
    "HIGHEST_WEIGHT",
    "LEAK_STEPS",
    "THRESHOLD_UNIT",
    "UNIT",
    "WEIGHT_UNITS",
    "integrate_fixed",
    "lowest_voltage",
    "n_clipped",
    "round_decay",
    "round_threshold",
    "round_weights",
    "weight_unit",
]

FRACTION_BITS = 17  # of networks that are trained for the chip
UNIT = 2.0**-FRACTION_BITS
LEAK_STEPS = 4096  # of a decay of 1
HIGHEST_INPUT = 2**21 - 1  # of a step, in units; the lowest is its negative
HIGHEST_VOLTAGE = 2**23 - 1  # in units; the lowest is its negative
_HIGHEST_MANTISSA = 127  # of weights
THRESHOLD_UNIT = 2**6  # in units of the voltage
HIGHEST_THRESHOLD = 2**17 - 1  # in units of thresholds
# Values of the last bit of a weight, one for each exponent
WEIGHT_UNITS = tuple(THRESHOLD_UNIT * UNIT * 2.0**k for k in range(9))
HIGHEST_WEIGHT = _HIGHEST_MANTISSA * WEIGHT_UNITS[-1]


def integrate_fixed(
    J: Any, v: Any, decay: Any, min_voltage: Any, unit: Any, highest: Any, xp: Any = np
) -> Any:
    """Voltage of a step before it is compared with the threshold, as the chip computes it.

    Without keywords, as `nengo_softlif.functional.discrete_lif.integrate`, which it takes the place
    of.

    Parameters
    ----------
    J : (..., n_neurons) array
        Input of the step; rounded to multiples of the unit.
    v : (..., n_neurons) array
        Voltage at the end of the last step, a multiple of the unit.
    decay : float or (n_neurons,) array
        Multiple of 1 / 4096, from 0 to 1.
    min_voltage : float
        Lowest voltage, a multiple of the unit.
    unit : float
        Voltage of the last bit, a power of two.
    highest : float
        Largest voltage.
    xp : namespace, optional
        Provides ``maximum``, ``minimum``, ``round`` (half to even) and ``trunc``; NumPy by default.

    Returns
    -------
    v : (..., n_neurons) array

    Examples
    --------
    >>> float(integrate_fixed(0.0, -5 / 8, 0.5, -1.0, 1 / 8, 1.0))  # -2.5 units become -2
    -0.25
    """
    size = v / unit
    high = xp.trunc(size / LEAK_STEPS)
    low = size - high * LEAK_STEPS
    keep = decay * LEAK_STEPS
    left = high * keep + xp.trunc(low * keep / LEAK_STEPS)
    total = (left + xp.round(J / unit)) * unit
    return xp.minimum(xp.maximum(total, min_voltage), highest)


def weight_unit(weights: Any, xp: Any = np) -> Any:
    """Value of the last bit of the weights of a layer: the smallest with which all of them fit.

    Parameters
    ----------
    weights : array
    xp : namespace, optional
        NumPy or `keras.ops`.

    Returns
    -------
    unit : scalar array
        One of `WEIGHT_UNITS`.

    Examples
    --------
    >>> float(weight_unit(np.array([0.4, -0.1]))) * 127
    0.49609375
    """
    largest = xp.max(xp.abs(weights))
    steps = xp.array(WEIGHT_UNITS[:-1], dtype=weights.dtype)
    # comparisons instead of a logarithm, which rounds otherwise in each library
    is_beyond = largest >= (_HIGHEST_MANTISSA + 0.5) * steps
    return WEIGHT_UNITS[0] + xp.sum(xp.where(is_beyond, steps, xp.zeros_like(steps)))


def round_weights(weights: Any, xp: Any = np) -> Any:
    """Weights of a layer in 8 bits, with one exponent for all.

    Parameters
    ----------
    weights : array
    xp : namespace, optional
        NumPy or `keras.ops`.

    Returns
    -------
    weights : array
        Rounded to multiples of their `weight_unit`; clipped to 127 of the largest one.

    Examples
    --------
    >>> round_weights(np.array([0.05, -0.03, 0.0001])) * 2048
    array([102., -61.,   0.])
    """
    unit = weight_unit(weights, xp)
    mantissa = xp.clip(xp.round(weights / unit), -_HIGHEST_MANTISSA, _HIGHEST_MANTISSA)
    return mantissa * unit


def n_clipped(weights: np.ndarray) -> int:
    """Count the weights that are too large for 8 bits with any exponent.

    Parameters
    ----------
    weights : array_like

    Returns
    -------
    n_clipped : int

    Examples
    --------
    >>> n_clipped(np.array([1.0, -15.9, 16.0, -20.0]))
    2
    """
    return int(np.count_nonzero(np.abs(weights) >= HIGHEST_WEIGHT + WEIGHT_UNITS[-1] / 2))


def round_decay(decay: Any, xp: Any = np) -> Any:
    """Nearest decay that the chip has, at least 1 / 4096.

    Parameters
    ----------
    decay : float or array
    xp : namespace, optional
        NumPy or `keras.ops`.

    Returns
    -------
    decay : float or array

    Examples
    --------
    >>> float(round_decay(0.0)), float(round_decay(0.5001))
    (0.000244140625, 0.5)
    """
    return xp.clip(xp.round(decay * LEAK_STEPS), 1, LEAK_STEPS) / LEAK_STEPS


def round_threshold(threshold: Any, subtracts: bool, xp: Any = np) -> Any:
    """Nearest threshold that the chip has.

    Parameters
    ----------
    threshold : float or array
    subtracts : bool
        Whether spikes reset by subtraction. If not, the chip spikes above the threshold, and not at
        it: the threshold is one unit more.
    xp : namespace, optional
        NumPy or `keras.ops`.

    Returns
    -------
    threshold : float or array

    Examples
    --------
    >>> float(round_threshold(0.7, True)) * 2048
    1434.0
    """
    unit = THRESHOLD_UNIT * UNIT
    rounded = xp.clip(xp.round(threshold / unit), 1, HIGHEST_THRESHOLD) * unit
    return rounded if subtracts else rounded + UNIT


def lowest_voltage(min_voltage: float) -> float:
    """Floor of the voltage on the chip, of which it has 0 and one unit above powers of two.

    Parameters
    ----------
    min_voltage : float
        0, ``-inf``, or minus a power of two.

    Returns
    -------
    min_voltage : float

    Examples
    --------
    >>> lowest_voltage(0.0), lowest_voltage(-1.0) * 2**17
    (0.0, -131071.0)
    """
    if min_voltage == 0:
        return 0.0
    if math.isinf(min_voltage):
        return -HIGHEST_VOLTAGE * UNIT
    return min_voltage + UNIT
