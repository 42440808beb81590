"""ReLUs with as many levels as spikes, as a Keras layer that is trained as rates."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nengo_softlif.layers.between import Between
from nengo_softlif.layers.fixed_point import straight_through
from nengo_softlif.layers.precision import check_dtype_policy, check_training_precision
from nengo_softlif.validation import check_bool, check_integer, check_number

__all__ = ["QuantizedReLU"]

_LOWEST_THRESHOLD = 1e-3  # of the initial one


@keras.saving.register_keras_serializable(package="nengo_softlif")
class QuantizedReLU(keras.layers.Layer):
    r"""Rates of neurons that fire from 0 to ``n_steps`` spikes in ``n_steps`` steps.

    .. math::
       y = \frac{s}{T} \operatorname{clip}(\lfloor T x / s + \tfrac12 \rfloor, 0, T)

    where T is ``n_steps`` and s the threshold: what integrate-and-fire neurons with this threshold,
    reset by subtraction, make of a constant input if they start at half of the threshold. A network
    trained with these rates keeps its accuracy as spikes in few steps:
    `nengo_softlif.conversion.to_spiking_model` puts neurons in their place, and
    `nengo_softlif.conversion.to_quantized_model` puts them in the place of ReLUs. The gradient is
    that of the curve without steps, and for the threshold also that of the rounding.

    Parameters
    ----------
    n_steps : int
        Levels above 0 (>= 1).
    threshold : float
        The highest output (> 0), one spike in every step.
    trainable_threshold : bool
        Whether to train it; one for the layer.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Bu et al. (2022), "Optimal ANN-SNN conversion for high-accuracy and ultra-low-latency
       spiking neural networks", eq. 12 (quantization clip-floor-shift).

    Examples
    --------
    >>> import numpy as np
    >>> layer = QuantizedReLU(n_steps=2, threshold=1.0)
    >>> np.asarray(layer(np.array([[-1.0, 0.2, 0.3, 0.8, 3.0]])))
    array([[0. , 0. , 0.5, 1. , 1. ]], dtype=float32)
    """

    def __init__(
        self,
        n_steps: int = 8,
        threshold: float = 1.0,
        trainable_threshold: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_dtype_policy(self)
        self.n_steps = check_integer(f"{self.name}.n_steps", n_steps, minimum=1)
        self.threshold = check_number(f"{self.name}.threshold", threshold, above=0)
        self.trainable_threshold = check_bool(
            f"{self.name}.trainable_threshold", trainable_threshold
        )

    def build(self, input_shape):
        """Make the weight, the threshold."""
        self.trained_threshold = self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(self.threshold),
            constraint=Between(_LOWEST_THRESHOLD * self.threshold, None),
            trainable=self.trainable_threshold,
            name="threshold",
        )
        super().build(input_shape)

    def call(self, inputs, training=False):
        """Return outputs, shaped as the inputs."""
        check_training_precision(self, training)
        threshold = ops.cast(self.trained_threshold, self.compute_dtype)
        part = ops.clip(ops.cast(inputs, self.compute_dtype) / threshold, 0.0, 1.0)
        levels = ops.floor(part * self.n_steps + 0.5) / self.n_steps
        return threshold * straight_through(part, levels)

    def compute_output_shape(self, input_shape):
        """Output has the shape of the input."""
        return input_shape

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {
            **super().get_config(),
            "n_steps": self.n_steps,
            "threshold": self.threshold,
            "trainable_threshold": self.trainable_threshold,
        }
