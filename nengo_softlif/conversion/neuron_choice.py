"""Which neuron type takes the place of which activation."""

from __future__ import annotations

import inspect
from dataclasses import replace

import nengo
import numpy as np
from nengo.neurons import NeuronType

from nengo_softlif.errors import ConversionError, ParameterError
from nengo_softlif.functional.discrete_lif import STEP
from nengo_softlif.functional.noise import noise_from_config
from nengo_softlif.neurons import (
    ActivationRate,
    SpikingDiscreteLIF,
    SpikingLIF,
    SpikingLinearResetLIF,
)
from nengo_softlif.validation import check_name, is_number

__all__ = [
    "checked_neurons",
    "choose_neurons",
    "choose_synapses",
    "with_amplitude",
    "with_parameters",
]

# computed by spiking neurons themselves
_OF_NEURONS = ("relu", "soft_lif", "linear_reset_lif", "discrete_lif")


def checked_neurons(neurons):
    """Check neuron types that a user names.

    Parameters
    ----------
    neurons : dict of str to nengo.neurons.NeuronType

    Returns
    -------
    neurons : dict

    Raises
    ------
    ParameterError
        If it is no dict, or a value is no type of neurons.
    """
    if not isinstance(neurons, dict):
        raise ParameterError(
            "neurons must be a dict from layer names or activations to Nengo neuron types, such "
            f'as {{"relu": nengo.SpikingRectifiedLinear()}} (got {neurons!r})'
        )
    for key, neuron_type in neurons.items():
        if not isinstance(neuron_type, NeuronType) or isinstance(neuron_type, nengo.Direct):
            raise ParameterError(
                f"neurons[{key!r}] must be a Nengo neuron type with neurons, such as "
                f"nengo_softlif.SpikingLIF() (got {neuron_type!r})"
            )
    return neurons


def choose_neurons(graph, neurons, *, strict=False):
    """Give every population a spiking neuron type.

    Parameters
    ----------
    graph : Graph
    neurons : dict of str to nengo.neurons.NeuronType
        By layer name or by activation ("relu", "soft_lif", "sigmoid", ...). The amplitude of a
        type given here is multiplied by that of the layer.
    strict : bool
        Refuse activations that no spiking neuron computes by itself.

    Returns
    -------
    graph : Graph

    Raises
    ------
    ConversionError
        Naming every layer without a neuron type, or a key that fits two things.
    UnknownNameError
        If a key fits nothing.
    """
    _check_keys(graph, neurons)
    changes, curved = {}, []
    for op in graph.neurons:
        kind, parameters = op.activation.kind, op.activation.parameters
        given = neurons.get(op.name, neurons.get(kind))
        if given is not None:
            chosen = with_amplitude(given, parameters.get("amplitude", 1.0))
        elif kind in _OF_NEURONS:
            chosen = _spiking(kind, parameters)
        else:
            chosen = nengo.RegularSpiking(_curve(kind, parameters))
            curved.append(op)
        changes[op.name] = replace(op, neuron_type=chosen)
    if curved and strict:
        kind, parameters = curved[0].activation.kind, curved[0].activation.parameters
        raise ConversionError(
            "no spiking neuron has the curve of:\n"
            + "\n".join(f"  - {op.name} ({op.activation.kind})" for op in curved)
            + f"\nName a type for it, such as neurons={{{kind!r}: nengo.RegularSpiking("
            f"{_curve(kind, parameters)})}}, train with SoftLIF, or leave out strict=True, with "
            "which conversion does the former"
        )
    notes = [
        f"{op.name}: no spiking neuron has the curve of {op.activation.kind}; it is fired as "
        "regular spikes (nengo.RegularSpiking)"
        for op in curved
    ]
    return graph.replaced(changes, notes=notes)


def _check_keys(graph, neurons):
    kinds = {op.name: op.activation.kind for op in graph.neurons}
    known = {*kinds, *kinds.values(), *_OF_NEURONS}
    for key in neurons:
        check_name("neurons: layer or activation", key, dict.fromkeys(sorted(known)))
        others = [name for name, kind in kinds.items() if kind == key and name != key]
        if key in kinds and others:
            raise ConversionError(
                f"neurons: {key!r} is a layer and also the activation of {', '.join(others)}; "
                "rename the layer"
            )


