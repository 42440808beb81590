"""Labels in all the forms that people have them in, as integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nengo_softlif.errors import DatasetError
from nengo_softlif.validation import check_array_like, check_labels, check_real

__all__ = ["as_array", "as_integers"]


def as_array(y: Any) -> np.ndarray:
    """Labels or targets as an array.

    Parameters
    ----------
    y : array_like
        Objects that are numbers become floats; other objects may be names.

    Returns
    -------
    y : ndarray

    Raises
    ------
    DatasetError
        If they are missing, or can't be an array.

    Examples
    --------
    >>> as_array(np.array([0, 1], dtype=object))
    array([0., 1.])
    """
    if y is None:
        raise DatasetError("labels are missing (got None); nengo_softlif.predict needs none")
    check_array_like("y", y, what="labels")
    try:
        labels = np.asarray(y)
    except (TypeError, ValueError) as error:
        raise DatasetError(f"labels must form one array (got {error})") from error
    if labels.dtype.kind != "O":
        return labels
    if missing := sum(label is None or label != label for label in labels.flat):
        raise DatasetError(
            f"labels are missing for {missing} of {labels.size} samples (got None or NaN); leave "
            "these samples out"
        )
    if any(isinstance(label, str) for label in labels.flat):
        return labels
    return check_real("y", labels)


def as_integers(
    y: Any, *, n_samples: int, n_classes: int, classes: Sequence[Any] | None = None
) -> np.ndarray:
    """Turn labels into integers from 0.

    Parameters
    ----------
    y : (n_samples,) or (n_samples, 1) or (n_samples, n_classes) array_like
        Integers, booleans, or names out of ``classes``; or one-hot rows.
    n_samples, n_classes : int
    classes : sequence, optional
        Names of the classes, in the order of the network's outputs.

    Returns
    -------
    labels : (n_samples,) ndarray of int64

    Raises
    ------
    DatasetError
        If the labels have the wrong shape or type, or are out of range.

    Examples
    --------
    >>> as_integers(["cat", "dog"], n_samples=2, n_classes=2, classes=["dog", "cat"])
    array([1, 0])
    >>> as_integers([[0, 1], [1, 0]], n_samples=2, n_classes=2)
    array([1, 0])
    """
    labels = np.asarray(y)
    if labels.shape == (n_samples, 1):  # as the data sets of Keras have them
        labels = labels[:, 0]
    if classes is not None:
        return _by_name(labels, list(classes), n_samples, n_classes)
    if labels.dtype.kind in "OSU":
        known = sorted({str(label) for label in labels.ravel()})
        some = ", ".join(known[:5]) + ", ..." * (len(known) > 5)
        raise DatasetError(
            f"labels are names ({some}); list the names in the order of the network's outputs with "
            "classes=[...]"
        )
    if labels.ndim == 2 and labels.shape == (n_samples, n_classes):
        labels = _from_one_hot(labels)
    if labels.dtype.kind == "b":
        labels = labels.astype(int)
    if labels.ndim != 1:
        is_one = labels.ndim == 0
        hint = "; let a tf.data.Dataset give batches of samples with its method batch(n)" * is_one
        raise DatasetError(
            f"labels must be one integer a sample, of shape ({n_samples},), or one-hot rows of "
            f"shape ({n_samples}, {n_classes}) (got shape {labels.shape}){hint}"
        )
    return check_labels("labels", labels, n_samples=n_samples, n_classes=n_classes)


def _from_one_hot(labels: np.ndarray) -> np.ndarray:
    is_one = labels == 1
    wrong = np.flatnonzero((is_one.sum(axis=1) != 1) | ((labels != 0) & ~is_one).any(axis=1))
    if len(wrong):
        raise DatasetError(
            f"one-hot labels must have a single 1 and else 0 in each row (got "
            f"{labels[wrong[0]].tolist()} for sample {wrong[0]})"
        )
    return is_one.argmax(axis=1)


def _by_name(labels: np.ndarray, classes: list[Any], n_samples: int, n_classes: int) -> np.ndarray:
    if len(classes) != n_classes or len(set(classes)) != n_classes:
        raise DatasetError(
            f"classes must name each of the network's {n_classes} outputs once (got "
            f"{len(classes)} names, {len(set(classes))} of them different)"
        )
    if labels.shape != (n_samples,):
        raise DatasetError(
            f"labels must be one name a sample, of shape ({n_samples},) (got shape {labels.shape})"
        )
    index = {name: i for i, name in enumerate(classes)}
    unknown = sorted({str(label) for label in labels.tolist() if label not in index})
    if unknown:
        raise DatasetError(
            f"labels {', '.join(unknown[:5])} are not in classes, which has "
            f"{', '.join(map(str, classes[:20]))}"
        )
    return np.array([index[label] for label in labels.tolist()], dtype=np.int64)
