"""Keras model -> `Graph`. All layers that can't be converted are reported in one error."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import scipy.sparse

from nengo_softlif.conversion.graph import Graph, Input, Matrix
from nengo_softlif.conversion.keras import (
    activations,
    linear,
    merging,
    operators,
    pooling,
    shaping,
)
from nengo_softlif.conversion.keras.calls import calls_of, class_names, config_of, weights_of
from nengo_softlif.conversion.keras.source import Source
from nengo_softlif.conversion.keras.step_refusals import OF_STEPS, WITHOUT_NEURONS
from nengo_softlif.conversion.keras.steps import Steps, read_step, refuse_other_neurons, shown_of
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer
from nengo_softlif.conversion.keras.wrapping import over_time, permutation
from nengo_softlif.errors import ConversionError

__all__ = ["parse"]

PARSERS = {
    **activations.PARSERS,
    **linear.PARSERS,
    **merging.PARSERS,
    **pooling.PARSERS,
    **shaping.PARSERS,
}


def parse(model, *, max_pool=None, named=()):
    """Read a Keras model.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
        Sequential or functional.
    max_pool : {None, "average", "spiking"}
        What to make of max pooling; None refuses it.
    named : iterable of str
        Layers and activations that the user names neuron types for: a last sigmoid among them
        is kept.

    Returns
    -------
    graph : Graph

    Raises
    ------
    ConversionError
        Listing every layer that can't be converted, with what to do about each.
    """
    calls, output_ids = calls_of(model)
    reading = _Reading(calls, output_ids, max_pool, frozenset(named))
    for call in calls:
        reading.take(call)
    outputs = () if reading.problems else tuple(map(reading.output, output_ids))
    if reading.problems:
        n = len(reading.problems)
        raise ConversionError(
            f"{n} layer{'s' * (n > 1)} of {model.name!r} can't be converted:\n"
            + "\n".join(f"  - {problem}" for problem in reading.problems)
        )
    read_at = reading.steps.read_at(calls, output_ids)
    return Graph(
        operations=tuple(reading.operations),
        outputs=outputs,
        notes=tuple(reading.notes),
        logits=tuple(name for name in reading.logits if name in outputs),
        sigmoids=tuple(name for name in reading.sigmoids if name in outputs),
        shown=shown_of(
            reading.steps,
            {name: read_at[tensor] for name, tensor in zip(outputs, output_ids, strict=True)},
            reading.encodings,
        ),
    )


@dataclass
class _Reading:
    """What has been read of a model so far."""

    calls: list
    output_ids: list
    max_pool: str | None
    named: frozenset
    results: dict = field(default_factory=dict)  # tensor -> operation that computes it
    broken: set = field(default_factory=set)  # tensors behind a layer that can't be converted
    operations: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    logits: list = field(default_factory=list)
    sigmoids: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    encodings: list = field(default_factory=list)

    def __post_init__(self):
        self.steps = Steps.of(self.calls)

    def take(self, call):
        """Read one call, or note why it can't be read."""
        try:
            if "InputLayer" in class_names(call.layer):
                names = [self._input(call)]
            elif self.broken.intersection(call.inputs):
                # its own problem, if it has one, shall be in the list too
                self._read_without_input(call)
                self.broken.update(call.outputs)
                return
            else:
                names = self._layer(call)
        except UnsupportedLayer as refusal:
            self.problems.append(f"{call.name} ({type(call.layer).__name__}): {refusal}")
            self.broken.update(call.outputs)
        else:
            self.results.update(zip(call.outputs, names, strict=True))

    def _input(self, call):
        shape = self.steps.without(call).output_shapes[0]
        if None in shape:
            raise UnsupportedLayer(f"its shape {shape} is open; give keras.Input all sizes")
        self.operations.append(Input(name=call.name, inputs=(), shape=shape))
        return call.name

    def _layer(self, call):
        source = self._source(call, [self.results[i] for i in call.inputs])
        names = self._read(source, call)
        self.operations += source.operations
        self.notes += [f"{call.name}: {note}" for note in source.notes]
        self.logits += source.logits
        self.sigmoids += source.sigmoids
        self.encodings += source.encodings
        return names

    def _read(self, source, call):
        """Read a layer for one step, if it works on steps; bare operations are elementwise."""
        is_step = call.is_layer and self.steps.takes(call)
        if is_step and call.has_constants:
            raise UnsupportedLayer(operators.CONSTANTS)
        names = [read_step(source, _read_layer)] if is_step else _read(source, call)
        if self.steps.n_steps is not None:
            refuse_other_neurons(source)
        return names

    def _read_without_input(self, call):
        shapes = (*call.input_shapes, *call.output_shapes)
        if not any(None in shape for shape in shapes):
            self._read(self._source(call, ["?"] * len(call.inputs)), call)

    def _source(self, call, inputs):
        call = self.steps.without(call)
        made = {op.name: op for op in self.operations}
        return Source(
            name=call.name,
            layer=call.layer,
            config=config_of(call.layer),
            weights=weights_of(call.layer),
            inputs=inputs,
            input_shapes=call.input_shapes,
            output_shapes=call.output_shapes,
            is_last=all(self._leaves(i) for i in call.outputs),
            before=[made.get(name) for name in inputs],
            max_pool=self.max_pool,
            named=self.named,
            arguments=call.arguments,
        )

    def output(self, tensor):
        """Name what leaves the network; if layers give it another shape, an operation does."""
        name, call = self.results[tensor], self._maker(tensor)
        shape = self.steps.without(call).output_shapes[call.outputs.index(tensor)]
        op = next(op for op in self.operations if op.name == name)
        if shape in ((), op.shape):
            return name
        while call.input_shapes[0] == call.output_shapes[0]:  # not the layer that gives the shape
            call = self._maker(call.inputs[0])
        same = scipy.sparse.identity(op.size, format="coo")
        self.operations.append(Matrix(name=call.name, inputs=(name,), shape=shape, weights=same))
        for names in (self.logits, self.sigmoids):
            names += [call.name] * (name in names)
        return call.name

    def _maker(self, tensor):
        return next(call for call in self.calls if tensor in call.outputs)

    def _leaves(self, tensor):
        """Whether a result goes nowhere but out of the network, in the order that it has."""
        users = [call for call in self.calls if tensor in call.inputs]
        if not users:
            return tensor in self.output_ids
        return all(_keeps_order(call) and self._leaves(call.outputs[0]) for call in users)


