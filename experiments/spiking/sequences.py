"""Images as sequences of pixels, and those as spikes."""

from __future__ import annotations

import keras
import numpy as np

__all__ = ["N_CHANNELS", "PixelSequences", "crossings"]

N_CHANNELS = 80


def crossings(images, n_channels=N_CHANNELS):
    """Spikes of neurons that fire when the grey value crosses their thresholds, pixel by pixel.

    Bellec et al. (2018) present MNIST so to LSNNs: half of the channels fire when the value rises
    through their threshold, half when it falls through it.

    Parameters
    ----------
    images : (n, height, width, 1) ndarray
        From 0 to 1.
    n_channels : int

    Returns
    -------
    spikes : (n, height * width, n_channels) ndarray of float32
    """
    half = n_channels // 2
    thresholds = (np.arange(half) + 0.5) / half
    above = images.reshape(len(images), -1, 1) > thresholds
    before = np.concatenate([np.zeros_like(above[:, :1]), above[:, :-1]], axis=1)
    return np.concatenate([above & ~before, before & ~above], axis=2).astype("float32")


class PixelSequences(keras.utils.PyDataset):
    """Minibatches of images as spikes over time.

    Parameters
    ----------
    minibatches : keras.utils.PyDataset
        Of images and labels, such as `experiments.augmentation.Minibatches`.
    """

    def __init__(self, minibatches):
        super().__init__(workers=1)
        self.minibatches = minibatches

    def __len__(self):
        """Return the number of minibatches."""
        return len(self.minibatches)

    def __getitem__(self, index):
        """Return spikes and labels of a minibatch."""
        images, labels = self.minibatches[index]
        return crossings(images), labels

    def on_epoch_end(self):
        """Go on to the next epoch."""
        self.minibatches.on_epoch_end()
