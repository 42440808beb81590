"""Minibatches of training images, shifted and mirrored at random."""

from __future__ import annotations

import keras
import numpy as np

__all__ = ["Minibatches"]


class Minibatches(keras.utils.PyDataset):
    """Shuffled minibatches, other ones in each epoch.

    What an epoch looks like follows from the seed and its number, so that a training that was
    interrupted goes on as if it had not been.

    Parameters
    ----------
    x : (n, height, width, channels) ndarray
    y : (n,) ndarray of int
    batch_size : int
    seed, epoch : int
        Number of the first epoch.
    margin : int
        Up to so many pixels a patch lies off the centre, in each direction.
    patch : int, optional
        Size of the patches; by default that of the images, which are then padded with zeros.
    mirror : bool
        Mirror half of the images left to right.
    smoothing : float
        Fraction of the label that is spread over all classes.
    """

    def __init__(self, x, y, *, batch_size, seed, epoch, margin, patch=None, mirror, smoothing):
        super().__init__()
        self.patch = patch or x.shape[1]
        pad = margin - (x.shape[1] - self.patch) // 2
        self.x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        n_classes = int(y.max()) + 1
        self.targets = (1 - smoothing) * np.eye(n_classes, dtype="float32")[y]
        self.targets += np.float32(smoothing / n_classes)
        self.batch_size, self.seed, self.epoch = batch_size, seed, epoch
        self.margin, self.mirror = margin, mirror
        self._shuffle()

    def __len__(self):
        """Return the number of whole minibatches."""
        return len(self.x) // self.batch_size

    def __getitem__(self, index):
        """Return images and one-hot labels of a minibatch."""
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        draws = np.random.default_rng((self.seed, self.epoch, index))
        rows, columns = draws.integers(2 * self.margin + 1, size=(2, len(chosen)))
        windows = np.lib.stride_tricks.sliding_window_view(
            self.x, (self.patch, self.patch), axis=(1, 2)
        )
        images = windows[chosen, rows, columns].transpose(0, 2, 3, 1)
        if self.mirror:
            flipped = draws.random(len(chosen)) < 0.5
            images = np.where(flipped[:, None, None, None], images[:, :, ::-1], images)
        return images, self.targets[chosen]

    def on_epoch_end(self):
        """Go on to the next epoch."""
        self.epoch += 1
        self._shuffle()

    def _shuffle(self):
        self.order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.x))
