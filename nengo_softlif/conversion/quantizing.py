"""Build a model with as many levels of activation as spikes from the calls of one with ReLUs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import keras

from nengo_softlif.conversion.swapping import Swap, Value, refusal
from nengo_softlif.layers import QuantizedReLU

__all__ = ["Quantize"]


@dataclass(frozen=True, eq=False)
class Quantize(Swap):
    """As `Swap`, which has the parameters, without a time axis."""

    suffix: ClassVar[str] = "quantized"

    def _present(self, tensor, name):
        return Value(tensor)

    def _wrapped(self, layer, kind, name):
        return layer

    def _neurons(self, call, curve, parameters, value):
        if curve == "linear":
            return value
        if curve != "relu":
            raise refusal(call, f"the activation {curve!r} can't be quantized; use ReLUs")
        layer = QuantizedReLU(self.n_steps, self.thresholds[call.name], name=self._name(call))
        return Value(layer(value.tensor), is_spikes=True)

    def _read(self, name, value, activation):
        if activation == "linear":
            return value.tensor
        return keras.layers.Activation(activation, name=f"{name}_{activation}")(value.tensor)
