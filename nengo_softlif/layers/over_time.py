"""A layer applied to every time step at once."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nengo_softlif.layers.discrete_lif import check_time_axis
from nengo_softlif.validation import check_type

__all__ = ["OverTime"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class OverTime(keras.layers.Wrapper):
    """Apply a layer without memory to all time steps at once.

    The steps join the batch, so that a convolution runs once over all of them: faster than
    `keras.layers.TimeDistributed`, which goes from step to step, and with the same result, also for
    batch normalisation, whose statistics are then over all steps.

    Parameters
    ----------
    layer : keras.layers.Layer
        Such as `keras.layers.Conv2D`.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If it is no layer, or inputs have no time axis.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.ones((2, 5, 8, 8, 1), dtype="float32")
    >>> OverTime(keras.layers.Conv2D(3, 3))(images).shape
    TensorShape([2, 5, 6, 6, 3])
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any) -> None:
        check_type("layer", layer, keras.layers.Layer, "give one such as keras.layers.Conv2D(8, 3)")
        kwargs.setdefault("name", f"{layer.name}_over_time")
        super().__init__(layer, **kwargs)

    def build(self, input_shape):
        """Build the layer for one step."""
        check_time_axis(self, input_shape)
        if not self.layer.built:
            self.layer.build((None, *input_shape[2:]))
        super().build()

    def call(self, inputs, training=False):
        """Return what the layer makes of each step."""
        n_steps, shape = inputs.shape[1], inputs.shape[2:]
        options = {"training": training} if self.layer._call_has_training_arg else {}
        outputs = self.layer(ops.reshape(inputs, (-1, *shape)), **options)
        return ops.reshape(outputs, (-1, n_steps, *outputs.shape[1:]))

    def compute_output_shape(self, input_shape):
        """The layer's output shape, with the time axis."""
        batch, n_steps, *shape = input_shape
        _, *made = self.layer.compute_output_shape((batch, *shape))
        return (batch, n_steps, *made)