def _spiking(kind, parameters):
    """Spiking neurons that have the curve by themselves."""
    parameters = dict(parameters)
    if parameters.get("noise") is not None:
        parameters["noise"] = noise_from_config(parameters["noise"])
    if kind == "relu":
        return SpikingLinearResetLIF(tau_rc=1.0, leak=False)
    if kind == "soft_lif":
        parameters.pop("inhibition", None)  # a connection
        return SpikingLIF(**parameters)
    if kind == "discrete_lif":
        return _discrete(parameters)
    return SpikingLinearResetLIF(**parameters)


def _discrete(parameters):
    """Neurons that were trained in spikes; those that differ have their own values as state."""
    parameters = dict(parameters)
    start = parameters.pop("initial_voltage", 0.0)
    own = {name: np.array(x) for name, x in parameters.items() if isinstance(x, list)}
    same = {name: value for name, value in parameters.items() if name not in own}
    state = dict(own)
    if start:  # in units of the threshold
        state["voltage"] = _values(start * np.asarray(parameters["threshold"]))
    return SpikingDiscreteLIF(
        **same,
        amplitude=STEP,  # so that a spike is 1, as in Keras
        initial_state=state or None,
    )


def _values(x):
    return x if np.ndim(x) else nengo.dists.Choice([float(x)])


def _curve(kind, parameters):
    """Rate neurons with the curve, at 1 Hz for an activation of 1."""
    if kind == "sigmoid":
        return nengo.Sigmoid(tau_ref=1.0)
    if kind == "tanh":
        return nengo.Tanh(tau_ref=1.0)
    name = "gelu_tanh" if parameters.get("approximate") else kind
    return ActivationRate(name, alpha=parameters.get("alpha", 1.0))


def choose_synapses(graph, synapse):
    """Give every population the filter on what it sends.

    Parameters
    ----------
    graph : Graph
    synapse : nengo.synapses.Synapse, float, None, or dict of those by layer name
        A number is the time constant of a `nengo.Lowpass`. In a dict, the key ``"default"``
        stands for the layers that are not named; without it, they get ``nengo.Lowpass(0.005)``.

    Returns
    -------
    graph : Graph

    Raises
    ------
    ConversionError
        If a layer is called "default", as one of the keys is.
    UnknownNameError
        If a key is no layer with neurons.
    ParameterError
        If a value is no synapse.
    """
    by_name = synapse if isinstance(synapse, dict) else {"default": synapse}
    names = [op.name for op in graph.neurons]
    for key in by_name:
        check_name("synapse: layer with neurons", key, dict.fromkeys(["default", *names]))
    if isinstance(synapse, dict) and "default" in synapse and "default" in names:
        raise ConversionError(
            "synapse: 'default' stands for the layers that are not named, and a layer of this "
            "model has that name; rename the layer (layer.name = ...) before it is converted"
        )
    default = by_name.get("default", nengo.Lowpass(0.005))
    if graph.shown is not None:
        default = None  # a filter would delay by a step, and was not trained with
    return graph.replaced(
        {
            op.name: replace(op, synapse=_synapse(op.name, by_name.get(op.name, default)))
            for op in graph.neurons
        }
    )


def _synapse(name, value):
    if value is None or isinstance(value, nengo.synapses.Synapse):
        return value
    if not (is_number(value) and value > 0):
        raise ParameterError(
            f"synapse of {name!r} must be a Nengo synapse, a time constant in seconds greater "
            f"than 0, or None (got {value!r})"
        )
    return nengo.Lowpass(float(value))


def with_amplitude(neuron_type, factor):
    """Return the neuron type with its amplitude multiplied.

    Raises
    ------
    ConversionError
        If the type has no amplitude and ``factor`` is not 1.
    """
    if factor == 1:
        return neuron_type
    if not hasattr(neuron_type, "amplitude"):
        raise ConversionError(
            f"{type(neuron_type).__name__} has no amplitude, so its output can't be scaled; give "
            "the class a parameter amplitude, or use another neuron type, or scale 1"
        )
    return with_parameters(neuron_type, amplitude=neuron_type.amplitude * factor)


def with_parameters(neuron_type, **changes):
    """Return a copy of a neuron type with some parameters changed."""
    parameters = parameters_of(neuron_type)
    return type(neuron_type)(**{**parameters, **changes})


def parameters_of(neuron_type):
    """Arguments that make an equal neuron type, by name."""
    return {name: getattr(neuron_type, name) for name in argument_names(type(neuron_type))}


def argument_names(cls):
    """Names of the arguments of a neuron type or a synapse."""
    parameters = inspect.signature(cls).parameters.values()
    return tuple(p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))
