"""Keras with the layers of nengo_softlif, on the backend of ``KERAS_BACKEND``."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from benchmarks.trainers.networks import DECAY, LEARNING_RATE, N_CLASSES, N_STEPS, STEEPNESS
from nengo_softlif.functional.surrogates import FastSigmoidSurrogate
from nengo_softlif.layers import DiscreteLIF, LeakyIntegrator, OverTime


def build(network, batches):
    """See `benchmarks.trainers`; also returns the fraction of neurons that spike in a step."""
    model, spikes = _model(network)
    model.compile(
        keras.optimizers.Adam(LEARNING_RATE),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    watched = keras.Model(model.inputs, spikes)
    fractions = [float(np.mean(s)) for s in watched.predict(batches[0][0], verbose=0)]

    def train():
        return [model.train_on_batch(x, y) for x, y in batches]

    return train, {"spiking": fractions}


def _model(network):
    x = inputs = keras.Input((N_STEPS, *network.shape))
    spikes = []
    for layer in network.layers:
        weights = {"use_bias": False, "kernel_initializer": _constant(layer.weights)}
        if layer.is_convolution:
            size = layer.weights.shape[:2]
            x = OverTime(layers.Conv2D(layer.weights.shape[-1], size, strides=2, **weights))(x)
        else:
            x = layers.Dense(layer.weights.shape[-1], **weights)(x)
        x = DiscreteLIF(DECAY, layer.threshold, surrogate=FastSigmoidSurrogate(STEEPNESS))(x)
        spikes.append(x)
    if network.layers[-1].is_convolution:
        x = OverTime(layers.Flatten())(x)
    x = layers.Dense(N_CLASSES, use_bias=False, kernel_initializer=_constant(network.readout))(x)
    return keras.Model(inputs, LeakyIntegrator()(x)), spikes


def _constant(values):
    return lambda shape, dtype=None: keras.ops.convert_to_tensor(values, dtype)
