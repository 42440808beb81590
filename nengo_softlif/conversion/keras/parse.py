"""Keras model -> `Graph`. All layers that can't be converted are reported in one error."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nengo_softlif.conversion.graph import Graph, Input
from nengo_softlif.conversion.keras import activations, linear, merging, shaping
from nengo_softlif.conversion.keras.calls import calls_of, class_names, config_of, weights_of
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer
from nengo_softlif.errors import ConversionError

__all__ = ["parse"]

PARSERS = {
    **activations.PARSERS,
    **linear.PARSERS,
    **merging.PARSERS,
    **shaping.PARSERS,
}


@dataclass
class Source:
    """A layer's call, with all that a parser may want to know of it.

    ``operations`` takes what the parser makes; the last one is the result.
    """

    name: str
    layer: object
    config: dict
    weights: dict
    inputs: list
    input_shapes: list
    output_shape: tuple
    is_last: bool
    max_pool: str | None
    operations: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    logits: list = field(default_factory=list)

    @property
    def input(self):
        """Name of the only input."""
        return self.inputs[0]

    @property
    def input_shape(self):
        """Shape of the only input."""
        return self.input_shapes[0]

    def add(self, operation):
        """Append an operation and return its name."""
        self.operations.append(operation)
        return operation.name


def parse(model, *, max_pool=None):
    """Read a Keras model.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
        Sequential or functional.
    max_pool : {None, "average", "spiking"}
        What to make of max pooling; None refuses it.

    Returns
    -------
    graph : Graph

    Raises
    ------
    ConversionError
        Listing every layer that can't be converted, with what to do about each.
    """
    calls, output_ids = calls_of(model)
    used = {i for call in calls for i in call.inputs}
    results = {}  # tensor -> name of the operation that computes it
    operations, notes, logits, problems = [], [], [], []
    broken = set()  # tensors that could not be computed, because of a problem named already
    for call in calls:
        name = call.name
        if "InputLayer" in class_names(call.layer):
            shape = call.output_shapes[0]
            if None in shape:
                problems.append(
                    f"{name} (InputLayer): its shape {shape} is open; give keras.Input all sizes"
                )
                broken.update(call.outputs)
                continue
            operations.append(Input(name, (), shape))
            results[call.outputs[0]] = name
            continue
        if broken.intersection(call.inputs):
            # its own problem, if it has one, shall be in the list too
            problems += [p for p in _problem_without_input(call, name, max_pool) if p]
            broken.update(call.outputs)
            continue
        is_last = call.outputs[0] in output_ids and call.outputs[0] not in used
        source = _source(call, name, results, is_last, max_pool)
        try:
            results[call.outputs[0]] = _read(source)
        except UnsupportedLayer as refusal:
            problems.append(f"{name} ({type(call.layer).__name__}): {refusal}")
            broken.update(call.outputs)
            continue
        operations += source.operations
        notes += [f"{name}: {note}" for note in source.notes]
        logits += source.logits
    if problems:
        raise ConversionError(
            f"{len(problems)} layer{'s' * (len(problems) > 1)} of {model.name!r} can't be "
            "converted:\n" + "\n".join(f"  - {problem}" for problem in problems)
        )
    return Graph(
        tuple(operations), tuple(results[i] for i in output_ids), tuple(notes), tuple(logits)
    )


def _source(call, name, results, is_last, max_pool):
    return Source(
        name=name,
        layer=call.layer,
        config=config_of(call.layer),
        weights=weights_of(call.layer),
        inputs=[results[i] for i in call.inputs],
        input_shapes=call.input_shapes,
        output_shape=call.output_shapes[0],
        is_last=is_last,
        max_pool=max_pool,
    )


def _read(source):
    parser = _parser(source.layer)
    if getattr(source.layer, "quantization_mode", None) is not None:
        raise UnsupportedLayer("it is quantized; convert the model before quantization")
    if getattr(source.layer, "lora_enabled", False):
        raise UnsupportedLayer(
            "LoRA is switched on; merge it into the weights by saving and loading"
        )
    if source.config.get("data_format") == "channels_first":
        raise UnsupportedLayer("channels come first; build it with data_format='channels_last'")
    for key, value in source.weights.items():
        if not np.isfinite(value).all():
            n_bad = int(np.size(value) - np.isfinite(value).sum())
            raise UnsupportedLayer(
                f"weight {key!r} has {n_bad} NaN or infinite value{'s' * (n_bad > 1)} of "
                f"{np.size(value)}; train again or load other weights"
            )
    return parser(source)


def _parser(layer):
    """The parser for a layer's class, or for a base of it that computes the same."""
    for cls in type(layer).__mro__:
        is_known = cls.__module__.partition(".")[0] in ("keras", "nengo_softlif", "tf_keras")
        if not is_known and "call" in vars(cls):
            raise UnsupportedLayer(
                f"{cls.__name__} computes something of its own; replace it by layers of Keras"
            )
        if is_known and cls.__name__ in PARSERS:
            return PARSERS[cls.__name__]
    raise UnsupportedLayer(
        "this kind of layer has no counterpart in spiking networks; replace it by "
        "convertible ones (see docs/conversion.md), or cut the model before it"
    )


def _problem_without_input(call, name, max_pool):
    """Try to read a layer whose input could not be read."""
    if any(None in shape for shape in (*call.input_shapes, *call.output_shapes)):
        return
    results = dict.fromkeys(call.inputs, "?")
    try:
        _read(_source(call, name, results, False, max_pool))
    except UnsupportedLayer as refusal:
        yield f"{name} ({type(call.layer).__name__}): {refusal}"
