"""Curved activation functions of Keras, as functions of NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import erf, expit

__all__ = ["ACTIVATIONS", "activation"]

_SELU_SCALE = 1.0507009873554805
_SELU_ALPHA = 1.6732632423543772


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
    return ACTIVATIONS[name](np.asarray(x, dtype=float), alpha)


def _elu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _celu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha))


def _gelu_tanh(x, alpha):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def _softplus(x, alpha=1.0):
    return np.logaddexp(0, x)


def _silu(x, alpha):
    return x * expit(x)


def _hard_silu(x, alpha):
    return x * np.clip(x / 6 + 0.5, 0, 1)


ACTIVATIONS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "celu": _celu,
    "elu": _elu,
    "gelu": lambda x, alpha: 0.5 * x * (1 + erf(x / np.sqrt(2))),
    "gelu_tanh": _gelu_tanh,  # what Keras calls gelu with approximate=True
    "hard_shrink": lambda x, alpha: np.where(np.abs(x) > alpha, x, 0),
    "hard_silu": _hard_silu,
    "hard_swish": _hard_silu,
    "log_sigmoid": lambda x, alpha: -_softplus(-x),
    "mish": lambda x, alpha: x * np.tanh(_softplus(x)),
    "selu": lambda x, alpha: _SELU_SCALE * _elu(x, _SELU_ALPHA),
    "silu": _silu,
    "softplus": _softplus,
    "softsign": lambda x, alpha: x / (1 + np.abs(x)),
    "squareplus": lambda x, alpha: 0.5 * (x + np.sqrt(x**2 + 4)),
    "swish": _silu,
    "tanh_shrink": lambda x, alpha: x - np.tanh(x),
    "thresholded_relu": lambda x, alpha: np.where(x > alpha, x, 0),
}
