"""Sequential MNIST, pixel after pixel, as Bellec et al. (2018) present it, and its networks."""

from __future__ import annotations

import math

import keras
import numpy as np
from keras import layers, ops

from nengo_softlif.functional.surrogates import TriangularSurrogate
from nengo_softlif.layers import FiringRateRegularizer, LeakyIntegrator, RecurrentLIF

__all__ = ["PixelCrossings", "sequential_mnist"]

N_LEVELS = 40  # of grey; a channel for each upwards, and one downwards
NON_ADAPTIVE, ADAPTIVE, LSTM_UNITS = 120, 100, 128
MEMBRANE, ADAPTATION = 20.0, 700.0  # time constants in steps
STRENGTH = 180.0  # thresholds that a neuron's own adaptation adds, fired in every step
# The standard deviations of Bellec et al. are 1 over the root of the number of inputs, in units of
# a threshold of 0.01, for currents that are multiplied by 0.05.
SCALE = 5.0


@keras.saving.register_keras_serializable(package="experiments")
class PixelCrossings(layers.Layer):
    """Images as spikes over time: a spike for each level of grey between a pixel and the next."""

    def call(self, images):
        """Return (n, 784, 80) spikes of (n, 28, 28, 1) images from 0 to 1: upwards, downwards."""
        pixels = ops.reshape(images, (-1, 784, 1))
        levels = ((np.arange(N_LEVELS) + 0.5) / N_LEVELS).astype("float32")
        above = ops.cast(pixels > levels, self.compute_dtype)
        before = ops.pad(above[:, :-1], ((0, 0), (1, 0), (0, 0)))
        return ops.relu(ops.concatenate([above - before, before - above], axis=-1))

    def compute_output_shape(self, input_shape):
        """Steps, and channels."""
        return (input_shape[0], 784, 2 * N_LEVELS)


def sequential_mnist(*, cells):
    """One recurrent layer for images that come pixel after pixel.

    Parameters
    ----------
    cells : {"lsnn", "lif", "lstm"}
        120 LIF neurons and 100 with adaptive thresholds, 220 LIF neurons, or 128 LSTM units.

    Returns
    -------
    model : keras.Sequential
        Takes images ``(n, 28, 28, 1)``, returns logits ``(n, 10)``.
    """
    parts = [keras.Input((28, 28, 1), name="image"), PixelCrossings(name="crossings")]
    if cells == "lstm":
        parts += [layers.LSTM(LSTM_UNITS, name="recurrent"), layers.Dense(10, name="out")]
        return keras.Sequential(parts, name="sequential_mnist")
    n_neurons = NON_ADAPTIVE + ADAPTIVE
    strength = [0.0] * NON_ADAPTIVE + [STRENGTH] * ADAPTIVE if cells == "lsnn" else 0.0
    parts += [
        layers.Dense(
            n_neurons,
            use_bias=False,
            kernel_initializer=_normal(2 * N_LEVELS),
            name="in_weights",
        ),
        RecurrentLIF(
            math.exp(-1 / MEMBRANE),
            1.0,
            reset="subtract",
            refractory_steps=5,
            adaptation_strength=strength,
            adaptation_decay=math.exp(-1 / ADAPTATION),
            surrogate=TriangularSurrogate(0.3, 1.0),
            recurrent_initializer=_normal(n_neurons),
            # With the reset as a constant, 100 minibatches end with 25 % instead of 59 %.
            detach_reset=False,
            rate_regularizer=FiringRateRegularizer(20.0),
            name="recurrent",
        ),
        layers.Dense(10, name="out"),
        LeakyIntegrator(0.99, name="sum"),
        layers.Rescaling(0.1, name="logits"),
    ]
    return keras.Sequential(parts, name="sequential_mnist")


def _normal(n_inputs):
    return keras.initializers.RandomNormal(stddev=SCALE / math.sqrt(n_inputs))
