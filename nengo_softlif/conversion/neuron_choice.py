"""Which neuron type takes the place of which activation, and the rate version of each."""

from __future__ import annotations

from dataclasses import replace

import nengo
from nengo.neurons import NeuronType, RatesToSpikesNeuronType

from nengo_softlif.errors import ConversionError
from nengo_softlif.neurons import LIF, LinearResetLIF, LinearResetLIFRate, SoftLIFRate
from nengo_softlif.noise import noise_from_config

__all__ = ["choose_neurons", "choose_synapses", "rate_version", "with_amplitude"]


def choose_neurons(graph, neurons):
    """Give every population a spiking neuron type.

    Parameters
    ----------
    graph : Graph
    neurons : dict of str to nengo.neurons.NeuronType
        By layer name or by activation ("relu", "soft_lif", "sigmoid", ...). The amplitude of a
        type given here is multiplied by that of the layer.

    Returns
    -------
    graph : Graph

    Raises
    ------
    ConversionError
        Naming every layer without a neuron type, and every key that fits nothing.
    """
    if not isinstance(neurons, dict):
        raise ConversionError(
            "neurons must be a dict from layer names or activations to Nengo neuron types, such "
            f'as {{"relu": nengo.SpikingRectifiedLinear()}} (got {neurons!r})'
        )
    known = {op.name for op in graph.neurons} | {op.activation.kind for op in graph.neurons}
    known |= {"relu", "soft_lif", "linear_reset_lif"}
    unknown = sorted(set(neurons) - known)
    if unknown:
        raise ConversionError(
            f"neurons: {', '.join(map(repr, unknown))} is neither a layer nor an activation of "
            f"this model; it has {', '.join(sorted(known))}"
        )
    for key, neuron_type in neurons.items():
        if not isinstance(neuron_type, NeuronType) or isinstance(neuron_type, nengo.Direct):
            raise ConversionError(
                f"neurons[{key!r}] must be a Nengo neuron type with neurons, such as "
                f"nengo_softlif.LIF() (got {neuron_type!r})"
            )
    changes, problems = {}, []
    for op in graph.neurons:
        given = neurons.get(op.name, neurons.get(op.activation.kind))
        parameters = op.activation.parameters
        if given is not None:
            chosen = with_amplitude(given, parameters.get("amplitude", 1.0))
        else:
            chosen = _default(op.activation.kind, parameters)
        if chosen is None:
            problems.append(
                f"{op.name} ({op.activation.kind}): no spiking neuron has this curve; name a "
                f"type for it, such as neurons={{{op.activation.kind!r}: nengo.RegularSpiking("
                "nengo.Sigmoid(tau_ref=0.01), amplitude=0.01)}, or train with SoftLIF"
            )
        changes[op.name] = replace(op, neuron_type=chosen)
    if problems:
        raise ConversionError(
            "no neuron type for:\n" + "\n".join(f"  - {problem}" for problem in problems)
        )
    return graph.replaced(changes)


def _default(kind, parameters):
    parameters = dict(parameters)
    if parameters.get("noise") is not None:
        parameters["noise"] = noise_from_config(parameters["noise"])
    if kind == "relu":
        return LinearResetLIF(tau_rc=1.0, leak=False)
    if kind == "soft_lif":
        return LIF(**parameters)
    if kind == "linear_reset_lif":
        return LinearResetLIF(**parameters)
    return None


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
        If a key is no layer with neurons, or a value no synapse.
    """
    by_name = synapse if isinstance(synapse, dict) else {"default": synapse}
    names = [op.name for op in graph.neurons]
    unknown = sorted(set(by_name) - {*names, "default"})
    if unknown:
        raise ConversionError(
            f"synapse: {', '.join(map(repr, unknown))} is no layer with neurons; those are "
            f"{', '.join(names)}"
        )
    default = by_name.get("default", nengo.Lowpass(0.005))
    return graph.replaced(
        {
            op.name: replace(op, synapse=_synapse(op.name, by_name.get(op.name, default)))
            for op in graph.neurons
        }
    )


def _synapse(name, value):
    if value is None or isinstance(value, nengo.synapses.Synapse):
        return value
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value < float("inf"):
        raise ConversionError(
            f"synapse of {name!r} must be a Nengo synapse, a time constant in seconds greater "
            f"than 0, or None (got {value!r})"
        )
    return nengo.Lowpass(value)


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
            f"{type(neuron_type).__name__} has no amplitude, so its output can't be scaled; use "
            "another neuron type or scale 1"
        )
    return _copy(neuron_type, amplitude=neuron_type.amplitude * factor)


def _copy(neuron_type, **changes):
    """A copy of a frozen neuron type with some parameters changed."""
    parameters = parameters_of(neuron_type)
    return type(neuron_type)(**{**parameters, **changes})


def parameters_of(neuron_type):
    """Arguments that make an equal neuron type, by name."""
    return {name: getattr(neuron_type, name) for name in argument_names(type(neuron_type))}


def argument_names(cls):
    """Names of the arguments of a neuron type or a synapse."""
    code = cls.__init__.__code__
    return code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]


def rate_version(neuron_type):
    """Rate neuron with the curve that the spikes of a neuron type stand for.

    Parameters
    ----------
    neuron_type : nengo.neurons.NeuronType

    Returns
    -------
    rate_type : nengo.neurons.NeuronType
        The type itself if it does not spike.
    amplitude : float
        Factor still to be put on its output.

    Examples
    --------
    >>> rate_version(nengo.SpikingRectifiedLinear(amplitude=2))
    (RectifiedLinear(amplitude=2), 1.0)
    """
    n = neuron_type
    if isinstance(n, RatesToSpikesNeuronType):
        return n.base_type, float(n.amplitude)
    if isinstance(n, LIF):
        return SoftLIFRate(n.tau_rc, n.tau_ref, n.amplitude, n.sigma, n.noise), 1.0
    if isinstance(n, LinearResetLIF):
        return LinearResetLIFRate(n.tau_rc, n.leak, n.amplitude, n.sigma, n.noise), 1.0
    if isinstance(n, nengo.SpikingRectifiedLinear):
        return nengo.RectifiedLinear(n.amplitude), 1.0
    if isinstance(n, nengo.AdaptiveLIF):
        return nengo.AdaptiveLIFRate(n.tau_n, n.inc_n, n.tau_rc, n.tau_ref, n.amplitude), 1.0
    if isinstance(n, nengo.LIF):
        return nengo.LIFRate(n.tau_rc, n.tau_ref, n.amplitude), 1.0
    if not n.spiking:
        return n, 1.0
    raise ConversionError(
        f"{type(n).__name__} has no rate version here, so its network can be neither verified "
        "nor calibrated"
    )


def max_rate(neuron_type):
    """Highest firing rate of a neuron in Hz, ``inf`` if it sets no limit."""
    tau_ref = getattr(neuron_type, "tau_ref", 0)
    return 1 / tau_ref if tau_ref else float("inf")
