"""The calls of layers that make up a Keras 3 or tf_keras model, in the order of computation.

The one place that reads the history Keras keeps in its symbolic tensors.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nengo_softlif.compat import check_tensorflow_not_forked
from nengo_softlif.conversion.keras.half_precision import is_half
from nengo_softlif.errors import ConversionError
from nengo_softlif.networks.names import unique

__all__ = [
    "Call",
    "calls_of",
    "class_names",
    "config_of",
    "results_of",
    "tensor_name",
    "weights_of",
]


@dataclass(frozen=True, eq=False)
class Call:
    """One use of a layer.

    Parameters
    ----------
    name : str
        That of the layer, numbered if it is used more than once.
    layer : keras.layers.Layer, or another operation of Keras
    node : object
        Keras' own record of the call.
    inputs, outputs : list of int
        Identities of the symbolic tensors taken and returned.
    input_shapes, output_shapes : list of tuple
        Shapes without the batch, channels as the layer has them.
    masked_by : str or None
        What says which time steps of the inputs to leave out: a Masking layer, or an argument.
    """

    name: str
    layer: Any
    node: Any
    inputs: list[int]
    outputs: list[int]
    input_shapes: list[tuple]
    output_shapes: list[tuple]
    masked_by: str | None = None

    def arguments(self, values: Sequence) -> tuple[tuple, dict]:
        """Arguments of the call, constants included, with values for the symbolic tensors.

        Parameters
        ----------
        values : sequence
            In the order of ``inputs``.

        Returns
        -------
        args : tuple
        kwargs : dict
        """
        tensors = _node_tensors(self.node)[0]
        if hasattr(self.node, "keras_inputs"):  # tf_keras, which takes a value off for every use
            filled = {}
            for tensor, value in zip(tensors, values, strict=True):
                filled.setdefault(str(id(tensor)), []).append(value)
            return self.node.map_arguments(filled)
        by_id = {id(tensor): value for tensor, value in zip(tensors, values, strict=True)}
        args, kwargs = self.node.arguments.fill_in(by_id)
        return tuple(args), {name: v for name, v in kwargs.items() if not _is_mask(name)}

    @property
    def is_layer(self) -> bool:
        """Whether it is a layer, not a bare operation such as ``x + y`` or one of `keras.ops`."""
        return hasattr(self.layer, "get_weights")

    @property
    def has_constants(self) -> bool:
        """Whether it takes arrays besides the results of layers, masks aside."""
        node = self.node
        if hasattr(node, "keras_inputs"):  # tf_keras
            args, kwargs = node.call_args, node.call_kwargs
        else:
            args, kwargs = node.arguments.args, node.arguments.kwargs
        given = [*args, *(value for name, value in kwargs.items() if not _is_mask(name))]
        return any(hasattr(v, "shape") and not hasattr(v, "_keras_history") for v in _flat(given))

    @property
    def is_training(self) -> bool:
        """Whether the layer always behaves as in training; Keras 3 has that up to the model."""
        return getattr(self.node, "call_kwargs", {}).get("training") is True

    @property
    def takes_mask(self) -> bool:
        """Whether the layer leaves out what a mask of its inputs says."""
        return "mask" in inspect.signature(self.layer.call).parameters


def calls_of(model):
    """List the calls of a model, the models inside of it expanded.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
        Sequential or functional, built.

    Returns
    -------
    calls : list of Call
        The input layers first, in the order of the model's inputs.
    outputs : list of int
        Identities of the tensors that the model returns.

    Raises
    ------
    ConversionError
        If the model has no graph of layers, as a subclassed or an unbuilt one.
    """
    try:
        inputs, outputs = model.inputs, model.outputs
    except (AttributeError, ValueError):
        inputs = outputs = None
    # a network that has been converted has inputs and outputs as well, but no tensors
    if not inputs or not outputs or not all(hasattr(t, "_keras_history") for t in inputs):
        raise ConversionError(
            f"{type(model).__name__} {getattr(model, 'name', model)!r} has no graph of layers to "
            "convert: give the Keras model, build a Sequential model with a keras.Input first, and "
            "write subclassed models with the functional API"
        )
    walk = _Walk()
    walk.visit_all(inputs)
    walk.visit_all(outputs)
    calls = {}  # by name
    for call in walk.calls:
        name = unique(call.layer.name, calls, separator="_", start=1)  # as Keras numbers its names
        calls[name] = replace(call, name=name)
    return _with_masks(calls.values()), [walk.identity(tensor) for tensor in outputs]


def _with_masks(calls):
    """Calls with what masks their inputs, as Keras passes masks on from layer to layer."""
    result, makers = [], {}  # tensor -> what makes its mask
    for call in calls:
        maker = next((makers[i] for i in call.inputs if i in makers), None)
        if maker is None and _masks_of(call.node):
            maker = "the argument mask"
        result.append(replace(call, masked_by=maker))
        layer = call.layer
        if "Masking" in class_names(layer) or getattr(layer, "mask_zero", False):
            maker = f"the {class_names(layer)[0]} layer {call.name!r}"
        if maker is not None and getattr(layer, "supports_masking", False):
            makers.update(dict.fromkeys(call.outputs, maker))
    return result


class _Walk:
    """Depth first from the outputs, so that each call comes after those it needs."""

    def __init__(self):
        self.calls = []
        self.done = set()
        self.same = {}  # tensors inside of a nested model -> tensors outside
        self.keep = []  # tensors are known by id: hold on to them

    def identity(self, tensor):
        tensor_id = id(tensor)
        while tensor_id in self.same:
            tensor_id = self.same[tensor_id]
        return tensor_id

    def visit_all(self, tensors):
        for tensor in tensors:
            self.visit(tensor)

    def visit(self, tensor):
        if self.identity(tensor) in self.done:
            return
        layer, node = _origin(tensor)
        inputs, outputs = _node_tensors(node)
        self.keep += [*inputs, *outputs]
        if _is_model(layer):
            self.visit_all(inputs)
            self._enter(layer, inputs, outputs)
            return
        self.visit_all(inputs)
        self.done.update(id(t) for t in outputs)
        call = Call(
            layer.name,
            layer,
            node,
            [self.identity(t) for t in inputs],
            [self.identity(t) for t in outputs],
            [tuple(t.shape)[1:] for t in inputs],
            [tuple(t.shape)[1:] for t in outputs],
        )
        self.calls += self._one_by_one(call) if "BySegments" in class_names(layer) else [call]

    def _one_by_one(self, segments):
        """Calls of the layers within segments, each on what the one before makes of all steps."""
        taken, shapes, calls = segments.inputs, segments.input_shapes, []
        layers = segments.layer.layers_of_step
        for index, layer in enumerate(layers, 1):
            self.keep.append(object())
            made = segments.outputs if index == len(layers) else [id(self.keep[-1])]
            _, *shape = layer.compute_output_shape((None, *shapes[0]))
            call = replace(segments, name=layer.name, layer=layer, inputs=taken, outputs=made)
            calls.append(replace(call, input_shapes=shapes, output_shapes=[tuple(shape)]))
            taken, shapes = made, [tuple(shape)]
        return calls

    def _enter(self, model, inputs, outputs):
        """Expand a model used as a layer; each use gets tensors of its own."""
        inner = _Walk()
        inner.done.update(id(tensor) for tensor in model.inputs)
        inner.visit_all(model.outputs)
        renamed = {
            id(inside): self.identity(outside)
            for inside, outside in zip(model.inputs, inputs, strict=True)
        }
        for call in inner.calls:
            fresh = [object() for _ in call.outputs]
            self.keep += fresh
            renamed.update(zip(call.outputs, map(id, fresh), strict=True))
            self.calls.append(
                replace(
                    call,
                    inputs=[renamed[i] for i in call.inputs],
                    outputs=[renamed[i] for i in call.outputs],
                )
            )
        self.keep += inner.keep
        for inside, outside in zip(model.outputs, outputs, strict=True):
            self.done.add(id(outside))
            self.same[id(outside)] = renamed[inner.identity(inside)]
            self.done.add(renamed[inner.identity(inside)])


def _origin(tensor):
    history = tensor._keras_history
    layer = getattr(history, "operation", None) or history.layer
    return layer, layer._inbound_nodes[history.node_index]


def tensor_name(tensor):
    """Name of the layer that a symbolic tensor comes from."""
    return _origin(tensor)[0].name


def _node_tensors(node):
    """Tensors that a call takes, without masks, and those that it returns."""
    if hasattr(node, "keras_inputs"):  # tf_keras
        outputs = node.outputs if isinstance(node.outputs, (list, tuple)) else [node.outputs]
        return ([] if node.is_input else list(node.keras_inputs)), list(outputs)
    masks = _masks_of(node)
    inputs = [tensor for tensor in node.input_tensors if id(tensor) not in masks]
    return inputs, list(node.output_tensors)


def _masks_of(node):
    """Identities of the symbolic tensors that a call of Keras 3 takes as masks."""
    if hasattr(node, "keras_inputs"):
        return set()
    values = [value for name, value in node.arguments.kwargs.items() if _is_mask(name)]
    return {id(v) for group in values for v in _flat(group) if hasattr(v, "_keras_history")}


def _flat(group):
    if isinstance(group, (list, tuple)):
        return [value for part in group for value in _flat(part)]
    return [group]


def _is_mask(argument):
    return argument == "mask" or argument.endswith("_mask")


def _is_of_tensorflow(model):
    import keras

    return not isinstance(model, keras.Model) or keras.config.backend() == "tensorflow"


def _is_model(layer):
    return hasattr(layer, "layers") and hasattr(layer, "inputs") and hasattr(layer, "outputs")


def class_names(layer):
    """Names of a layer's class and of its bases, the most special first."""
    return [cls.__name__ for cls in type(layer).__mro__]


