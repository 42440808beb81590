"""The dtype policies of Keras that our layers work with, and the precision of what they compute."""

from __future__ import annotations

import keras

from nengo_softlif.errors import ParameterError

__all__ = ["at_least_single", "check_dtype_policy", "check_training_precision"]

_FLOATS = ("float16", "bfloat16", "float32", "float64")

_HALF = ("float16", "bfloat16")


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


def check_training_precision(layer: keras.layers.Layer, training: bool | None) -> None:
    """Raise if a layer is trained with weights in half precision.

    Whether such a model learns depends on its optimizer, which a layer does not know. In bfloat16
    no optimizer changes a weight by less than 1/256 of it, and the beta_2 of Adam, 0.999, is
    rounded to 1. In float16 its epsilon, 1e-7, and the squares of small gradients vanish.

    Parameters
    ----------
    layer : keras.layers.Layer
        Within a model, the weights around it have its dtype.
    training : bool, optional
        Of the call.

    Raises
    ------
    ParameterError
        Naming the layer and the mixed policy, which computes in the same precision.

    Examples
    --------
    >>> check_training_precision(keras.layers.ReLU(dtype="mixed_float16"), training=True)
    """
    policy = layer.variable_dtype
    if training and policy in _HALF:
        raise ParameterError(
            f"{layer.name}: weights must have more than half precision to be trained (got the "
            f"dtype policy {policy!r}, in which the default Adam of Keras does not learn); make "
            f"the model with the dtype policy 'mixed_{policy}', which computes in {policy} and "
            "keeps its weights in float32"
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
