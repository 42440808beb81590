"""Local response normalisation, which the network of Krizhevsky et al. has and spikes can't do."""

from __future__ import annotations

import keras
from keras import ops

__all__ = ["LocalResponseNormalization"]


@keras.saving.register_keras_serializable(package="experiments")
class LocalResponseNormalization(keras.layers.Layer):
    r"""Divide every channel by the activity of its neighbours.

    .. math:: y_c = x_c / (1 + \frac{\alpha}{n} \sum_{|c' - c| \le n / 2} x_{c'}^2)^\beta

    Parameters
    ----------
    n : int
        Channels that count, itself included.
    alpha, beta : float
        Strength and exponent.
    **kwargs
        As for every Keras layer.

    References
    ----------
    .. [1] Krizhevsky, Sutskever & Hinton (2012), "ImageNet classification with deep
       convolutional neural networks", section 3.3. The numbers are those of the CIFAR-10 layer
       files that come with cuda-convnet.
    """

    def __init__(self, n=9, alpha=0.001, beta=0.75, **kwargs):
        super().__init__(**kwargs)
        self.n, self.alpha, self.beta = n, alpha, beta

    def call(self, inputs):
        """Return ``(batch, height, width, channels)`` like ``inputs``."""
        n_channels = inputs.shape[-1]
        offsets = abs(ops.arange(n_channels)[:, None] - ops.arange(n_channels)[None, :])
        neighbours = ops.cast(offsets <= self.n // 2, inputs.dtype)
        activity = ops.matmul(ops.square(inputs), neighbours)
        return inputs / (1 + self.alpha / self.n * activity) ** self.beta

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {**super().get_config(), "n": self.n, "alpha": self.alpha, "beta": self.beta}
