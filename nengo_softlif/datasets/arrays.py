"""Arrays out of npz files that nobody vouches for."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from nengo_softlif.errors import DatasetError

__all__ = ["integers", "listed", "parts", "read_arrays"]


def read_arrays(path: str | os.PathLike, keys: Sequence[str]) -> dict[str, np.ndarray]:
    """Read arrays of an npz file, never Python objects.

    Parameters
    ----------
    path : str or path
    keys : sequence of str
        Arrays that are needed; others are not read.

    Returns
    -------
    arrays : dict of str to ndarray

    Raises
    ------
    DatasetError
        If the file is damaged, or lacks one of the arrays.

    Examples
    --------
    >>> np.savez("some.npz", x=np.arange(3))
    >>> read_arrays("some.npz", ["x"])
    {'x': array([0, 1, 2])}
    """
    try:
        # Never pickle: an object array then raises instead of running what is in the file.
        loaded = np.load(path, allow_pickle=False)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            raise DatasetError(f"{path} holds one array, not an npz archive of {listed(keys)}")
        with loaded as archive:
            missing = [key for key in keys if key not in archive.files]
            if missing:
                raise DatasetError(
                    f"{path} must hold {listed(keys)}; it lacks {listed(missing)} (got "
                    f"{listed(archive.files) or 'nothing'})"
                )
            return {key: archive[key] for key in keys}
    except DatasetError:
        raise
    # Damage can surface as any error of the zip, zlib and NumPy readers, MemoryError included.
    except Exception as error:
        raise DatasetError(
            f"{path} can't be read as an npz file of plain arrays; is it damaged, or did its "
            f"maker store Python objects? ({type(error).__name__}: {error})"
        ) from error


def integers(name: str, values: np.ndarray, *, ndim: int = 1, minimum: int = 0) -> np.ndarray:
    """Check an array of integers.

    Parameters
    ----------
    name : str
        Of the file and the array.
    values : ndarray
    ndim : int
        Axes that it must have.
    minimum : int
        Of each.

    Returns
    -------
    values : ndarray

    Raises
    ------
    DatasetError
        Naming the first value that is out of range.

    Examples
    --------
    >>> integers("data.npz: count", np.array([3, 0]), minimum=1)
    Traceback (most recent call last):
    nengo_softlif.errors.DatasetError: data.npz: count must be integers of 1 or more (got 0 at \
index 1)
    """
    if values.dtype.kind not in "iu":
        raise DatasetError(f"{name} must be integers (got dtype {values.dtype})")
    if values.ndim != ndim:
        raise DatasetError(f"{name} must have {ndim} axes (got shape {values.shape})")
    wrong = np.flatnonzero(values < minimum)
    if len(wrong):
        raise DatasetError(
            f"{name} must be integers of {minimum} or more (got {values.flat[wrong[0]]} at index "
            f"{wrong[0]})"
        )
    return values


def parts(name: str, values: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, ...]:
    """Split an array in which recordings stand one after the other.

    Parameters
    ----------
    name : str
        Of the file and the array.
    values : (n, ...) ndarray
    counts : (n_recordings,) ndarray of int
        Rows of each recording, 1 or more.

    Returns
    -------
    parts : tuple of ndarray
        Views.

    Raises
    ------
    DatasetError
        If the counts don't add up.

    Examples
    --------
    >>> [part.tolist() for part in parts("data.npz: x", np.arange(5), np.array([2, 3]))]
    [[0, 1], [2, 3, 4]]
    """
    total = sum(counts.tolist())  # of Python's integers, which don't overflow
    if total != len(values) or not len(counts):
        raise DatasetError(
            f"{name} must have as many rows as the counts of its {len(counts)} recordings add up "
            f"to (got {len(values)} rows, and counts of {total})"
        )
    return tuple(np.split(values, np.cumsum(counts[:-1])))


def listed(words: Sequence[str]) -> str:
    """Write words in a row.

    Examples
    --------
    >>> listed(["x", "y"])
    'x, y'
    """
    return ", ".join(words)
