"""Build a model that trains in spikes from the calls of one that was trained as rates."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import keras

from nengo_softlif.conversion.keras import linear, pooling, shaping
from nengo_softlif.conversion.keras.activations import is_plain, kind_of
from nengo_softlif.conversion.keras.calls import class_names, config_of
from nengo_softlif.errors import ConversionError
from nengo_softlif.functional.discrete_lif import STEP
from nengo_softlif.functional.surrogates import Surrogate
from nengo_softlif.layers import DiscreteLIF, LeakyIntegrator, OverTime, RepeatSteps

__all__ = ["Swap", "Value", "curve_of", "refusal"]

_MERGING = ("Add", "Average", "Concatenate", "Subtract")
_KEEP_SCALE = ("AveragePooling", "Dropout", "Flatten", "GlobalAverage", "MaxPooling", "Reshape")
_OPERATORS = ("Add", "Subtract")  # of bare operations such as ``x + y``
_NOTHING_BUT_A_CURVE = (
    "Activation",
    "LinearResetLIF",
    "QuantizedReLU",
    "ReLU",
    "SoftLIF",
    "Softmax",
)
_LINEAR = {
    "Activation",
    "InputLayer",
    *_MERGING,
    *linear.PARSERS,
    *(kind for kind in pooling.PARSERS if not kind.startswith("GlobalMax")),
    *shaping.PARSERS,
}
_LAST = ("softmax", "sigmoid")  # activations that stay behind the readout


@dataclass(frozen=True)
class Value:
    """A tensor, still to be multiplied with a number."""

    tensor: Any
    scale: float = 1.0
    is_spikes: bool = False

    def scaled(self):
        """The tensor times the number."""
        return _rescaled(self.tensor, self.scale)


@dataclass(frozen=True, eq=False)
class Swap:
    """Builds the spiking model, call by call; see `nengo_softlif.conversion.to_spiking_model`.

    Parameters
    ----------
    thresholds : dict of str to float
        Activation of one spike in every step, by call, of the ReLUs.
    n_steps : int
    start : float
    surrogate : Surrogate
    """

    thresholds: dict
    n_steps: int
    start: float
    surrogate: Surrogate
    suffix: ClassVar[str] = "in_spikes"  # of the model's name
    made: dict = field(default_factory=dict)  # id of a layer -> the layer, and its copy

    def run(self, name: str, calls: list, outputs: list) -> keras.Model:
        """Build the model.

        Parameters
        ----------
        name : str
            Of the model of rates.
        calls : list of Call
        outputs : list of int
            Identities of the tensors that it returns.

        Returns
        -------
        model : keras.Model
        """
        values, inputs, results, has_neurons = {}, [], {}, False
        for call in calls:
            (made,) = call.outputs
            if "InputLayer" in class_names(call.layer):
                inputs.append(keras.Input(call.output_shapes[0], name=call.name))
                values[made] = self._present(inputs[-1], call.name)
                continue
            curve, parameters = curve_of(call)
            has_neurons |= curve != "linear" and not (made in outputs and curve in _LAST)
            value = self._linear(call, [values[i] for i in call.inputs])
            if made in outputs:
                kept = curve if curve in _LAST else "linear"
                if curve not in _LAST:
                    value = self._neurons(call, curve, parameters, value)
                results[made] = self._read(call.name, value, kept)
            else:
                value = self._neurons(call, curve, parameters, value)
            values[made] = value
        if not has_neurons:
            raise ConversionError(
                f"{name}: there is no activation to swap for neurons; add activations to its "
                "layers, such as keras.layers.Dense(100, activation='relu'), and train it"
            )
        outputs = [results[i] for i in outputs]
        model = keras.Model(
            inputs[0] if len(inputs) == 1 else inputs,
            outputs[0] if len(outputs) == 1 else outputs,
            name=f"{name}_{self.suffix}",
        )
        for layer, copy in self.made.values():
            copy.set_weights(layer.get_weights())
        return model

    def _present(self, tensor, name):
        return Value(RepeatSteps(self.n_steps, name=f"{name}_steps")(tensor))

    def _linear(self, call, taken):
        """What a layer makes of each step, before its activation."""
        kind = class_names(call.layer)[0]
        if kind in _NOTHING_BUT_A_CURVE:
            return taken[0]
        if not call.is_layer:
            arguments, options = call.arguments([value.scaled() for value in taken])
            return Value(call.layer(*arguments, **options))
        if kind.startswith("MaxPooling") and not taken[0].is_spikes:
            raise refusal(call, "max pooling works on spikes only; put it behind an activation")
        keeps = kind.startswith(_KEEP_SCALE)
        tensors = [value.tensor if keeps else value.scaled() for value in taken]
        layer = self._copy(call, kind)
        made = layer(tensors[0] if len(tensors) == 1 else tensors)
        if not keeps:
            return Value(made)
        is_spikes = taken[0].is_spikes and not kind.startswith(("Average", "GlobalAverage"))
        return Value(made, taken[0].scale, is_spikes)

    def _copy(self, call, kind):
        layer = call.layer
        if id(layer) not in self.made:
            config = layer.get_config()
            if "activation" in config:
                config["activation"] = "linear"
            copy = type(layer).from_config(config)
            self.made[id(layer)] = layer, copy
        _, copy = self.made[id(layer)]
        return self._wrapped(copy, kind, call.name)

    def _wrapped(self, layer, kind, name):
        return layer if kind in ("Dense", *_MERGING) else OverTime(layer, name=f"{name}_steps")

    def _neurons(self, call, curve, parameters, value):
        if curve == "linear":
            return value
        gain, height, options = self._dynamics(call, curve, parameters)
        layer = DiscreteLIF(surrogate=self.surrogate, name=self._name(call), **options)
        return Value(layer(_rescaled(value.scaled(), gain)), height, is_spikes=True)

    @staticmethod
    def _name(call):
        alone = class_names(call.layer)[0] in _NOTHING_BUT_A_CURVE
        return call.name if alone else f"{call.name}_spikes"

    def _dynamics(self, call, curve, parameters):
        """Factors of currents and of spikes, and the parameters of the neurons."""
        if curve in ("relu", "QuantizedReLU"):
            threshold = parameters.get("threshold") or self.thresholds[call.name]
            options = {"decay": 1.0, "reset": "subtract", "initial_voltage": self.start}
            return 1 / threshold, threshold, options
        if curve not in ("SoftLIF", "LinearResetLIF"):
            raise refusal(
                call,
                f"there is no spiking neuron for the activation {curve!r}; use ReLUs, "
                "nengo_softlif.layers.SoftLIF or LinearResetLIF",
            )
        height = parameters["amplitude"] / STEP
        ratio = STEP / parameters["tau_rc"]
        if curve == "SoftLIF":
            # a spike comes half a step late on average, so that a refractory step less is due
            n_refractory = max(0, round(parameters["tau_ref"] / STEP) - 1)
            return -math.expm1(-ratio), height, _leaky(ratio, "zero", n_refractory)
        if parameters["leak"]:
            return -math.expm1(-ratio), height, _leaky(ratio, "subtract")
        return ratio, height, {"decay": 1.0, "reset": "subtract", "min_voltage": 0.0}

    def _read(self, name, value, activation):
        result = LeakyIntegrator(name=f"{name}_sum")(value.tensor)
        result = _rescaled(result, value.scale / self.n_steps)
        return result if activation == "linear" else keras.layers.Activation(activation)(result)


def _rescaled(tensor, factor):
    return tensor if factor == 1 else keras.layers.Rescaling(factor)(tensor)


def _leaky(ratio, reset, refractory_steps=0):
    return {
        "decay": math.exp(-ratio),
        "reset": reset,
        "min_voltage": 0.0,
        "refractory_steps": refractory_steps,
    }


def curve_of(call):
    """Name and parameters of the activation of a layer."""
    kind = class_names(call.layer)[0]
    if not call.is_layer:
        if kind not in _OPERATORS:
            raise refusal(call, f"the operation {kind} is unsupported; use layers of Keras")
        return "linear", {}
    config = config_of(call.layer)
    if kind in ("SoftLIF", "LinearResetLIF"):
        return kind, config
    if kind == "QuantizedReLU":
        return kind, {"threshold": float(call.layer.trained_threshold)}
    if kind in ("ReLU", "Softmax"):
        return (kind.lower() if is_plain(config) else f"{kind} with parameters"), {}
    if kind == "Concatenate" and config["axis"] not in (-1, len(call.output_shapes[0])):
        raise refusal(call, "only the last axis can be concatenated; use axis=-1")
    if kind not in _LINEAR:
        raise refusal(
            call,
            "it does not work step by step, or has no spiking neurons; use ReLUs and linear layers",
        )
    return kind_of(config.get("activation", "linear"))


def refusal(call, why):
    """Error for a call that can't be swapped."""
    return ConversionError(f"{call.name} ({type(call.layer).__name__}): {why}")
