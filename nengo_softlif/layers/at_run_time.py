"""Errors about values, which compiled models meet only while they run."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras

from nengo_softlif.errors import ParameterError

__all__ = ["raise_unless"]


def raise_unless(is_right: Any, message: str, *numbers: Any) -> None:
    """Raise an error at once, or when compiled code runs, as an error of its backend.

    TensorFlow leaves such checks out with ``jit_compile=True``, so that what depends on them should
    become NaN, too.

    Parameters
    ----------
    is_right : () tensor of bool
    message : str
        With {} for each of the numbers.
    *numbers : () tensor

    Raises
    ------
    ParameterError
        If ``is_right`` is False and the code is not compiled.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        if tf.inside_function():
            first, *others = message.split("{}")
            parts = [first]
            for number, words in zip(numbers, others, strict=True):
                parts += [number, words]
            tf.debugging.Assert(is_right, parts)
            return
    elif backend == "jax":
        import jax
        from jax.core import Tracer

        if isinstance(is_right, Tracer):
            jax.debug.callback(partial(_raise_unless, message=message), is_right, *numbers)
            return
    _raise_unless(is_right, *numbers, message=message)


def _raise_unless(is_right: Any, *numbers: Any, message: str) -> None:
    if not bool(is_right):
        raise ParameterError(message.format(*(f"{float(number):.4g}" for number in numbers)))
