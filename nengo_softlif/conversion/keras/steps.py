"""Models that are spiking networks already: what has a time axis, and how their layers are read.

One step of such a model is one step of the simulation, so the time axis goes: every layer is read
as it works on one step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from nengo_softlif.conversion.graph import Activation, Integrator, Neurons, Sum
from nengo_softlif.conversion.keras.calls import Call, class_names, config_of, weights_of
from nengo_softlif.conversion.keras.gated import read_cells
from nengo_softlif.conversion.keras.half_precision import is_half
from nengo_softlif.conversion.keras.rounding import rounded_parameters, rounded_weights
from nengo_softlif.conversion.keras.source import Source
from nengo_softlif.conversion.keras.step_refusals import OTHER_NEURONS, RATES, refusal_in_steps
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer
from nengo_softlif.conversion.relays import counting_relays
from nengo_softlif.conversion.shown import Shown
from nengo_softlif.errors import ConversionError
from nengo_softlif.functional.discrete_lif import STEP
from nengo_softlif.functional.encoding import Encoding

__all__ = ["Steps", "read_step", "refuse_other_neurons", "shown_of"]

_NEURONS = (
    "decay",
    "threshold",
    "reset",
    "refractory_steps",
    "min_voltage",
    "adaptation_strength",
    "adaptation_decay",
    "initial_voltage",
)
# Numbers, or one for each channel
_OF_CHANNELS = ("decay", "threshold", "adaptation_strength")
# The layers that say that a model goes step by step
_SPIKING = ("DiscreteLIF", "RecurrentLIF", "SpikingLSTM", "SubLSTM")
_WITH_TIME = (
    *_SPIKING,
    "InputLayer",
    "LeakyIntegrator",
    "OverTime",
    "SpikeCounts",
    "TimeDistributed",
)
# Layers that take all steps at once, and treat each alike, if the last axis is what they look at
_EACH_STEP = (
    "Activation",
    "Add",
    "Average",
    "Concatenate",
    "Dense",
    "Dropout",
    "Rescaling",
    "GaussianDropout",
    "GaussianNoise",
    "BatchNormalization",
    "Masking",
    "Subtract",
)


@dataclass(frozen=True)
class Steps:
    """Which tensors of a model have a time axis.

    Parameters
    ----------
    tensors : frozenset of int
        Identities of the symbolic tensors.
    n_steps : int or None
        None if there is no spiking layer, and no time axis.
    """

    tensors: frozenset[int]
    n_steps: int | None

    @classmethod
    def of(cls, calls: Iterable[Call]) -> Steps:
        """Find the tensors with a time axis: those that spiking layers take or make, and so on."""
        calls = list(calls)
        found = set()
        for call in calls:
            if class_names(call.layer)[0] in _SPIKING:
                found.update(call.inputs, call.outputs)
        while True:
            size = len(found)
            for call in calls:
                ends = _with_one_time_axis(call)
                if found.intersection(ends):
                    found.update(ends)
            if len(found) == size:
                break
        shapes = {
            tensor: shape
            for call in calls
            for tensor, shape in zip(call.outputs, call.output_shapes, strict=True)
        }
        lengths = {shapes[tensor][0] for tensor in found}
        return cls(frozenset(found), min(lengths, default=None))

    def without(self, call: Call) -> Call:
        """Return a call as it works on one step: without the time axis in its shapes."""
        return replace(
            call,
            input_shapes=self._cut(call.inputs, call.input_shapes),
            output_shapes=self._cut(call.outputs, call.output_shapes),
        )

    def read_at(self, calls: Iterable[Call], outputs: Iterable[int]) -> dict[int, frozenset[str]]:
        """Say at which steps the outputs of a model are read.

        Parameters
        ----------
        calls : iterable of Call
            All of the model, in order.
        outputs : iterable of int
            Identities of its outputs.

        Returns
        -------
        read_at : dict of int to frozenset of str
            ``over_time`` of the readouts that an output is made of; "all" if it has a time axis.
        """
        found: dict[int, frozenset[str]] = {}
        for call in calls:
            if class_names(call.layer)[0] == "LeakyIntegrator":
                read = frozenset({config_of(call.layer)["over_time"]})
            else:
                read = frozenset().union(*(found.get(tensor, ()) for tensor in call.inputs))
            for tensor in call.outputs:
                found[tensor] = frozenset({"all"}) if tensor in self.tensors else read
        return {tensor: found[tensor] for tensor in outputs}

    def _cut(self, tensors, shapes):
        return [s[1:] if t in self.tensors else s for t, s in zip(tensors, shapes, strict=True)]

    def takes(self, call: Call) -> bool:
        """Whether a call takes or makes something with a time axis."""
        return not self.tensors.isdisjoint((*call.inputs, *call.outputs))


def _with_one_time_axis(call):
    """Those inputs and outputs of a call of which either all have a time axis or none."""
    kind = class_names(call.layer)[0]
    if kind in ("EncodeSpikes", "RepeatSteps"):
        return call.outputs
    if kind == "LeakyIntegrator" and config_of(call.layer)["over_time"] != "all":
        return call.inputs
    keeps_axis = kind in (*_WITH_TIME, *_EACH_STEP, *RATES) or not call.is_layer
    return (*call.inputs, *call.outputs) if keeps_axis else ()


def read_step(source: Source, read_layer: Callable[[Source], str]) -> str:
    """Read a layer of a spiking model.

    Parameters
    ----------
    source : Source
        With the shapes of one step.
    read_layer : callable
        Reads a layer without a memory.

    Returns
    -------
    name : str
        Of the operation with the result.
    """
    kind = source.operation
    if kind in _READERS:
        source.check_weights()
        return _READERS[kind](source)
    if kind in ("OverTime", "TimeDistributed"):
        layer = source.layer.layer
        weights = weights_of(layer)
        if source.config.get("quantize"):
            weights["kernel"] = rounded_weights(source.name, weights["kernel"])
        source.config, source.weights, source.layer = config_of(layer), weights, layer
    elif kind not in _EACH_STEP or source.config.get("axis", -1) != -1:
        raise UnsupportedLayer(refusal_in_steps(kind))
    result = read_layer(source)
    return result


def refuse_other_neurons(source: Source) -> None:
    """Raise if a layer of a model that was trained in spikes has an activation of another kind.

    Parameters
    ----------
    source : Source
        That has been read.

    Raises
    ------
    UnsupportedLayer
    """
    if any(isinstance(op, Neurons) and not op.fires_in_steps for op in source.operations):
        raise UnsupportedLayer(OTHER_NEURONS)


def _neurons(source):
    layer = source.layer
    parameters = {name: source.config[name] for name in _NEURONS}
    if parameters["min_voltage"] is None:
        parameters["min_voltage"] = float("-inf")
    parameters |= {name: source.weights[name] for name in _OF_CHANNELS if name in source.weights}
    recurrent = source.weights.get("recurrent")
    if source.config.get("quantize"):
        parameters = rounded_parameters(parameters, layer.compute_dtype)
        recurrent = None if recurrent is None else rounded_weights(source.name, recurrent)
    n_positions = math.prod(source.output_shape[:-1])
    for name in _OF_CHANNELS:
        if np.ndim(parameters[name]):  # channels last
            parameters[name] = [float(x) for x in parameters[name]] * n_positions
    if layer.compute_dtype == "float64" and not source.config.get("quantize"):
        source.notes.append("trained in float64; run it in double precision for the same spikes")
    if is_half(layer):
        source.notes.append(
            f"trained in {layer.compute_dtype}, where currents are rounded; a few spikes differ"
        )
    return source.add(
        Neurons(
            name=source.name,
            inputs=(source.input,),
            shape=source.output_shape,
            activation=Activation("discrete_lif", parameters),
            recurrent=None if recurrent is None else recurrent.T,
            delay=int(source.config.get("delay", 1)),
        )
    )


def _integrator(source):
    if source.config["over_time"] == "max":
        raise UnsupportedLayer(
            "the largest voltage over time is not linear; use over_time='last' or 'mean', or "
            "over_time='all' and take the maximum of the outputs"
        )
    return source.add(
        Integrator(
            name=source.name,
            inputs=(source.input,),
            shape=source.output_shape,
            decay=float(source.config["decay"]),
        )
    )


def _encoding(source):
    layer, encoding = source.layer, source.layer.encoding
    if not source.takes_data:
        raise UnsupportedLayer(
            "only the input of a network is encoded as spikes; put it directly behind keras.Input, "
            "or behind a Flatten layer there, or use nengo_softlif.layers.RepeatSteps"
        )
    if hasattr(encoding, "max_rate"):  # as many spikes a step as in the model
        encoding = replace(encoding, max_rate=encoding.max_rate * layer.dt / STEP)
    source.encodings.append(encoding)
    return source.add(
        Sum(
            name=source.name,
            inputs=(source.input,),
            shape=source.output_shape,
            weights=(STEP / encoding.amplitude,),  # inverse of the height of a spike
        )
    )


def _counts(source):
    relays = counting_relays(
        source.name, source.input, source.output_shape, source.config["max_count"]
    )
    return [source.add(op) for op in relays][-1]


def _repeated(source):
    return source.add(
        Sum(name=source.name, inputs=(source.input,), shape=source.output_shape, weights=(1.0,))
    )


_READERS = {
    "DiscreteLIF": _neurons,
    "RecurrentLIF": _neurons,
    "SpikingLSTM": read_cells,
    "SubLSTM": read_cells,
    "LeakyIntegrator": _integrator,
    "EncodeSpikes": _encoding,
    "RepeatSteps": _repeated,
    "SpikeCounts": _counts,
}


def shown_of(
    steps: Steps, read_at: dict[str, frozenset[str]], found: list[Encoding]
) -> Shown | None:
    """How samples are shown to a spiking model; None for other models.

    Parameters
    ----------
    steps : Steps
    read_at : dict of str to frozenset of str
        By output, from `Steps.read_at`.
    found : list of Encoding
        Of the `EncodeSpikes` layers.

    Returns
    -------
    shown : Shown or None

    Raises
    ------
    ConversionError
        If there are different encodings, or outputs are read at different steps.
    """
    if steps.n_steps is None:
        return None
    for other in found[1:]:
        if other != found[0]:
            raise ConversionError(
                f"all inputs must be encoded alike (got {found[0]} and {other}); give all "
                "EncodeSpikes layers of the model the same encoding"
            )
    # outputs of all steps are read step by step
    ways = frozenset().union(*read_at.values()) - {"all"}
    if len(ways) > 1:
        listed = "; ".join(f"{name}: {', '.join(sorted(at))}" for name, at in read_at.items())
        raise ConversionError(
            "all outputs must be read at the same steps, the last one or all of them (got "
            f"{listed}); give all LeakyIntegrator layers in front of the outputs the same "
            "over_time, or convert a keras.Model of some of the outputs at a time"
        )
    return Shown(
        n_steps=steps.n_steps,
        last_step_only=ways == {"last"},
        encoding=found[0] if found else None,
    )
