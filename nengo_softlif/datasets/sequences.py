"""Signals over time: letters in Braille felt by a robot's finger, and spoken digits."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nengo_softlif.datasets.arrays import integers, parts, read_arrays
from nengo_softlif.datasets.images import Dataset
from nengo_softlif.errors import DatasetError
from nengo_softlif.validation import check_labels

__all__ = ["Waveforms", "load_braille", "load_speech"]

_TEST_TAKES = 5  # of each speaker and digit; the official test set of the spoken digits
_TEST_REPETITIONS = 10  # of each letter in Braille
_FULL_SCALE = 2**15  # of samples of 16 bits


class Waveforms(Sequence):
    """Recordings of sound.

    Parameters
    ----------
    sounds : sequence of (n_samples,) ndarray
        From -1 to 1.
    labels : (n_recordings,) ndarray of int
    rate : int
        Sampling rate in Hz.

    Examples
    --------
    >>> data = Waveforms([np.zeros(8000)], np.array([3]), rate=8000)
    >>> len(data), data[0].shape
    (1, (8000,))
    """

    def __init__(self, sounds: Sequence[np.ndarray], labels: np.ndarray, rate: int) -> None:
        self.sounds, self.labels, self.rate = tuple(sounds), labels, rate

    def __len__(self) -> int:
        return len(self.sounds)

    def __getitem__(self, i):
        return self.sounds[i]

    def __repr__(self) -> str:
        return f"<Waveforms: {len(self):,} at {self.rate:,} Hz>"


def load_speech(path: str | os.PathLike) -> tuple[Waveforms, Waveforms]:
    """Load spoken digits.

    `nengo_softlif.functional.filter_bank.FilterBank` turns them into frames.

    Parameters
    ----------
    path : str or path
        An npz file with ``samples``, (n,) int16, the recordings one after the other; ``count``, the
        number of samples of each; ``y``, the labels; ``index``, the number of the take of the
        speaker and digit, of which 0 to 4 are the test set, as in the Free Spoken Digit Dataset;
        and ``rate`` in Hz.

    Returns
    -------
    train, test : Waveforms

    Raises
    ------
    DatasetError
        If there is no file of that form.

    Examples
    --------
    >>> train, test = load_speech("spoken_digits.npz")  # doctest: +SKIP
    """
    arrays = _read(path, ("samples", "count", "y", "index", "rate"))
    samples, rate = arrays["samples"], arrays["rate"]
    if samples.dtype != np.int16 or samples.ndim != 1:
        raise DatasetError(
            f"{path}: samples must be one row of int16 (got {samples.dtype} of shape "
            f"{samples.shape})"
        )
    counts = integers(f"{path}: count", arrays["count"], minimum=1)
    integers(f"{path}: rate", rate, ndim=0, minimum=1)
    index = _one_each(f"{path}: index", integers(f"{path}: index", arrays["index"]), len(counts))
    labels = check_labels(f"{path}: y", arrays["y"], n_samples=len(counts))
    sounds = parts(f"{path}: samples", samples.astype(np.float32) / _FULL_SCALE, counts)
    train, test = (
        Waveforms([sounds[i] for i in chosen], labels[chosen], int(rate))
        for chosen in _split(f"{path}: index", index >= _TEST_TAKES)
    )
    return train, test


def load_braille(path: str | os.PathLike) -> Dataset:
    """Load letters in Braille, felt by the taxels of a robot's finger.

    Parameters
    ----------
    path : str or path
        An npz file with ``x``, (n_samples, n_steps, n_taxels) of uint8; ``y``, the labels; and
        ``repetition``, of which the last 10 of each letter are the test set.

    Returns
    -------
    data : Dataset
        With samples (n_samples, n_steps, n_taxels) from 0 to 1.

    Raises
    ------
    DatasetError
        If there is no file of that form.

    References
    ----------
    .. [1] Muller-Cleve et al. (2022), "Braille letter reading: a benchmark for spatio-temporal
       pattern recognition on neuromorphic hardware".

    Examples
    --------
    >>> data = load_braille("braille_letters.npz")  # doctest: +SKIP
    """
    arrays = _read(path, ("x", "y", "repetition"))
    x = arrays["x"]
    if x.dtype != np.uint8 or x.ndim != 3 or not x.size:
        raise DatasetError(
            f"{path}: x must have the shape (n_samples, n_steps, n_taxels), of uint8 (got "
            f"{x.dtype} of shape {x.shape})"
        )
    labels = check_labels(f"{path}: y", arrays["y"], n_samples=len(x))
    name = f"{path}: repetition"
    repetition = _one_each(name, integers(name, arrays["repetition"]), len(x))
    last = np.zeros(labels.max() + 1, int)
    np.maximum.at(last, labels, repetition)
    train, test = _split(name, repetition <= last[labels] - _TEST_REPETITIONS)
    x = x.astype(np.float32) / 255
    return Dataset(
        x_train=x[train],
        y_train=labels[train],
        x_test=x[test],
        y_test=labels[test],
        name=Path(path).stem,
        source=str(path),
    )


def _read(path, keys):
    if not isinstance(path, (str, os.PathLike)):
        raise DatasetError(f"path must be that of an npz file (got {path!r:.80})")
    path = Path(path).expanduser()
    if not os.path.isfile(path):
        raise DatasetError(
            f"There is no file {str(path)!r}. Give the path of an npz file with {', '.join(keys)}"
        )
    return read_arrays(path, keys)


def _one_each(name, values, n_samples):
    if len(values) != n_samples:
        raise DatasetError(f"{name} must have {n_samples} values, one a sample (got {len(values)})")
    return values


def _split(name, is_train):
    """Indices of training and test set, neither of them empty."""
    if is_train.all() or not is_train.any():
        kind = "training" if is_train.all() else "test"
        raise DatasetError(f"{name} must have training and test samples (got {kind} samples only)")
    return np.flatnonzero(is_train), np.flatnonzero(~is_train)
