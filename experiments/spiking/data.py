"""Event data of the experiments: spikes over time, with training samples distorted at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np

from experiments.augmentation import smoothed_targets
from experiments.files import data_file
from nengo_softlif import datasets
from nengo_softlif.functional.filter_bank import FilterBank
from nengo_softlif.functional.signal_spikes import integrated_spikes, level_crossings

__all__ = ["LOADERS", "SequenceBatches", "Sequences"]

FRAMING = datasets.Framing(step=0.03, n_steps=10, binary=True)  # N-MNIST
TOUCH_LEVEL = 0.01  # of the taxels, from 0 to 1
N_FOLDS = 5  # of Braille letters, by repetition
SPEECH_STEPS, SPEECH_CHANNELS, SPEECH_GAIN = 40, 64, 0.8
N_QUICK = 40  # samples


@dataclass(frozen=True, eq=False)
class Sequences:
    """Spikes over time, (n, steps, ...), with labels.

    Parameters
    ----------
    draw : callable
        Of indices of training samples and a `numpy.random.Generator`; returns the samples,
        distorted.
    y_train : (n,) ndarray of int
    x_validation, x_test : (n, steps, ...) ndarray of float32
    y_validation, y_test : (n,) ndarray of int
    """

    draw: Callable
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class SequenceBatches(keras.utils.PyDataset):
    """Shuffled minibatches, other ones in each epoch; they follow from the seed and its number.

    Parameters
    ----------
    data : Sequences
    batch_size, seed, epoch : int
    smoothing : float
        Fraction of the label that is spread over all classes.
    """

    def __init__(self, data, *, batch_size, seed, epoch, smoothing):
        super().__init__()
        self.data, self.batch_size, self.seed, self.epoch = data, batch_size, seed, epoch
        self.targets = smoothed_targets(data.y_train, smoothing)
        self._shuffle()

    def __len__(self):
        """Return the number of whole minibatches."""
        return max(1, len(self.data.y_train) // self.batch_size)

    def __getitem__(self, index):
        """Return spikes and one-hot labels of a minibatch."""
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        draws = np.random.default_rng((self.seed, self.epoch, index))
        return self.data.draw(chosen, draws), self.targets[chosen]

    def on_epoch_end(self):
        """Go on to the next epoch."""
        self.epoch += 1
        self._shuffle()

    def _shuffle(self):
        self.order = np.random.default_rng((self.seed, self.epoch)).permutation(
            len(self.data.y_train)
        )


def braille(fold, *, quick, hold_out):
    """Braille letters as crossings of levels; test samples are every fifth repetition."""
    if quick:
        return _made_up((76, 24), 27)
    arrays = np.load(data_file("braille_letters.npz"), allow_pickle=False)
    x, y, group = arrays["x"] / np.float32(255), arrays["y"], arrays["repetition"] % N_FOLDS
    spikes = level_crossings(x, TOUCH_LEVEL).reshape(*x.shape[:2], -1)
    in_test = group == fold
    held_out = group == (fold + 1) % N_FOLDS
    training = ~in_test & ~(held_out & hold_out)
    known = spikes[training]

    def draw(chosen, rng):
        return _shifted_in_time(known[chosen], rng, 3)

    labels = y[training], spikes[held_out], y[held_out], spikes[in_test], y[in_test]
    return Sequences(draw, *labels)


def nmnist(*, quick, hold_out):
    """The small N-MNIST as frames; training recordings are turned, scaled and shifted."""
    if quick:
        return _made_up((FRAMING.n_steps, 34, 34, 2), 10)
    train, test = datasets.load_events(data_file("nmnist_small.npz"))
    n_held_out = len(train) // 10
    held_out = train[-n_held_out:]
    used = train[: -n_held_out if hold_out else None]
    events = [used[i] for i in range(len(used))]

    def draw(chosen, rng):
        moved = [_distorted(events[i], rng, used.sensor) for i in chosen]
        return np.stack([FRAMING.frames(one, used.sensor) for one in moved])

    return Sequences(
        draw,
        used.labels,
        held_out.frames(FRAMING),
        held_out.labels,
        test.frames(FRAMING),
        test.labels,
    )


def speech(*, quick, hold_out):
    """Spoken digits in a filter bank; training recordings are stretched and shifted."""
    if quick:
        return _made_up((SPEECH_STEPS, SPEECH_CHANNELS), 10)
    train, test = datasets.load_speech(data_file("spoken_digits.npz"))
    bank = FilterBank(rate=train.rate, n_channels=SPEECH_CHANNELS, step=0.02, window=0.03)
    heard, unseen = ([bank.frames(sound) for sound in part] for part in (train, test))
    held_out = np.arange(len(train)) % 10 == 0
    used = np.flatnonzero(~held_out | (not hold_out))

    def draw(chosen, rng):
        return _as_spikes([_spoken_again(heard[used[i]], rng) for i in chosen])

    return Sequences(
        draw,
        train.labels[used],
        _as_spikes([heard[i] for i in np.flatnonzero(held_out)]),
        train.labels[held_out],
        _as_spikes(unseen),
        test.labels,
    )


LOADERS = {
    **{f"braille_{fold}": partial(braille, fold) for fold in range(N_FOLDS)},
    "nmnist": nmnist,
    "speech": speech,
}


def _made_up(shape, n_classes):
    """Random spikes: they exercise the code and measure nothing."""
    rng = np.random.default_rng(0)
    x = (rng.random((N_QUICK, *shape)) < 0.1).astype("float32")
    y = np.arange(N_QUICK) % n_classes
    y[-n_classes:] = np.arange(n_classes)
    return Sequences(lambda chosen, rng: x[chosen], y, x[:10], y[:10], x[:10], y[:10])


def _shifted_in_time(spikes, rng, most):
    """Each sample some steps earlier or later, with empty steps in between."""
    shifted = np.zeros_like(spikes)
    n_steps = spikes.shape[1]
    for one, other, by in zip(
        spikes, shifted, rng.integers(-most, most + 1, len(spikes)), strict=True
    ):
        first, last = max(by, 0), n_steps + min(by, 0)
        other[first:last] = one[first - by : last - by]
    return shifted


def _distorted(events, rng, sensor):
    """Events turned by up to 15 degrees, scaled by up to 15 % and shifted by up to 3 pixels."""
    angle, (wide, high) = rng.uniform(-0.26, 0.26), rng.uniform(0.85, 1.15, 2)
    height, width = sensor
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    xy = (events[:, :2] - centre) * [wide, high] @ turn + centre + rng.uniform(-3, 3, 2)
    xy = np.rint(xy).astype(events.dtype)
    inside = ((xy >= 0) & (xy < [width, height])).all(axis=1)
    return np.column_stack([xy, events[:, 2:]])[inside]


def _spoken_again(frames, rng):
    """Frames at another tempo and pitch, louder or less so, a little earlier or later."""
    n = max(2, round(len(frames) * rng.uniform(0.8, 1.25)))
    at = np.linspace(0, len(frames) - 1, n)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(frames) - 1)
    part = (at - low)[:, np.newaxis]
    frames = frames[low] * (1 - part) + frames[high] * part
    frames = np.roll(frames, rng.integers(-2, 3), axis=1)
    frames = np.clip(frames * rng.uniform(0.8, 1.2) + rng.uniform(-0.05, 0.05), 0, 1)
    first = rng.integers(0, SPEECH_CHANNELS)
    frames[:, first : first + rng.integers(0, 9)] = 0
    return np.concatenate([np.zeros((rng.integers(0, 4), frames.shape[1])), frames])


def _as_spikes(recordings):
    """Recordings cut or filled up to the same number of steps, as spikes."""
    frames = np.zeros((len(recordings), SPEECH_STEPS, SPEECH_CHANNELS), np.float32)
    for one, filled in zip(recordings, frames, strict=True):
        n = min(len(one), SPEECH_STEPS)
        filled[:n] = one[:n]
    return integrated_spikes(frames, SPEECH_GAIN)
