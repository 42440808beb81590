"""The hyperbolic tangent in instructions that LLVM does on several numbers at once.

The mathematical library takes some 10 ns for each number. A loop over this function, in which no
other function is called, takes one.
"""

import math

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from nengo_softlif.compiled.compiler import compiled

__all__ = ["tanh"]

_ONE_IS_REACHED = 20.0  # from here on the result rounds to 1
_LOG2_E = 1.4426950408889634
# ln(2) in two parts, of which small multiples of the first are exact
_LN_2_HIGH = 0.6931471803691238
_LN_2_LOW = 1.9082149292705877e-10
_ROUND = 1.5 * 2.0**52  # a sum with it has no digits behind the point: they are rounded away


@intrinsic
def _power_of_two(typingctx, shifted):
    """``2**k``, given ``k + _ROUND``, whose lowest bits are those of the integer ``k``."""

    def generate(context, builder, signature, args):
        whole = ir.IntType(64)
        exponent = builder.add(builder.bitcast(args[0], whole), ir.Constant(whole, 1023))
        bits = builder.shl(exponent, ir.Constant(whole, 52))
        return builder.bitcast(bits, ir.DoubleType())

    return types.float64(types.float64), generate


@compiled
def tanh(x):
    """The hyperbolic tangent in double precision, to three units in the last place."""
    size = abs(x) * 1.0  # double precision, as of a single-precision number times a constant
    y = 2 * (_ONE_IS_REACHED if size > _ONE_IS_REACHED else size)  # NaN stays NaN
    shifted = y * _LOG2_E + _ROUND
    k = shifted - _ROUND
    r = (y - k * _LN_2_HIGH) - k * _LN_2_LOW
    # exp(r) - 1 for |r| <= ln(2) / 2, by its series
    tail = 1 / 39916800 + r * (1 / 479001600 + r * (1 / 6227020800))
    tail = 1 / 362880 + r * (1 / 3628800 + r * tail)
    tail = 1 / 5040 + r * (1 / 40320 + r * tail)
    tail = 1 / 120 + r * (1 / 720 + r * tail)
    of_r = r + r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * tail)))
    power = _power_of_two(shifted)
    of_y = power * of_r + (power - 1)  # exp(y) - 1
    result = of_y / (of_y + 2)
    return math.copysign(result, x)
