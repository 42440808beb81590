"""Training in the arithmetic of Loihi: numbers are rounded, and gradients go straight through."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.fixed_point import (
    HIGHEST_INPUT,
    HIGHEST_VOLTAGE,
    UNIT,
    integrate_fixed,
    round_weights,
)
from nengo_softlif.layers.at_run_time import raise_unless
from nengo_softlif.layers.spike_scan import Dynamics
from nengo_softlif.validation import check_choice

__all__ = [
    "FixedPointDynamics",
    "check_quantize",
    "nan_if_beyond",
    "quantized_weights",
    "straight_through",
]


def check_quantize(layer: keras.layers.Layer, quantize: str | None) -> str | None:
    """Check the option ``quantize`` of a layer.

    Parameters
    ----------
    layer : keras.layers.Layer
    quantize : {None, "loihi"}

    Returns
    -------
    quantize : str or None

    Raises
    ------
    ParameterError
        If it is another value, or the layer computes in less than single precision.
    """
    check_choice(f"{layer.name}.quantize", quantize, (None, "loihi"))
    if quantize and layer.compute_dtype not in ("float32", "float64"):
        raise ParameterError(
            f"{layer.name}.dtype must compute in float32 or float64 with quantize='loihi' (got "
            f"{layer.dtype_policy.name!r}), since the voltages of the chip have 23 bits; make the "
            "layer with dtype='float32'"
        )
    return quantize


def straight_through(x: Any, rounded: Any) -> Any:
    """Return rounded numbers with the gradient of those that were rounded.

    Parameters
    ----------
    x, rounded : tensor

    Returns
    -------
    rounded : tensor
        The same to the last bit: what is added is zero.
    """
    return ops.stop_gradient(rounded) + (x - ops.stop_gradient(x))


def quantized_weights(weights: Any) -> Any:
    """Weights of a layer in 8 bits, with the gradient of the identity.

    Parameters
    ----------
    weights : tensor

    Returns
    -------
    weights : tensor
    """
    weights = ops.convert_to_tensor(weights)
    return straight_through(weights, round_weights(weights, ops))


def nan_if_beyond(layer: keras.layers.Layer, spikes: Any, inputs: Any) -> Any:
    """Refuse inputs of a step that are beyond the numbers of the chip, where they overflow.

    Parameters
    ----------
    layer : keras.layers.Layer
    spikes : tensor
        Of the layer.
    inputs : tensor
        Sums of weights that arrive in each step.

    Returns
    -------
    spikes : tensor
        NaN if an input is beyond and compiled code leaves checks out.

    Raises
    ------
    ParameterError
        If an input is beyond.
    """
    if 0 in inputs.shape:
        return spikes
    inputs = ops.stop_gradient(inputs)
    lowest, highest = ops.min(inputs), ops.max(inputs)
    limit = HIGHEST_INPUT * UNIT
    is_right = ops.logical_and(lowest >= -limit, highest <= limit)
    message = (
        f"inputs of {layer.name} in a step must be from -16 to 16 with quantize='loihi' (got {{}} "
        "to {}), since sums of the chip overflow there; make its threshold and the weights before "
        "it smaller by the same factor"
    )
    raise_unless(is_right, message, lowest, highest)
    return ops.where(is_right, spikes, ops.cast(float("nan"), spikes.dtype))


class FixedPointDynamics(Dynamics):
    """LIF neurons whose voltages are those of the chip; the gradient is that of real numbers."""

    def integrate(self, J: Any, before: Any, decay: Any) -> Any:
        """Voltage of a step before it is compared with the threshold."""
        highest = HIGHEST_VOLTAGE * UNIT
        return integrate_fixed(J, before, decay, self.min_voltage, UNIT, highest, ops)
