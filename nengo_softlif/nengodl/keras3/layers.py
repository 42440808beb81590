"""Layers and models of Keras 3 as layers and models of Keras 2, with their weights."""

from __future__ import annotations

from typing import Any

import keras
import tf_keras

from nengo_softlif.nengodl.keras3.adapted_layers import AdaptedOperation, adapted_class
from nengo_softlif.nengodl.keras3.counterparts import (
    NoCounterpart,
    class_counterpart,
    function_counterpart,
    rebuild,
)
from nengo_softlif.nengodl.keras3.refusal import refuse

__all__ = ["Translation", "layer_class"]


class Translation:
    """Layers, models and tensors of Keras 3 with those of Keras 2 that stand for them.

    A layer that is translated twice is one layer, whose weights are shared.

    Examples
    --------
    >>> dense = keras.layers.Dense(3)
    >>> translation = Translation()
    >>> layer = translation(dense)
    >>> isinstance(layer, tf_keras.layers.Dense), translation(dense) is layer
    (True, True)
    """

    def __init__(self) -> None:
        # id -> the object of Keras 3, which keeps its id, and that of Keras 2
        self._found: dict[int, tuple[Any, Any]] = {}

    def __call__(self, value: Any) -> Any:
        """Return the layer, model, activation or part of a layer that stands for one of Keras 3.

        Parameters
        ----------
        value : keras.layers.Layer, keras.Operation or callable

        Returns
        -------
        counterpart : tf_keras.layers.Layer or callable

        Raises
        ------
        ParameterError
            If there is none.
        """
        if not isinstance(value, keras.Operation):
            return _part(value, self)
        if id(value) not in self._found:
            self._found[id(value)] = value, self._translate(value)
        return self._found[id(value)][1]

    def key(self, key: Any) -> Any:
        """Return a layer, a tensor, or a list of tensors of Keras 2 for those of Keras 3."""
        if isinstance(key, (list, tuple)):
            return type(key)(self.key(part) for part in key)
        return self._found.get(id(key), (key, key))[1]

    def _translate(self, value: keras.Operation) -> tf_keras.layers.Layer:
        if isinstance(value, keras.Model):
            if value.built and (isinstance(value, keras.Sequential) or hasattr(value, "inputs")):
                functional = getattr(value, "_functional", None) or value
                if hasattr(functional, "_nodes_by_depth"):
                    return self._functional(functional, value.name)
            elif type(value) is keras.Sequential:
                return tf_keras.Sequential([self(layer) for layer in value.layers], value.name)
        try:
            layer = rebuild(value, self)
        except NoCounterpart as reason:
            return _adapt(value, str(reason))
        if value.built and value.weights:
            layer.build(value.get_build_config()["input_shape"])
            layer.set_weights(value.get_weights())
        return layer

    def _functional(self, model: Any, name: str) -> tf_keras.Model:
        """Connect the layers as in a model of Keras 3."""
        tensors = {}

        def note(theirs: Any, ours: Any) -> None:
            tensors[id(theirs)] = ours
            self._found[id(theirs)] = theirs, ours

        for tensor in model.inputs:
            operation = tensor._keras_history.operation
            ours = tf_keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=operation.name)
            note(tensor, ours)
            self._found[id(operation)] = operation, ours._keras_history.layer
        for depth in sorted(model._nodes_by_depth, reverse=True):
            for node in model._nodes_by_depth[depth]:
                if node.is_input:
                    continue
                arguments, keywords = node.arguments.fill_in(tensors)
                outputs = self(node.operation)(*arguments, **keywords)
                for theirs, ours in zip(node.outputs, keras.tree.flatten(outputs), strict=True):
                    note(theirs, ours)
        inputs, outputs = (
            [tensors[id(tensor)] for tensor in flat] for flat in (model.inputs, model.outputs)
        )
        single = len(inputs) == 1, len(outputs) == 1
        return tf_keras.Model(
            inputs[0] if single[0] else inputs, outputs[0] if single[1] else outputs, name=name
        )


def layer_class(cls: type) -> type:
    """Return the class of layers of Keras 2 that layers of a class of Keras 3 become.

    Parameters
    ----------
    cls : type
        Subclass of `keras.layers.Layer`.

    Returns
    -------
    counterpart : type

    Examples
    --------
    >>> layer_class(keras.layers.Dense) is tf_keras.layers.Dense
    True
    """
    return class_counterpart(cls) or adapted_class(cls)


def _part(value: Any, translate: Translation) -> Any:
    """Return an initializer, regularizer, constraint or function for one of Keras 3."""
    if class_counterpart(type(value)) is not None:
        try:
            return rebuild(value, translate)
        except NoCounterpart as reason:
            refuse(value, str(reason))
    return function_counterpart(value)


def _adapt(value: Any, reason: str) -> AdaptedOperation:
    if keras.backend.backend() != "tensorflow":
        refuse(value, f"{reason}, and Keras 3 computes with {keras.backend.backend()}")
    if isinstance(value, keras.layers.Layer):
        return adapted_class(type(value))(value)
    return AdaptedOperation(value)
