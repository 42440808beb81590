"""Models of numbers of 16 bits, which Nengo and SciPy don't compute with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

__all__ = ["in_single_precision", "is_half", "stays_half"]


def is_half(numbers: Any) -> bool:
    """Whether an array, a weight or a layer has numbers of 16 bits.

    Parameters
    ----------
    numbers : array, keras.Variable or keras.layers.Layer
        What counts for a layer is what it computes in.
    """
    dtype = getattr(numbers, "compute_dtype", None) or getattr(numbers, "dtype", None)
    return getattr(dtype, "name", dtype) in ("bfloat16", "float16")


def stays_half(layer: Any) -> bool:
    """Whether a layer can't compute in single precision: one of tf_keras with half weights.

    Parameters
    ----------
    layer : keras.layers.Layer or tf_keras.layers.Layer
    """
    return hasattr(layer, "_set_dtype_policy") and any(map(is_half, layer.weights))


@contextmanager
def in_single_precision(model: Any) -> Iterator[None]:
    """Let a model compute in single precision meanwhile where it would in half.

    Its rounding would hide what a comparison with another network is to find.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
    """
    with ExitStack() as stack:
        half = [weight for weight in model.weights if is_half(weight)]
        if half and not hasattr(model, "_set_dtype_policy"):  # Keras 3
            from keras import StatelessScope, ops

            values = stack.enter_context(StatelessScope()).state_mapping
            values.update((id(weight), ops.cast(weight.value, "float32")) for weight in half)
        for layer in model._flatten_layers():
            if is_half(layer) and not stays_half(layer):
                stack.callback(_set_policy, layer, layer.dtype_policy)
                _set_policy(layer, "float32")
                for name in ("mean", "variance"):  # constants of keras.layers.Normalization
                    constant = getattr(layer, name, None)
                    if is_half(constant):
                        stack.callback(setattr, layer, name, constant)
                        setattr(layer, name, np.asarray(constant).astype("float32"))
        yield


def _set_policy(layer, policy):
    if hasattr(layer, "_set_dtype_policy"):  # tf_keras
        layer._set_dtype_policy(policy)
    else:
        layer.dtype_policy = policy
