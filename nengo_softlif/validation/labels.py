"""Checks of labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import DatasetError

__all__ = ["check_labels"]


def check_labels(
    name: str,
    labels: ArrayLike,
    *,
    n_samples: int | None = None,
    n_classes: int | None = None,
) -> np.ndarray:
    """Check labels of samples.

    Parameters
    ----------
    name : str
        Of the argument.
    labels : (n_samples,) array_like
        Integers from 0; floats that are integers are taken too.
    n_samples : int, optional
        Number of labels that there must be.
    n_classes : int, optional
        Labels must be below it.

    Returns
    -------
    labels : (n_samples,) ndarray of int64

    Raises
    ------
    DatasetError
        If the labels have the wrong shape, are no integers or are out of range.

    Examples
    --------
    >>> check_labels("y", [0, 1, 1], n_samples=3, n_classes=2)
    array([0, 1, 1])
    >>> check_labels("y", [0, 1, 2], n_samples=3, n_classes=2)
    Traceback (most recent call last):
    nengo_softlif.errors.DatasetError: y must hold labels from 0 to 1 (got 0 to 2)
    """
    try:
        labels = np.asarray(labels)
    except ValueError as error:
        raise DatasetError(f"{name} must hold one label a sample (got {error})") from error
    if labels.ndim != 1 or n_samples not in (None, len(labels)):
        expected = "(n_samples,)" if n_samples is None else f"({n_samples},)"
        hint = ""
        if labels.ndim == 2:
            array = name.split()[-1]
            hint = (
                f"; turn the column into one axis with {array}[:, 0]"
                if labels.shape[1] == 1
                else f"; turn one-hot labels into integers with {array}.argmax(axis=1)"
            )
        raise DatasetError(
            f"{name} must have the shape {expected}, one label a sample (got {labels.shape}){hint}"
        )
    if labels.dtype.kind not in "iuf":
        raise DatasetError(f"{name} must hold integers (got dtype {labels.dtype})")
    is_integer = np.isfinite(labels) & (labels == np.rint(labels))
    if not is_integer.all():
        wrong = labels[~is_integer][0]
        raise DatasetError(f"{name} must hold integers (got {wrong} among them)")
    if labels.size:
        low, high = labels.min(), labels.max()
        if low < 0 or (n_classes is not None and high >= n_classes):
            rule = "of 0 or more" if n_classes is None else f"from 0 to {n_classes - 1}"
            raise DatasetError(f"{name} must hold labels {rule} (got {int(low)} to {int(high)})")
    return labels.astype(np.int64)
