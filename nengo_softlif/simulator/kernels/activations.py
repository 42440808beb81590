"""Kernel of the curves of Keras' activations, compiled from `nengo_softlif.functional`."""

import math
from typing import NamedTuple

from nengo_softlif.compiled.choice import larger, magnitude, smaller, where
from nengo_softlif.compiled.compiler import compiled, kernel
from nengo_softlif.compiled.hyperbolic import tanh
from nengo_softlif.compiled.simd import array
from nengo_softlif.functional.activations import ACTIVATIONS
from nengo_softlif.simulator.kernels.curves import softplus

__all__ = ["CURVES", "activation_rate"]

_celu = compiled(ACTIVATIONS["celu"])
_elu = compiled(ACTIVATIONS["elu"])
_gelu = compiled(ACTIVATIONS["gelu"])
_gelu_tanh = compiled(ACTIVATIONS["gelu_tanh"])
_hard_shrink = compiled(ACTIVATIONS["hard_shrink"])
_hard_silu = compiled(ACTIVATIONS["hard_silu"])
_log_sigmoid = compiled(ACTIVATIONS["log_sigmoid"])
_mish = compiled(ACTIVATIONS["mish"])
_selu = compiled(ACTIVATIONS["selu"])
_silu = compiled(ACTIVATIONS["silu"])
_softplus = compiled(ACTIVATIONS["softplus"])
_softsign = compiled(ACTIVATIONS["softsign"])
_squareplus = compiled(ACTIVATIONS["squareplus"])
_tanh_shrink = compiled(ACTIVATIONS["tanh_shrink"])
_thresholded_relu = compiled(ACTIVATIONS["thresholded_relu"])

# Numbers of the curves, in the order of `curve_at`: Numba stores no code that loops over functions.
_ORDER = (
    "celu",
    "elu",
    "gelu",
    "gelu_tanh",
    "hard_shrink",
    "hard_silu",
    "log_sigmoid",
    "mish",
    "selu",
    "silu",
    "softplus",
    "softsign",
    "squareplus",
    "tanh_shrink",
    "thresholded_relu",
)
CURVES = {
    name: next(i for i, other in enumerate(_ORDER) if ACTIVATIONS[other] is function)
    for name, function in ACTIVATIONS.items()
}

GELU_TANH, TANH_SHRINK = _ORDER.index("gelu_tanh"), _ORDER.index("tanh_shrink")


class _Functions(NamedTuple):
    """The namespace that the curves take; Numba knows tuples of functions."""

    abs: object
    erf: object
    exp: object
    expm1: object
    maximum: object
    minimum: object
    sigmoid: object
    softplus: object
    sqrt: object
    tanh: object
    where: object


@compiled
def sigmoid(x):
    """Logistic curve."""
    return 1 / (1 + math.exp(-x))


@compiled
def curve_at(curve, x, alpha):
    """The curve of a number at a point."""
    xp = _Functions(
        abs=magnitude,
        erf=math.erf,
        exp=math.exp,
        expm1=math.expm1,
        maximum=larger,
        minimum=smaller,
        sigmoid=sigmoid,
        softplus=softplus,
        sqrt=math.sqrt,
        tanh=tanh,
        where=where,
    )
    if curve == 0:
        y = _celu(x, alpha, xp)
    elif curve == 1:
        y = _elu(x, alpha, xp)
    elif curve == 2:
        y = _gelu(x, alpha, xp)
    elif curve == GELU_TANH:
        y = _gelu_tanh(x, alpha, xp)
    elif curve == 4:
        y = _hard_shrink(x, alpha, xp)
    elif curve == 5:
        y = _hard_silu(x, alpha, xp)
    elif curve == 6:
        y = _log_sigmoid(x, alpha, xp)
    elif curve == 7:
        y = _mish(x, alpha, xp)
    elif curve == 8:
        y = _selu(x, alpha, xp)
    elif curve == 9:
        y = _silu(x, alpha, xp)
    elif curve == 10:
        y = _softplus(x, alpha, xp)
    elif curve == 11:
        y = _softsign(x, alpha, xp)
    elif curve == 12:
        y = _squareplus(x, alpha, xp)
    elif curve == TANH_SHRINK:
        y = _tanh_shrink(x, alpha, xp)
    else:
        y = _thresholded_relu(x, alpha, xp)
    return y


@kernel(operands="current output n curve", reals="rate alpha")
def activation_rate(at, real):
    """Rates with one of the curves, by its number in `CURVES`."""
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    rate, alpha = real.rate, real.alpha
    if at.curve == GELU_TANH:  # loops with one curve each become vector instructions
        for i in range(n):
            output[i] = rate * curve_at(GELU_TANH, current[i], alpha)
    elif at.curve == TANH_SHRINK:
        for i in range(n):
            output[i] = rate * curve_at(TANH_SHRINK, current[i], alpha)
    else:
        for i in range(n):
            output[i] = rate * curve_at(at.curve, current[i], alpha)
