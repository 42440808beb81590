"""Activation layers, and activations inside of other layers."""

from __future__ import annotations

import numpy as np

from nengo_softlif.conversion.graph import Activation, Neurons
from nengo_softlif.conversion.keras.piecewise import PIECEWISE, sum_of_relus
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer
from nengo_softlif.functional.activations import ACTIVATIONS

__all__ = ["PARSERS", "activate", "is_plain", "kind_of", "vanishes"]

# nothing to do when running
_IDENTITY = ("linear", None)
# not piecewise linear: their own curve is fired as regular spikes
_CURVED = ("sigmoid", "tanh", *sorted(set(ACTIVATIONS) - {"gelu_tanh", "thresholded_relu"}))
_WITH_ALPHA = ("celu", "elu")
_OWN = {
    "SoftLIF": ("soft_lif", ("tau_rc", "tau_ref", "amplitude", "sigma", "noise", "inhibition")),
    "LinearResetLIF": ("linear_reset_lif", ("tau_rc", "leak", "amplitude", "sigma", "noise")),
}
_BY_CLASS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "Softmax": "softmax"}
_NEED_DIVISION = ("softmax", "log_softmax")


def activate(source, name, activation):
    """Apply the activation that a layer has inside.

    Parameters
    ----------
    source : Source
        The layer.
    name : str
        Operation that the activation is applied to.
    activation : str, dict or None
        As in the layer's config.

    Returns
    -------
    name : str
        Of the operation with the result.
    """
    kind, parameters = kind_of(activation)
    if kind in _IDENTITY:
        return name
    if kind == "softmax":
        return _drop_softmax(source, name, parameters)
    if vanishes(source, kind):
        return _drop_sigmoid(source, name)
    if kind in _OWN:
        own_kind, keys = _OWN[kind]
        return _neurons(source, name, own_kind, {key: parameters.get(key) for key in keys})
    if kind == "relu" and is_plain(parameters):
        return _neurons(source, name, "relu", {})
    if kind in PIECEWISE:
        return sum_of_relus(source, name, kind, parameters)
    if kind in _CURVED:
        return _neurons(source, name, kind, _curve_parameters(kind, parameters))
    if kind in _NEED_DIVISION:
        raise UnsupportedLayer(
            f"{kind} needs divisions, which neurons don't do; end the model before it"
        )
    raise UnsupportedLayer(
        f"activation {kind!r} is unknown; use one of SoftLIF, LinearResetLIF, "
        f"{', '.join((*PIECEWISE, *_CURVED))}"
    )


def vanishes(source, activation):
    """Whether an activation leaves nothing to do, so that the result before it is the layer's.

    Parameters
    ----------
    source : Source
    activation : str, dict or None
        As in the layer's config.

    Returns
    -------
    vanishes : bool
    """
    kind, _ = kind_of(activation)
    is_dropped = source.is_last and not source.named & {source.name, "sigmoid"}
    return kind in (*_IDENTITY, "softmax") or (kind == "sigmoid" and is_dropped)


def kind_of(activation):
    """Name and parameters, from what a configuration has for an activation."""
    parameters = {}
    if isinstance(activation, dict):  # a serialized object
        parameters = activation.get("config", {})
        activation = activation.get("class_name", "custom").removeprefix("nengo_softlif>")
        if isinstance(parameters, str):  # a serialized function
            activation, parameters = parameters, {}
    return _BY_CLASS.get(activation, activation), parameters


def is_plain(parameters):
    """Whether a ReLU is nothing but max(x, 0)."""
    is_straight = not parameters.get("negative_slope") and not parameters.get("threshold")
    return is_straight and parameters.get("max_value") is None


def _curve_parameters(kind, parameters):
    if kind in _WITH_ALPHA:
        return {"alpha": float(parameters.get("alpha", 1.0))}
    if kind == "hard_shrink":
        return {"alpha": float(parameters.get("threshold", 0.5))}
    if kind == "gelu" and parameters.get("approximate"):
        return {"approximate": True}
    return {}


def _neurons(source, name, kind, parameters):
    return source.add(
        Neurons(
            name=source.name,
            inputs=(name,),
            shape=source.output_shape,
            activation=Activation(kind, parameters),
        )
    )


def _drop_softmax(source, name, parameters):
    if not source.is_last:
        raise UnsupportedLayer(
            "softmax in the middle of a network needs divisions; only a last one vanishes"
        )
    axis = parameters.get("axis", -1)
    axis = axis[0] if isinstance(axis, (list, tuple)) and len(axis) == 1 else axis
    if axis not in (-1, len(source.output_shape)):
        raise UnsupportedLayer(f"softmax along axis {axis}; classes are on the last axis")
    source.notes.append("softmax dropped: the output is its input, and the largest wins as before")
    source.logits.append(name)
    return name


def _drop_sigmoid(source, name):
    source.notes.append(
        "sigmoid dropped: the output is its input, the logit, above 0 where the sigmoid is above "
        '0.5; to keep it, name neurons for it, such as neurons={"sigmoid": '
        "nengo.RegularSpiking(nengo.Sigmoid(tau_ref=0.01), amplitude=0.01)}"
    )
    source.logits.append(name)
    source.sigmoids.append(name)
    return name


def _apply(source, kind, parameters):
    return activate(source, source.input, {"class_name": kind, "config": parameters})


def _layer(kind):
    """A layer whose configuration has the parameters."""
    return lambda source: _apply(source, kind, source.config)


def _activation(source):
    return activate(source, source.input, source.config["activation"])


def _prelu(source):
    alpha = source.weights["alpha"]
    slope = np.broadcast_to(alpha, source.output_shape).ravel()
    return _apply(source, "leaky_relu", {"negative_slope": slope})


def _thresholded(source):
    """A layer of the older Keras."""
    return _apply(source, "relu", {"threshold": source.config["theta"]})


def _quantized(source):
    raise UnsupportedLayer(
        "its levels are the spikes of neurons that start at half of the threshold; convert what "
        "nengo_softlif.conversion.to_spiking_model(model) returns"
    )


PARSERS = {
    "Activation": _activation,
    "PReLU": _prelu,
    "QuantizedReLU": _quantized,
    "ThresholdedReLU": _thresholded,
    **{cls: _layer(kind) for cls, kind in _BY_CLASS.items()},
    **{cls: _layer(cls) for cls in _OWN},
}
