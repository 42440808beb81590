"""The calls of layers that make up a Keras 3 or tf_keras model, in the order of computation.

The one place that reads the history Keras keeps in its symbolic tensors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nengo_softlif.errors import ConversionError

__all__ = ["Call", "calls_of", "class_names", "config_of", "weights_of"]


@dataclass(frozen=True, eq=False)
class Call:
    """One use of a layer.

    Parameters
    ----------
    layer : keras.layers.Layer
    inputs, outputs : list of int
        Identities of the symbolic tensors taken and returned.
    input_shapes, output_shapes : list of tuple
        Shapes without the batch, channels as the layer has them.
    """

    layer: object
    inputs: list
    outputs: list
    input_shapes: list
    output_shapes: list


def calls_of(model):
    """List the calls of a model, the models inside of it expanded.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
        Sequential or functional, built.

    Returns
    -------
    calls : list of Call
        Input layers first.
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
    if not inputs or not outputs:
        raise ConversionError(
            f"{type(model).__name__} {getattr(model, 'name', model)!r} has no graph of layers to "
            "convert: build a Sequential model with a keras.Input first, and write subclassed "
            "models with the functional API"
        )
    walk = _Walk()
    walk.visit_all(outputs)
    return walk.calls, [walk.identity(tensor) for tensor in outputs]


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
        self.calls.append(
            Call(
                layer,
                [self.identity(t) for t in inputs],
                [self.identity(t) for t in outputs],
                [tuple(t.shape)[1:] for t in inputs],
                [tuple(t.shape)[1:] for t in outputs],
            )
        )

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
                Call(
                    call.layer,
                    [renamed[i] for i in call.inputs],
                    [renamed[i] for i in call.outputs],
                    call.input_shapes,
                    call.output_shapes,
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


def _node_tensors(node):
    if hasattr(node, "keras_inputs"):  # tf_keras
        outputs = node.outputs if isinstance(node.outputs, (list, tuple)) else [node.outputs]
        return ([] if node.is_input else list(node.keras_inputs)), list(outputs)
    return list(node.input_tensors), list(node.output_tensors)


def _is_model(layer):
    return hasattr(layer, "layers") and hasattr(layer, "inputs") and hasattr(layer, "outputs")


def class_names(layer):
    """Names of a layer's class and of its bases, the most special first."""
    return [cls.__name__ for cls in type(layer).__mro__]


def config_of(layer):
    """Configuration of a layer, empty for a bare operation."""
    return layer.get_config() if hasattr(layer, "get_weights") else vars(layer)


def weights_of(layer):
    """Weights by the last part of their names, as in ``{"kernel": ndarray, "bias": ndarray}``."""
    if not hasattr(layer, "weights"):
        return {}
    return {
        w.name.split("/")[-1].split(":")[0]: value
        for w, value in zip(layer.weights, layer.get_weights(), strict=True)
    }


def layer_results(model, inputs):
    """Run a model and collect what its layers return.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
    inputs : dict of str to (n_items, ...) ndarray
        By the names of the input layers.

    Returns
    -------
    results : dict of str to (n_items, ...) ndarray
        By the names of the layers, of those that return one tensor and are used once.
    """
    tensors = {}
    for layer in model.layers:
        nodes = layer._inbound_nodes
        if not _is_model(layer) and nodes and "InputLayer" not in class_names(layer):
            outputs = _node_tensors(nodes[-1])[1]
            if len(outputs) == 1:
                tensors[layer.name] = outputs[0]
    base = next(cls for cls in type(model).__mro__ if cls.__name__ == "Model")
    names = [_origin(tensor)[0].name for tensor in model.inputs]
    inside = base(model.inputs, list(tensors.values()))
    values = inside.predict([inputs[name].astype("float32") for name in names], verbose=0)
    values = values if isinstance(values, (list, tuple)) else [values]
    return dict(zip(tensors, map(np.asarray, values), strict=True))
