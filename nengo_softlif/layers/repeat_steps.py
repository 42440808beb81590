"""Constant inputs at every step."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nengo_softlif.validation import check_integer

__all__ = ["RepeatSteps"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class RepeatSteps(keras.layers.Layer):
    """Give (batch, ...) values a time axis, the same in every step: (batch, steps, ...) currents.

    Values of any range, unlike those that `nengo_softlif.layers.EncodeSpikes` takes.

    Parameters
    ----------
    n_steps : int
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If the number of steps is not an integer above 0.

    Examples
    --------
    >>> import numpy as np
    >>> np.asarray(RepeatSteps(3)(np.array([[0.5, -2.0]])))[0].T
    array([[ 0.5,  0.5,  0.5],
           [-2. , -2. , -2. ]], dtype=float32)
    """

    def __init__(self, n_steps: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n_steps = check_integer(f"{self.name}.n_steps", n_steps, minimum=1)

    def call(self, inputs):
        """Return the inputs, repeated."""
        inputs = ops.cast(inputs, self.compute_dtype)
        return ops.repeat(ops.expand_dims(inputs, 1), self.n_steps, axis=1)

    def compute_output_shape(self, input_shape):
        """With a time axis behind the batch."""
        return (input_shape[0], self.n_steps, *input_shape[1:])

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {**super().get_config(), "n_steps": self.n_steps}
