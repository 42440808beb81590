"""Layer-wise pretraining with denoising autoencoders, as in P1 section 3.

Each dense layer learns to restore its input from a copy of which a part is set to zero, with the
layers before it fixed; the decoder is thrown away (Vincent et al. 2008, "Extracting and composing
robust features with denoising autoencoders").
"""

from __future__ import annotations

import keras
from keras import layers

__all__ = ["pretrain"]

CORRUPTION = 0.3  # part of the input that is hidden
LEARNING_RATE = 1e-3


def pretrain(model, x, *, epochs, batch_size=64, verbose=0):
    """Pretrain all hidden dense layers of a network, the first one first.

    Parameters
    ----------
    model : keras.Sequential
        Dense layers, each followed by its activation.
    x : (n_items, ...) ndarray
        Images; labels are not needed.
    epochs, batch_size : int
        For each layer.
    verbose : int
        As in Keras' ``fit``.

    Returns
    -------
    losses : dict of str to float
        Mean squared error of the restored input at the end, by layer.
    """
    losses = {}
    *hidden, _ = (layer for layer in model.layers if isinstance(layer, layers.Dense))
    for dense in hidden:
        neurons = model.layers[model.layers.index(dense) + 1]
        before = keras.Model(model.inputs, dense.input)
        clean = before.predict(x, batch_size=500, verbose=0)
        autoencoder = keras.Sequential(
            [
                keras.Input(clean.shape[1:]),
                # Dropout also scales what it leaves, which would shift the input of the layer
                _Hide(CORRUPTION),
                dense,
                neurons,
                layers.Dense(clean.shape[1]),
            ]
        )
        autoencoder.compile(keras.optimizers.Adam(LEARNING_RATE), "mse")
        history = autoencoder.fit(
            clean, clean, batch_size=batch_size, epochs=epochs, verbose=verbose
        )
        losses[dense.name] = history.history["loss"][-1]
    return losses


class _Hide(layers.Layer):
    """Set a random part of the input to zero."""

    def __init__(self, part):
        super().__init__()
        self.part = part
        self.draws = keras.random.SeedGenerator()

    def call(self, inputs, training=False):
        if not training:
            return inputs
        shown = keras.random.uniform(keras.ops.shape(inputs), seed=self.draws) > self.part
        return inputs * keras.ops.cast(shown, inputs.dtype)
