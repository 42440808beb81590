"""Curved activation functions of Keras, for NumPy and for the compiled simulator."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.special import erf, expit

__all__ = ["ACTIVATIONS", "activation"]

_SELU_SCALE = 1.0507009873554805
_SELU_ALPHA = 1.6732632423543772
_SQRT_2 = math.sqrt(2)
_SQRT_2_OVER_PI = math.sqrt(2 / math.pi)

_NUMPY = SimpleNamespace(
    abs=np.abs,
    erf=erf,
    exp=np.exp,
    expm1=np.expm1,
    maximum=np.maximum,
    minimum=np.minimum,
    sigmoid=expit,
    softplus=lambda x: np.logaddexp(0, x),
    sqrt=np.sqrt,
    tanh=np.tanh,
    where=np.where,
)


def activation(name: str, x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """Apply an activation function of Keras elementwise.

    Parameters
    ----------
    name : str
        One of `ACTIVATIONS`, most of which are called as in Keras.
    x : array_like
        Any shape.
    alpha : float
        Parameter of the curves that have one: what "elu" and "celu" saturate at (negated), the
        threshold of "thresholded_relu" and "hard_shrink". Other curves ignore it.

    Returns
    -------
    y : ndarray
        Of the shape of ``x``.

    Raises
    ------
    KeyError
        If the name is unknown.

    Examples
    --------
    >>> activation("elu", [-1e3, 0.0, 2.0], alpha=0.5)
    array([-0.5,  0. ,  2. ])
    """
    return ACTIVATIONS[name](np.asarray(x, dtype=float), alpha, _NUMPY)


# Functions of three without keywords, so that Numba can compile them: x, alpha, and a namespace of
# functions. Products are written out, since x**2 of a single number is another function.


def _elu(x, alpha, xp):
    return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, 0.0)))


def _celu(x, alpha, xp):
    return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, 0.0) / alpha))


def _gelu(x, alpha, xp):
    return 0.5 * x * (1 + xp.erf(x / _SQRT_2))


def _gelu_tanh(x, alpha, xp):
    return 0.5 * x * (1 + xp.tanh(_SQRT_2_OVER_PI * (x + 0.044715 * (x * x * x))))


def _hard_shrink(x, alpha, xp):
    return xp.where(xp.abs(x) > alpha, x, 0.0)


def _hard_silu(x, alpha, xp):
    return x * xp.minimum(xp.maximum(x / 6 + 0.5, 0.0), 1.0)


def _log_sigmoid(x, alpha, xp):
    return -xp.softplus(-x)


def _mish(x, alpha, xp):
    # tanh(log(1 + e)) = (e^2 + 2 e) / (e^2 + 2 e + 2), which is 1 from x = 20 on
    e = xp.exp(xp.minimum(x, 20.0))
    n = e * (e + 2)
    return x * (n / (n + 2))


def _selu(x, alpha, xp):
    negative = _SELU_ALPHA * xp.expm1(xp.minimum(x, 0.0))
    return _SELU_SCALE * xp.where(x > 0, x, negative)


def _silu(x, alpha, xp):
    return x * xp.sigmoid(x)


def _softplus(x, alpha, xp):
    return xp.softplus(x)


def _softsign(x, alpha, xp):
    return x / (1 + xp.abs(x))


def _squareplus(x, alpha, xp):
    return 0.5 * (x + xp.sqrt(x * x + 4))


def _tanh_shrink(x, alpha, xp):
    return x - xp.tanh(x)


def _thresholded_relu(x, alpha, xp):
    return xp.where(x > alpha, x, 0.0)


ACTIVATIONS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "celu": _celu,
    "elu": _elu,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,  # what Keras calls gelu with approximate=True
    "hard_shrink": _hard_shrink,
    "hard_silu": _hard_silu,
    "hard_swish": _hard_silu,
    "log_sigmoid": _log_sigmoid,
    "mish": _mish,
    "selu": _selu,
    "silu": _silu,
    "softplus": _softplus,
    "softsign": _softsign,
    "squareplus": _squareplus,
    "swish": _silu,
    "tanh_shrink": _tanh_shrink,
    "thresholded_relu": _thresholded_relu,
}
