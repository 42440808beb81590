"""Event frames as spikes, which can enter a chip."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nengo_softlif.layers.discrete_lif import check_time_axis
from nengo_softlif.layers.precision import check_dtype_policy
from nengo_softlif.validation import check_integer

__all__ = ["SpikeCounts"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class SpikeCounts(keras.layers.Layer):
    """Event frames (batch, steps, ...) as integers from 0 to a largest count.

    Behind it even the first layer of a converted network is on the chip: ``max_count`` neurons on
    the host for each element of the input send it spikes. Without it the first layer stays on the
    host, and takes any numbers.

    Parameters
    ----------
    max_count : int
        Spikes of an element in a step (>= 1); larger counts become this one.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If ``max_count`` is out of range, or there is no time axis.

    Examples
    --------
    >>> import numpy as np
    >>> frames = np.array([[[0.0, 1.0, 5.0]]], dtype="float32")
    >>> np.asarray(SpikeCounts(max_count=2)(frames)).ravel()
    array([0., 1., 2.], dtype=float32)
    """

    def __init__(self, max_count: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_dtype_policy(self)
        self.max_count = check_integer(f"{self.name}.max_count", max_count, minimum=1)

    def build(self, input_shape):
        """Check that there is a time axis."""
        check_time_axis(self, input_shape)
        super().build(input_shape)

    def call(self, inputs):
        """Return counts."""
        inputs = ops.cast(inputs, self.compute_dtype)
        return ops.clip(ops.floor(inputs + 0.5), 0, self.max_count)

    def compute_output_shape(self, input_shape):
        """Output has the shape of the input."""
        return input_shape

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {**super().get_config(), "max_count": self.max_count}
