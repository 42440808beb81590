"""Operations and layers of Keras 3 inside a layer of Keras 2, for which Keras 2 has no class."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import keras
import tf_keras

from nengo_softlif.errors import ParameterError
from nengo_softlif.nengodl.builder import choose_pass

__all__ = ["AdaptedLayer", "AdaptedOperation", "adapted_class"]


class AdaptedOperation(tf_keras.layers.Layer):
    """A layer of Keras 2 that computes an operation of Keras 3, on TensorFlow.

    Parameters
    ----------
    adapted : keras.Operation
    **kwargs
        As for every layer of Keras 2.

    Examples
    --------
    >>> import numpy as np
    >>> layer = AdaptedOperation(keras.layers.ReLU())
    >>> layer(np.array([-2.0, 2.0])).numpy().tolist()
    [0.0, 2.0]
    """

    def __init__(self, adapted: Any, **kwargs: Any):
        super().__init__(name=adapted.name, **kwargs)
        # Keras 2 must not look for weights in there
        self._adapted = lambda: adapted

    @property
    def adapted(self) -> Any:
        """The operation of Keras 3."""
        return self._adapted()

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the operation."""
        # Keras 2 passes ``training`` on to whatever takes keywords
        if "training" not in inspect.signature(self.adapted.call).parameters:
            kwargs.pop("training", None)
        return self.adapted.call(*args, **kwargs)

    def get_config(self) -> dict:
        """Return what `from_config` takes; it is not for files."""
        return {"adapted": self.adapted}

    @classmethod
    def from_config(cls, config: dict) -> AdaptedOperation:
        """Make an equal layer."""
        return cls(config["adapted"])


class AdaptedLayer(AdaptedOperation):
    """A layer of Keras 2 with the variables and the ``call`` of a layer of Keras 3.

    The layer of Keras 3 is the one that is trained: afterwards its weights are what was learnt.
    Attributes that the layer of Keras 2 lacks are those of the layer of Keras 3.

    Parameters
    ----------
    adapted : keras.layers.Layer

    Examples
    --------
    >>> import numpy as np
    >>> layer = AdaptedLayer(keras.layers.RMSNormalization())
    >>> layer(np.array([[3.0, 3.0]])).numpy().round(3).tolist()
    [[1.0, 1.0]]
    >>> len(layer.trainable_weights)
    1
    """

    def __init__(self, adapted: keras.layers.Layer):
        policy = adapted.dtype_policy.name
        super().__init__(adapted, trainable=adapted.trainable, dtype=policy)
        self._takes_training = "training" in inspect.signature(adapted.call).parameters

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.adapted, name)

    def build(self, input_shape: Any) -> None:
        """Create the variables, unless the layer of Keras 3 has some."""
        if not self.adapted.built:
            self.adapted.build(_plain_shape(input_shape))
        # Keras 2 tracks the variables in an attribute
        self._adapted_variables = [variable.value for variable in self.adapted.weights]
        for variable in self._regularized():
            self.add_loss(lambda variable=variable: variable.regularizer(variable))
        super().build(input_shape)

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Compute the layer, as in training or as in inference."""
        if not self._takes_training:
            return self._computed(inputs)
        return choose_pass(
            training,
            lambda: self._computed(inputs, training=True),
            lambda: self._computed(inputs, training=False),
        )

    def _computed(self, inputs: Any, **kwargs: Any) -> Any:
        self.adapted._clear_losses()
        outputs = self.adapted(inputs, **kwargs)
        if len(self.adapted.losses) > len(self._regularized()):
            raise ParameterError(
                f"{self.name} adds a loss when it is called (by a regularizer of activities or "
                "rates, or by add_loss), and NengoDL would train without it; leave it out, and "
                "give a probe of the layer a loss in compile instead"
            )
        return outputs

    def _regularized(self) -> list[keras.Variable]:
        """Return the weights that have a price, which Keras 2 adds to the loss."""
        return [weight for weight in self.adapted.trainable_weights if weight.regularizer]

    @classmethod
    def from_config(cls, config: dict) -> AdaptedLayer:
        """Make an equal layer with weights of its own."""
        adapted = config["adapted"]
        return cls(type(adapted).from_config(adapted.get_config()))


def _plain_shape(shape: Any) -> Any:
    """Return a shape, or a list of shapes, as Keras 3 has them."""
    if isinstance(shape, list):
        return [_plain_shape(part) for part in shape]
    return tuple(shape)


@functools.cache
def adapted_class(cls: type) -> type[AdaptedLayer]:
    """Return the class of adapted layers for a class of Keras 3, always the same.

    Parameters
    ----------
    cls : type
        Subclass of `keras.layers.Layer`.

    Returns
    -------
    adapted : type
        Subclass of `AdaptedLayer`, which a converter can be registered for.

    Examples
    --------
    >>> adapted_class(keras.layers.RMSNormalization).__name__
    'AdaptedRMSNormalization'
    """
    return type(f"Adapted{cls.__name__}", (AdaptedLayer,), {"__doc__": cls.__doc__})