def _keeps_order(call):
    if call.is_layer:
        is_moved = config_of(call.layer).get("data_format") == "channels_first"
        return type(call.layer).__name__ in shaping.KEEPS_ORDER and not is_moved
    return type(call.layer).__name__ in operators.KEEPS_ORDER


def _read(source, call):
    """Read a call; return the names of the operations with its results."""
    if not call.is_layer:
        parser = operators.PARSERS.get(source.operation)
        if parser is None:
            raise UnsupportedLayer(
                "this operation is unsupported; replace it by convertible ones (see "
                "docs/conversion.md)"
            )
        names = parser(source)
        return names if isinstance(names, list) else [names]
    _parser(source)  # without it, the mask is not what is wrong
    unharmed = ("BatchNormalization", "TimeDistributed")  # by a mask, when a network runs
    if call.masked_by and call.takes_mask and source.operation not in unharmed:
        raise UnsupportedLayer(
            f"it leaves out the time steps that {call.masked_by} says, which depends on the data; "
            "remove the Masking layer"
        )
    if call.is_training:
        raise UnsupportedLayer(
            "it behaves as in training at all times, which is random or depends on the batch; "
            "call it without training=True"
        )
    if call.has_constants:
        return [operators.read_with_constants(source)]
    return [_read_layer(source)]


def _read_layer(source):
    parser = _parser(source)
    if getattr(source.layer, "quantization_mode", None) is not None:
        raise UnsupportedLayer("it is quantized; convert the model before quantization")
    if getattr(source.layer, "lora_enabled", False):
        raise UnsupportedLayer(
            "LoRA is switched on; merge it into the weights with model.save_weights(file), and "
            "convert the model without LoRA after its load_weights(file)"
        )
    source.check_weights()
    keeps_order = source.operation in shaping.KEEPS_ORDER and source.operation != "Flatten"
    if source.config.get("data_format") == "channels_first" and not keeps_order:
        return _channels_first(source, parser)
    return parser(source)


def _parser(source):
    """The parser for a layer's class, or for a base of it that computes the same."""
    for cls in type(source.layer).__mro__:
        is_known = cls.__module__.partition(".")[0] in ("keras", "nengo_softlif", "tf_keras")
        if not is_known and "call" in vars(cls):
            raise UnsupportedLayer(
                f"{cls.__name__} computes something of its own; replace it by layers of Keras"
            )
        if is_known and cls.__name__ == "TimeDistributed":
            return _time_distributed
        if is_known and cls.__name__ == "SpectralNormalization":
            return _spectral_normalization
        if is_known and cls.__name__ in PARSERS:
            return PARSERS[cls.__name__]
    if source.operation in OF_STEPS:
        raise UnsupportedLayer(WITHOUT_NEURONS)
    raise UnsupportedLayer(
        "this kind of layer is unsupported; replace it by convertible ones (see "
        "docs/conversion.md), or cut the model before it"
    )


def _channels_first(source, parser):
    """Put the channels last, read the layer, and put them back; then its activation."""
    first, *space = source.input_shape
    n_space = len(space)
    channels_last = source.add(
        permutation(
            f"{source.name}/channels_last",
            source.input,
            source.input_shape,
            (*range(1, n_space + 1), 0),
        )
    )
    shape = source.output_shape
    is_image = len(shape) == n_space + 1  # neither flattened nor pooled away
    inside = source.config.get("activation")
    inner = replace(
        source,
        name=f"{source.name}/inner" if is_image else source.name,
        config={**source.config, "data_format": "channels_last", "activation": None},
        inputs=[channels_last],
        input_shapes=[(*space, first)],
        output_shapes=[(*shape[1:], shape[0]) if is_image else shape],
    )
    result = parser(inner)
    if is_image:
        is_alone = activations.vanishes(source, inside)
        name = source.name if is_alone else f"{source.name}/linear"
        order = (n_space, *range(n_space))
        result = source.add(permutation(name, result, inner.output_shape, order))
    return activations.activate(source, result, inside)


def _spectral_normalization(source):
    """Read the layer inside, whose weights are those of the last step of training."""
    layer = source.layer.layer
    inner = replace(source, layer=layer, config=config_of(layer), weights=weights_of(layer))
    return _read_layer(inner)


def _time_distributed(source):
    """Read the layer inside as if there were one time step, then repeat what became of it."""
    layer = source.layer.layer
    if hasattr(layer, "layers"):
        raise UnsupportedLayer(
            "there is a model inside; use a TimeDistributed layer around each of its layers"
        )
    n_steps = source.input_shape[0]
    inner = replace(
        source,
        layer=layer,
        config=config_of(layer),
        weights=weights_of(layer),
        input_shapes=[source.input_shape[1:]],
        output_shapes=[source.output_shape[1:]],
        operations=[],
    )
    try:
        result = _read_layer(inner)
    except UnsupportedLayer as refusal:
        raise UnsupportedLayer(f"{layer.name} ({type(layer).__name__}): {refusal}") from refusal
    for op in inner.operations:
        source.add(over_time(op, n_steps))
    return result
