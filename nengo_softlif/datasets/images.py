"""Labelled images: embedded ones, those in a folder of yours, or what Keras downloads.

Nothing here needs a network unless ``"mnist"`` or ``"cifar10"`` is asked for and isn't in the
folder that the environment variable ``NENGO_SOFTLIF_DATA`` names.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.datasets.arrays import listed, read_arrays
from nengo_softlif.errors import DatasetError
from nengo_softlif.validation import check_bool, check_labels

__all__ = ["DATA_VARIABLE", "Dataset", "as_images", "file_of", "load", "names"]

DATA_VARIABLE = "NENGO_SOFTLIF_DATA"

_EMBEDDED = ("mnist_subset", "digits")
_DOWNLOADED = ("mnist", "cifar10")
_TEST_KEYS = ("x_test", "y_test")
_KEYS = ("x_train", "y_train", *_TEST_KEYS)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels, checked: what `load` returns.

    Parameters
    ----------
    x_train, x_test : (n_images, height, width, channels) ndarray of float32
        Images with values from 0 to 1.
    y_train, y_test : (n_images,) ndarray of int64
        Labels from 0 to ``n_classes - 1``. The training part is None if only the test part was
        asked for.
    name : str
        What was asked for.
    source : str
        Where it came from, for people to read.
    """

    x_train: np.ndarray | None = field(repr=False)
    y_train: np.ndarray | None = field(repr=False)
    x_test: np.ndarray = field(repr=False)
    y_test: np.ndarray = field(repr=False)
    name: str
    source: str

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(height, width, channels) of one image."""
        return self.x_test.shape[1:]

    @property
    def n_classes(self) -> int:
        """One more than the largest label of the training part, or of the test part alone."""
        return int((self.y_test if self.y_train is None else self.y_train).max()) + 1


def names():
    """Return the names that `load` knows, the embedded ones first.

    Examples
    --------
    >>> names()
    ('mnist_subset', 'digits', 'mnist', 'cifar10')
    """
    return _EMBEDDED + _DOWNLOADED


def load(name: str | os.PathLike, *, test_only: bool = False) -> Dataset:
    """Load a labelled set of images.

    Parameters
    ----------
    name : str or path
        ``"mnist_subset"`` (10,000 training and 2,000 test images of MNIST) and ``"digits"``
        (1,797 images of 8 x 8) come with the package. ``"mnist"`` and ``"cifar10"`` are
        looked for as ``mnist.npz`` and ``cifar10.npz`` in the folder that the environment
        variable ``NENGO_SOFTLIF_DATA`` names; failing that, Keras downloads them. Anything
        else is the path of an npz file.

        An npz file holds ``x_train``, ``y_train``, ``x_test``, ``y_test``: images
        ``(n_images, height, width)`` or ``(n_images, height, width, channels)``, either
        integers from 0 to 255 or fractions from 0 to 1, and labels ``(n_images,)`` or
        ``(n_images, 1)``, integers from 0 to at most the number of training images; no
        label of the test part may lie above those of the training part.
    test_only : bool
        Read the test part only, which is all that an npz file then needs.

    Returns
    -------
    data : Dataset

    Raises
    ------
    DatasetError
        If there is no such data set, or it is damaged or not of that form. Files are read
        without pickle, so that a hostile one executes nothing.
    ParameterError
        If ``test_only`` is no truth value.

    Examples
    --------
    >>> data = load("digits")
    >>> data.x_train.shape, data.x_test.shape, data.n_classes
    ((1437, 8, 8, 1), (360, 8, 8, 1), 10)
    """
    keys = _TEST_KEYS if check_bool("test_only", test_only) else _KEYS
    if not isinstance(name, (str, os.PathLike)):
        raise DatasetError(f"name must be the name of a data set or a path (got {name!r})")
    if name in _EMBEDDED:
        path = Path(__file__).parents[1] / "data" / f"{name}.npz"
        return _from_file(path, keys, name=name, source="embedded in nengo_softlif")
    if name in _DOWNLOADED:
        return _from_folder_or_keras(name, keys)
    path = file_of(name, keys)
    return _from_file(path, keys, name=path.stem, source=str(path))


def file_of(name: str | os.PathLike, keys: Sequence[str]) -> Path:
    """Path of an npz file that somebody named in the place of a data set.

    Parameters
    ----------
    name : str or path
    keys : sequence of str
        Arrays that the file has to hold, for the message.

    Returns
    -------
    path : pathlib.Path

    Raises
    ------
    DatasetError
        If there is no such file; it lists the names of data sets.

    Examples
    --------
    >>> file_of("my_images.npz", ["x_test"])  # doctest: +SKIP
    """
    path = Path(name).expanduser()
    if not os.path.isfile(path):
        raise DatasetError(
            f"There is no data set {str(name)!r}: it is neither one of {', '.join(names())} nor "
            f"a file. Give one of these names, or the path of an npz file with {listed(keys)}"
        )
    return path


def _from_folder_or_keras(name, keys):
    folder = os.environ.get(DATA_VARIABLE)
    if folder:
        path = Path(folder).expanduser() / f"{name}.npz"
        if os.path.isfile(path):
            return _from_file(path, keys, name=name, source=str(path))
        looked = f"{DATA_VARIABLE} is {folder}, which holds no {path.name}"
    else:
        looked = f"{DATA_VARIABLE} is not set"
    try:
        downloader = importlib.import_module(f"keras.datasets.{name}")
        (x_train, y_train), (x_test, y_test) = downloader.load_data()
    # Keras raises a bare Exception when a download fails
    except Exception as error:
        raise DatasetError(
            f"The data set {name!r} was not found: {looked}, and Keras could not download it "
            f"({type(error).__name__}: {error}). Put a file {name}.npz with {listed(_KEYS)} into "
            f"a folder and set {DATA_VARIABLE} to that folder, or use 'mnist_subset', which "
            f"comes with nengo_softlif"
        ) from error
    arrays = dict(zip(_KEYS, (x_train, y_train, x_test, y_test), strict=True))
    arrays = {key: arrays[key] for key in keys}
    return _checked(arrays, name=name, source="downloaded by Keras")


def _from_file(path, keys, *, name, source):
    return _checked(read_arrays(path, keys), name=name, source=source)


def _checked(arrays, *, name, source):
    parts = {part: f"x_{part}" in arrays for part in ("train", "test")}
    checked = {
        f"{kind}_{part}": check(arrays[f"{kind}_{part}"], name, f"{kind}_{part}") if there else None
        for part, there in parts.items()
        for kind, check in (("x", as_images), ("y", _labels))
    }
    data = Dataset(**checked, name=name, source=source)
    for part in (part for part, there in parts.items() if there):
        n_images, n_labels = len(arrays[f"x_{part}"]), len(arrays[f"y_{part}"])
        if n_images != n_labels:
            raise DatasetError(
                f"{name}: x_{part} and y_{part} must be equally long "
                f"(got {n_images} images and {n_labels} labels)"
            )
    if not parts["train"]:
        return data
    if data.x_train.shape[1:] != data.input_shape:
        raise DatasetError(
            f"{name}: images to train on and to test with must have the same shape "
            f"(got {data.x_train.shape[1:]} and {data.input_shape})"
        )
    if data.n_classes > len(data.y_train):
        raise DatasetError(
            f"{name}: y_train must number its classes from 0 without gaps (got labels up to "
            f"{data.n_classes - 1} for {len(data.y_train)} images)"
        )
    if data.y_test.max() >= data.n_classes:
        raise DatasetError(
            f"{name}: labels in y_test must be among those in y_train, 0 to "
            f"{data.n_classes - 1} (got {data.y_test.max()})"
        )
    return data


def as_images(images: ArrayLike, name: str, key: str) -> np.ndarray:
    """Turn images into fractions from 0 to 1, with channels.

    Parameters
    ----------
    images : (n_images, height, width) or (n_images, height, width, channels) array_like
        Integers from 0 to 255, or fractions from 0 to 1.
    name, key : str
        Of the data set and of the array, for errors.

    Returns
    -------
    images : (n_images, height, width, channels) ndarray of float32

    Raises
    ------
    DatasetError
        If they have another shape, or values out of range.

    Examples
    --------
    >>> as_images(np.full((1, 2, 2), 51, np.uint8), "mine", "x_test").ravel()
    array([0.2, 0.2, 0.2, 0.2], dtype=float32)
    """
    images = np.asarray(images)
    if images.ndim not in (3, 4):
        raise DatasetError(
            f"{name}: {key} must have the shape (n_images, height, width) or "
            f"(n_images, height, width, channels) (got {images.shape})"
        )
    if images.size == 0:
        raise DatasetError(f"{name}: {key} is empty (got the shape {images.shape})")
    if not (np.issubdtype(images.dtype, np.integer) or np.issubdtype(images.dtype, np.floating)):
        raise DatasetError(f"{name}: {key} must hold real numbers (got {images.dtype})")
    low, high = images.min(), images.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise DatasetError(f"{name}: {key} must be finite (it holds NaN or infinity)")
    integers = np.issubdtype(images.dtype, np.integer)
    top = 255 if integers else 1
    if low < 0 or high > top:
        raise DatasetError(
            f"{name}: {key} must lie between 0 and {top}, as it holds "
            f"{'integers' if integers else 'fractions'} (got {low} to {high}); rescale it"
        )
    images = images.astype(np.float32)
    if integers:
        images /= np.float32(255)
    return images if images.ndim == 4 else images[..., np.newaxis]


def _labels(labels, name, key):
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.size == 0:
        raise DatasetError(f"{name}: {key} is empty (got the shape {labels.shape})")
    return check_labels(f"{name}: {key}", labels)
