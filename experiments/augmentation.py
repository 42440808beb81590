"""Minibatches of training images: patches, mirrored, with holes, or mixed, at random."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

__all__ = ["minibatches", "n_minibatches", "smoothed_targets"]

_fold_in = tf.random.experimental.stateless_fold_in


def smoothed_targets(labels, smoothing):
    """Return one-hot labels, of which a fraction is spread over all classes, (n, n_classes)."""
    n_classes = int(labels.max()) + 1
    targets = (1 - smoothing) * np.eye(n_classes)[labels] + smoothing / n_classes
    return targets.astype(np.float32)


def n_minibatches(images, plan):
    """Return the number of whole minibatches in an epoch."""
    return len(images) // plan.batch_size


def minibatches(images, labels, plan, *, scale=1 / 255, offset=0.0, epoch=0):
    """Return minibatches without end, shuffled anew in each epoch.

    What an epoch looks like follows from the seed and its number, so that a training that was
    interrupted goes on as if it had not been. All of it is a TensorFlow graph, which runs beside
    the training.

    Parameters
    ----------
    images : (n, height, width, channels) ndarray of uint8
    labels : (n,) ndarray of int
    plan : Plan
        Its ``batch_size``, ``seed``, ``margin``, ``patch``, ``mirror``, ``hole``, ``mixup`` and
        ``smoothing`` count.
    scale, offset : float
        A pixel has the value ``scale * level + offset``.
    epoch : int
        Number of the first epoch.

    Returns
    -------
    batches : tf.data.Dataset
        Of pairs of images, float32, and targets ``(batch_size, n_classes)``.
    """
    cut = _Patches(images, plan)
    targets = tf.constant(smoothed_targets(labels, plan.smoothing))
    grey = np.float32(scale * images.mean() + offset)
    n_batches = n_minibatches(images, plan)

    def of_epoch(number):
        key = _fold_in(tf.constant([plan.seed, 0], tf.int64), number)
        order = tf.random.experimental.stateless_shuffle(tf.range(len(images)), key)
        order = tf.reshape(order[: n_batches * plan.batch_size], (n_batches, plan.batch_size))
        keys = tf.map_fn(
            lambda index: _fold_in(key, index), tf.range(1, n_batches + 1, dtype=tf.int64)
        )
        return tf.data.Dataset.from_tensor_slices((order, keys))

    def batch(chosen, key):
        draws = _Draws(key, plan.batch_size)
        x = scale * tf.cast(cut(chosen, draws), tf.float32) + offset
        y = tf.gather(targets, chosen)
        if plan.hole:
            x = tf.where(_holes(draws, x.shape[1], plan.hole), grey, x)
        if plan.mixup:
            share = draws.beta(plan.mixup)
            x, y = (share * part + (1 - share) * tf.reverse(part, [0]) for part in (x, y))
        return x, y

    epochs = tf.data.Dataset.range(epoch, np.iinfo(np.int64).max)
    batches = epochs.flat_map(of_epoch).map(batch, num_parallel_calls=2, deterministic=True)
    return batches.prefetch(4)


class _Patches:
    """Cut a patch out of each of some images, off their centre, and mirror it or not."""

    def __init__(self, images, plan):
        self.size = plan.patch or images.shape[1]
        pad = max(0, plan.margin - (images.shape[1] - self.size) // 2)
        self.first = pad + (images.shape[1] - self.size) // 2 - plan.margin
        self.n_places = 2 * plan.margin + 1
        self.mirror = plan.mirror
        self.images = tf.constant(np.pad(images, ((0, 0), (pad, pad), (pad, pad), (0, 0))))

    def __call__(self, chosen, draws):
        across = tf.range(self.size)
        rows, columns = (self.first + draws.below(self.n_places)[:, None] + across for _ in "yx")
        if self.mirror:
            columns = tf.where(draws.below(2)[:, None] == 1, columns[:, ::-1], columns)
        x = tf.gather(tf.gather(self.images, chosen), rows, axis=1, batch_dims=1)
        return tf.gather(x, columns, axis=2, batch_dims=1)


def _holes(draws, size, width):
    """Squares around random pixels, a part of which may lie outside of the image."""
    rows, columns = (
        (distance >= -(width // 2)) & (distance < width - width // 2)
        for distance in (tf.range(size) - draws.below(size)[:, None] for _ in "yx")
    )
    return (rows[:, :, None] & columns[:, None, :])[..., None]


class _Draws:
    """Random numbers for a minibatch that follow from a key, other ones at each call."""

    def __init__(self, key, n):
        self.key, self.n, self.n_calls = key, n, 0

    def _next(self):
        self.n_calls += 1
        return _fold_in(self.key, self.n_calls)

    def below(self, limit):
        return tf.random.stateless_uniform((self.n,), self._next(), 0, limit, tf.int32)

    def beta(self, parameter):
        one, other = (tf.random.stateless_gamma((), self._next(), parameter) for _ in "yx")
        return one / (one + other)
