"""MNIST and CIFAR-10 as the experiments use them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from experiments.spiking.data import LOADERS
from nengo_softlif import datasets
from nengo_softlif.errors import DatasetError

__all__ = [
    "CLASSES",
    "MEAN",
    "N_VALIDATION",
    "STD",
    "TWO_CLASSES",
    "Split",
    "centre",
    "grey_levels",
    "load",
]

N_VALIDATION = 5000  # the last training images, for all choices
# of CIFAR-10, in the order of their labels
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
TWO_CLASSES = ("automobile", "horse")
PATCH = 24  # pixels of a CIFAR-10 image that the papers' network sees
MEAN, STD = 0.473, 0.251  # of all values of the CIFAR-10 training images


@dataclass(frozen=True, eq=False)
class Split:
    """A data set with its validation part.

    Parameters
    ----------
    x_train, x_validation, x_test : (n, height, width, channels) ndarray of float32
        MNIST, whole images and two classes of CIFAR-10 from 0 to 1; else CIFAR-10 with a mean of 0
        and a standard deviation of 1, whole (32 x 32) for training, from which patches are cut at
        random, and its centre (24 x 24) otherwise.
    y_train, y_validation, y_test : (n,) ndarray of int
    source : str
        Where the data come from.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    source: str


def load(name, *, quick=False, hold_out=True):
    """Load "mnist", "cifar10", "cifar10_whole", "two_classes" of it, "mnist_256" or events.

    Parameters
    ----------
    name : str
    quick : bool
        A few hundred images, from what comes with nengo_softlif. Digits in three colours stand
        in for CIFAR-10: they exercise the code and measure nothing.
    hold_out : bool
        Keep the last 5,000 training images out of the training part. Without, they are in it as
        well as in the validation part, which then says nothing about new images.

    Returns
    -------
    split : Split or Sequences

    Raises
    ------
    DatasetError
        If the data are missing, with how to get them.
    """
    if name in LOADERS:
        return LOADERS[name](quick=quick, hold_out=hold_out)
    data = _few(name) if quick else _all("mnist" if name.startswith("mnist") else "cifar10")
    if name == "cifar10_fifth":
        data = replace(data, x_train=data.x_train[::5], y_train=data.y_train[::5])
    if name == "mnist_256":
        data = _in_steps_of_256(data)
    if name == "two_classes":
        data = _two_classes(data)
    # a tenth of CIFAR-10's, and with it of its classes
    n_validation = len(data.x_train) // 5 if quick else min(N_VALIDATION, len(data.x_train) // 10)
    n_train = len(data.x_train) - n_validation
    used = slice(n_train if hold_out else None)
    seen = _standard_centre if name == "cifar10" else _unchanged
    return Split(
        _standard(data.x_train[used]) if name == "cifar10" else data.x_train[used],
        data.y_train[used],
        seen(data.x_train[n_train:]),
        data.y_train[n_train:],
        seen(data.x_test),
        data.y_test,
        data.source,
    )


def centre(images):
    """Cut the middle 24 x 24 pixels out of images ``(n, 32, 32, channels)``."""
    margin = (images.shape[1] - PATCH) // 2
    return images[:, margin : margin + PATCH, margin : margin + PATCH]


def grey_levels(name, images):
    """Find the bytes that pixels were made of.

    Parameters
    ----------
    name : str
        Of the data that `load` returned.
    images : ndarray of float32
        Of these data.

    Returns
    -------
    levels : ndarray of uint8
    scale, offset : float
        ``images`` are ``scale * levels + offset``.

    Raises
    ------
    DatasetError
        If they were not made of bytes.
    """
    if name == "cifar10":
        scale, offset = 1 / (255 * STD), -MEAN / STD
    else:
        scale, offset = 1 / (256 if name == "mnist_256" else 255), 0.0
    exact = (images - np.float32(offset)) / np.float32(scale)
    levels = np.rint(exact)
    if np.abs(levels - exact).max() > 0.01:
        raise DatasetError(
            f"images of {name} must have 256 grey levels; store them as uint8, 0 to 255, in the npz"
        )
    return levels.astype(np.uint8), scale, offset


def _standard(images):
    return (images - np.float32(MEAN)) / np.float32(STD)


def _standard_centre(images):
    return _standard(centre(images))


def _unchanged(images):
    return images


def _in_steps_of_256(data):
    """Grey values that binary fractions of 8 bits represent exactly, 0 to 255 / 256."""
    exact = {part: np.rint(255 * getattr(data, part)) / 256 for part in ("x_train", "x_test")}
    return replace(data, **{part: x.astype(np.float32) for part, x in exact.items()})


def _two_classes(data):
    """Only the images of the two classes, which become labels 0 and 1."""
    parts = {}
    for part in ("train", "test"):
        labels = getattr(data, f"y_{part}")
        first, second = map(CLASSES.index, TWO_CLASSES)
        chosen = np.isin(labels, (first, second))
        parts[f"x_{part}"] = getattr(data, f"x_{part}")[chosen]
        parts[f"y_{part}"] = (labels[chosen] == second).astype(int)
    return replace(data, **parts)


def _all(name):
    try:
        return datasets.load(name)
    except DatasetError as error:
        raise DatasetError(
            f"the experiments need all of {name}: {error}. Name the folder of {name}.npz with "
            "--data, or try everything on a few images with --quick"
        ) from error


def _few(name):
    data = datasets.load("mnist_subset")
    data = replace(
        data,
        x_train=data.x_train[:500],
        y_train=data.y_train[:500],
        x_test=data.x_test[:100],
        y_test=data.y_test[:100],
    )
    if name.startswith("mnist"):
        return data
    return replace(
        data,
        x_train=_coloured(data.x_train),
        x_test=_coloured(data.x_test),
        source="digits in three colours, in place of CIFAR-10",
    )


def _coloured(images):
    return np.repeat(np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0))), 3, axis=3)
