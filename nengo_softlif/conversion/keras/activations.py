"""Activation layers, and activations inside of other layers."""

from __future__ import annotations

from nengo_softlif.conversion.graph import Activation, Neurons, Sum
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer

__all__ = ["PARSERS", "activate"]

# nothing to do when running
_IDENTITY = ("linear", None)
# computed by no neuron of ours; a neuron type can be named for them
_NAMED = ("sigmoid", "tanh", "softplus", "softsign", "elu", "selu", "gelu", "swish", "silu")


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
    parameters = {}
    if isinstance(activation, dict):  # a serialized object
        parameters = activation.get("config", {})
        activation = activation.get("class_name", "custom")
        if isinstance(parameters, str):  # a serialized function
            activation, parameters = parameters, {}
    if activation in _IDENTITY:
        return name
    shape = source.output_shape
    if activation == "softmax":
        return _drop_softmax(source, name)
    if activation in ("relu", "ReLU"):
        return _relu(source, name, parameters)
    if activation in ("leaky_relu", "LeakyReLU"):
        slope = parameters.get("negative_slope", parameters.get("alpha", 0.2))
        return _leaky(source, name, slope)
    if activation in ("SoftLIF", "nengo_softlif>SoftLIF"):
        return _neurons(source, name, shape, _soft_lif(parameters))
    if activation in ("LinearResetLIF", "nengo_softlif>LinearResetLIF"):
        return _neurons(source, name, shape, _linear_reset(parameters))
    if activation in _NAMED:
        return _neurons(source, name, shape, Activation(activation))
    raise UnsupportedLayer(
        f"activation {activation!r} is unknown; use relu, leaky_relu, SoftLIF, LinearResetLIF, "
        f"or one of {', '.join(_NAMED)} with a neuron type of your own"
    )


def _neurons(source, name, shape, activation, suffix=""):
    return source.add(Neurons(source.name + suffix, (name,), shape, activation=activation))


def _relu(source, name, parameters):
    if parameters.get("max_value") is not None:
        raise UnsupportedLayer(
            f"max_value={parameters['max_value']} has no spiking counterpart; leave it out"
        )
    if parameters.get("threshold"):
        raise UnsupportedLayer(
            f"threshold={parameters['threshold']} has no spiking counterpart; leave it out"
        )
    slope = parameters.get("negative_slope") or 0.0
    if slope:
        return _leaky(source, name, slope)
    return _neurons(source, name, source.output_shape, Activation("relu"))


def _leaky(source, name, slope):
    """Two rectifying populations: leaky(z) = relu(z) - slope * relu(-z)."""
    shape, relu = source.output_shape, Activation("relu")
    flipped = source.add(Sum(f"{source.name}/flip", (name,), shape, weights=(-1.0,)))
    positive = _neurons(source, name, shape, relu, "/positive")
    negative = _neurons(source, flipped, shape, relu, "/negative")
    source.notes.append("leaky ReLU became a pair of rectifying populations")
    return source.add(Sum(source.name, (positive, negative), shape, weights=(1.0, -float(slope))))


def _drop_softmax(source, name):
    if not source.is_last:
        raise UnsupportedLayer(
            "softmax in the middle of a network needs divisions; only a last one vanishes"
        )
    if source.config.get("axis", -1) not in (-1, len(source.output_shape)):
        raise UnsupportedLayer(
            f"softmax along axis {source.config['axis']}; classes are on the last axis"
        )
    source.notes.append("softmax dropped: the output is its input, and the largest wins as before")
    source.logits.append(name)
    return name


def _soft_lif(config):
    keys = ("tau_rc", "tau_ref", "amplitude", "sigma", "noise")
    return Activation("soft_lif", {key: config[key] for key in keys})


def _linear_reset(config):
    keys = ("tau_rc", "leak", "amplitude", "sigma", "noise")
    return Activation("linear_reset_lif", {key: config[key] for key in keys})


def _activation_layer(source):
    return activate(source, source.input, source.config["activation"])


def _relu_layer(source):
    return _relu(source, source.input, source.config)


def _leaky_layer(source):
    slope = source.config.get("negative_slope", source.config.get("alpha"))
    return _leaky(source, source.input, slope)


def _softmax_layer(source):
    return _drop_softmax(source, source.input)


def _soft_lif_layer(source):
    return _neurons(source, source.input, source.output_shape, _soft_lif(source.config))


def _linear_reset_layer(source):
    return _neurons(source, source.input, source.output_shape, _linear_reset(source.config))


PARSERS = {
    "Activation": _activation_layer,
    "LeakyReLU": _leaky_layer,
    "LinearResetLIF": _linear_reset_layer,
    "ReLU": _relu_layer,
    "SoftLIF": _soft_lif_layer,
    "Softmax": _softmax_layer,
}
