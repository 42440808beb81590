"""The dtype policies of Keras that our layers work with, and the precision of what they compute."""

from __future__ import annotations

import keras

from nengo_softlif.errors import ParameterError, warn

__all__ = ["at_least_single", "check_dtype_policy", "warn_of_adam"]

_FLOATS = ("float16", "bfloat16", "float32", "float64")

# By dtype of the weights: what goes wrong in Keras's Adam with its default parameters, and a change
# that helps.
_ADAM = {
    "float16": (
        "turns weights into nan, since the squares of small gradients vanish in float16",
        "epsilon=1e-4",
    ),
    "bfloat16": (
        "changes no weight, since its beta_2 of 0.999 is rounded to 1 in bfloat16",
        "beta_2=0.99",
    ),
}


def check_dtype_policy(layer: keras.layers.Layer) -> None:
    """Raise unless a layer computes in floating point.

    Parameters
    ----------
    layer : keras.layers.Layer

    Raises
    ------
    ParameterError
        If its dtype policy is quantized, or of numbers that have no gradient.

    Examples
    --------
    >>> check_dtype_policy(keras.layers.ReLU(dtype="mixed_float16"))
    """
    if layer.quantization_mode is not None:
        source = layer.dtype_policy.name.partition("_from_")[2]
        hint = (
            f"make the layer with dtype={source!r}, and call "
            f"model.quantize({layer.quantization_mode!r}) to quantize the layers that support it"
        )
    elif layer.compute_dtype not in _FLOATS:
        hint = "make the layer with dtype='float32', for instance"
    else:
        return
    raise ParameterError(
        f"{layer.name}.dtype must be a policy that computes in {', '.join(_FLOATS[:-1])} or "
        f"{_FLOATS[-1]} (got {layer.dtype_policy.name!r}); {hint}"
    )


def warn_of_adam(layer: keras.layers.Layer) -> None:
    """Warn if the default Adam can't train a model under the dtype policy of a layer.

    The message names no layer, so that Python shows it once for all of them.

    Parameters
    ----------
    layer : keras.layers.Layer

    Examples
    --------
    >>> warn_of_adam(keras.layers.ReLU(dtype="mixed_float16"))
    """
    policy = layer.variable_dtype  # that of the weights around the layer
    if policy in _ADAM:
        what, change = _ADAM[policy]
        warn(
            f"under the dtype policy {policy!r} the default Adam {what}; use the policy "
            f"'mixed_{policy}', or keras.optimizers.Adam({change})"
        )


def at_least_single(dtype: str) -> str:
    """Return the dtype in which rates are computed for inputs of some dtype.

    Near and below the threshold the terms of a rate curve, and the squares of rates, leave the
    range of float16, and bfloat16 has two digits. The results fit in again.

    Parameters
    ----------
    dtype : str
        Of inputs and outputs.

    Returns
    -------
    dtype : str
        "float64" for itself, otherwise "float32".

    Examples
    --------
    >>> at_least_single("bfloat16"), at_least_single("float64")
    ('float32', 'float64')
    """
    return "float64" if dtype == "float64" else "float32"