def config_of(layer):
    """Configuration of a layer, empty for a bare operation."""
    return layer.get_config() if hasattr(layer, "get_weights") else vars(layer)


def weights_of(layer):
    """Weights by the last part of their names, as in ``{"kernel": ndarray, "bias": ndarray}``.

    Those in half precision become single precision, which Nengo and SciPy can compute with.
    """
    if not hasattr(layer, "weights"):
        return {}
    return {
        w.name.split("/")[-1].split(":")[0]: value.astype("float32") if is_half(value) else value
        for w, value in zip(layer.weights, layer.get_weights(), strict=True)
    }


def results_of(model, inputs):
    """Run a model layer by layer, the models inside of it included.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
    inputs : list of (n_samples, ...) ndarray
        In the order of the model's inputs.

    Returns
    -------
    results : dict of str to (n_samples, ...) ndarray
        By the names of the calls; the first result of a call with several.
    outputs : list of (n_samples, ...) ndarray
        What the model returns.

    Raises
    ------
    BackendError
        If TensorFlow would hang, since it had started before this process was forked.
    """
    from keras.ops import convert_to_numpy  # as PyTorch's tensors with gradients are no arrays

    calls, output_ids = calls_of(model)
    if _is_of_tensorflow(model):
        check_tensorflow_not_forked(f"the Keras model {model.name!r}")
    values = {}
    inputs = iter(inputs)
    results = {}
    for call in calls:
        if "InputLayer" in class_names(call.layer):
            made = [np.asarray(next(inputs), dtype="float32")]
        else:
            args, kwargs = call.arguments([values[i] for i in call.inputs])
            if "training" in inspect.signature(call.layer.call).parameters:
                kwargs["training"] = False
            made = call.layer(*args, **kwargs)
            made = made if isinstance(made, (list, tuple)) else [made]
        values.update(zip(call.outputs, made, strict=True))
        results[call.name] = convert_to_numpy(made[0])
    return results, [convert_to_numpy(values[i]) for i in output_ids]
