"""Functions of small numbers, as the time within a step gives them to LIF neurons.

The mathematical library takes some 20 ns for each, these a few; they agree to rounding.
"""

import math

from nengo_softlif.compiled.compiler import compiled
from nengo_softlif.compiled.simd import number, splat

__all__ = ["SMALL", "expm1", "expm1_of_lanes", "log1p", "log1p_of_lanes"]

SMALL = 0.0625  # up to here the series are used


@compiled
def log1p(x):
    """``log(1 + x)``."""
    if not abs(x) < SMALL:
        return math.log1p(x)
    # log((1 + s) / (1 - s)) = 2 (s + s^3 / 3 + s^5 / 5 + ...), with s^2 < 0.0011
    s = x / (2 + x)
    z = s * s
    tail = 1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z / 13))))
    return 2 * s + 2 * s * z * tail


@compiled
def expm1(x):
    """``exp(x) - 1``."""
    if not abs(x) < SMALL:
        return math.expm1(x)
    tail = 1 / 120 + x * (
        1 / 720 + x * (1 / 5040 + x * (1 / 40320 + x * (1 / 362880 + x / 3628800)))
    )
    return x + x * x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * tail)))


@compiled
def _same(value, lanes):
    return splat(number(value, lanes))


@compiled
def log1p_of_lanes(x):
    """``log(1 + x)`` of small numbers in every lane, to the rounding of single precision."""
    two = _same(2, x)
    s = x / (two + x)
    z = s * s
    return two * s * (_same(1, x) + z * (_same(1 / 3, x) + z * _same(1 / 5, x)))


@compiled
def expm1_of_lanes(x):
    """``exp(x) - 1`` of small numbers in every lane, to the rounding of single precision."""
    tail = _same(1 / 6, x) + x * (_same(1 / 24, x) + x * _same(1 / 120, x))
    return x + x * x * (_same(1 / 2, x) + x * tail)
