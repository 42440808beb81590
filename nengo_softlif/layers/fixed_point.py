"""Training in the arithmetic of Loihi: numbers are rounded, and gradients go straight through."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.fixed_point import (
    HIGHEST_VOLTAGE,
    UNIT,
    integrate_fixed,
    round_weights,
)
from nengo_softlif.layers.spike_scan import Dynamics
from nengo_softlif.validation import check_choice

__all__ = ["FixedPointDynamics", "check_quantize", "quantized_weights", "straight_through"]


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


class FixedPointDynamics(Dynamics):
    """LIF neurons whose voltages are those of the chip; the gradient is that of real numbers."""

    def integrate(self, J: Any, before: Any, decay: Any) -> Any:
        """Voltage of a step before it is compared with the threshold."""
        highest = HIGHEST_VOLTAGE * UNIT
        return integrate_fixed(J, before, decay, self.min_voltage, UNIT, highest, ops)
