"""Functions of small numbers, as the time within a step gives them to LIF neurons.

The mathematical library takes some 20 ns for each, these a few; they agree to rounding.
"""

import math

from nengo_softlif.compiled.compiler import compiled

__all__ = ["expm1", "log1p"]

_SMALL = 0.0625


@compiled
def log1p(x):
    """``log(1 + x)``."""
    if not abs(x) < _SMALL:
        return math.log1p(x)
    # log((1 + s) / (1 - s)) = 2 (s + s^3 / 3 + s^5 / 5 + ...), with s^2 < 0.0011
    s = x / (2 + x)
    z = s * s
    tail = 1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z / 13))))
    return 2 * s + 2 * s * z * tail


@compiled
def expm1(x):
    """``exp(x) - 1``."""
    if not abs(x) < _SMALL:
        return math.expm1(x)
    tail = 1 / 120 + x * (
        1 / 720 + x * (1 / 5040 + x * (1 / 40320 + x * (1 / 362880 + x / 3628800)))
    )
    return x + x * x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * tail)))
