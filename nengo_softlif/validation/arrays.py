"""Checks that what was given is an array of numbers, with advice on how to make one of it."""

from __future__ import annotations

from collections.abc import Iterator, Set
from numbers import Real
from typing import Any

import numpy as np

from nengo_softlif.errors import DatasetError

__all__ = ["check_array_like", "check_real"]


def check_array_like(name: str, given: Any, *, what: str = "samples") -> None:
    """Raise if something can't be an array of one value or row a sample.

    Parameters
    ----------
    name : str
        Of the argument.
    given : object
    what : str
        What the array holds, for the message.

    Raises
    ------
    DatasetError
        Naming the kind of object, and how to make an array of it.

    Examples
    --------
    >>> check_array_like("x", [[1, 2], [3, 4]])
    >>> check_array_like("x", (v for v in range(3)))
    Traceback (most recent call last):
    nengo_softlif.errors.DatasetError: x: samples must be an array (got generator); make one with \
numpy.stack(list(x))
    """
    kind = type(given).__name__
    rule = f"{name}: {what} must be an array"
    if given is None:
        raise DatasetError(f"{name}: {what} are missing (got None); pass an array of them")
    if hasattr(given, "as_numpy_iterator"):  # tf.data.Dataset
        raise DatasetError(
            f"{rule} (got {kind}); take some of them, as in "
            "numpy.stack(list(dataset.unbatch().take(200).as_numpy_iterator()))"
        )
    if isinstance(given, Iterator):
        make = "numpy.stack(list(x))" if what == "samples" else "list(y)"
        raise DatasetError(f"{rule} (got {kind}); make one with {make}")
    if isinstance(given, Set):
        raise DatasetError(f"{rule} (got {kind}, which has no order); pass a list")
    if isinstance(given, str | bytes):
        raise DatasetError(
            f"{rule} (got the text {given!r:.60}); read the file that it names, as with numpy.load"
        )
    if is_sparse(given) or (
        isinstance(given, list | tuple) and any(is_sparse(part) for part in given)
    ):
        raise DatasetError(f"{rule} (got a sparse matrix); make it dense with its method toarray()")
    if np.ma.isMaskedArray(given) and np.ma.getmaskarray(given).any():
        n_masked = int(np.ma.getmaskarray(given).sum())
        hint = "leave these samples out, x and y"
        if what == "samples":
            hint = "fill them with its method filled(0), for instance"
        raise DatasetError(f"{rule} without masked values (got {n_masked} of them); {hint}")
    if callable(given) and not hasattr(given, "__array__"):
        raise DatasetError(f"{rule} (got {kind}, which is callable); pass what it returns")


def check_real(name: str, values: np.ndarray, *, where: str = "") -> np.ndarray:
    """Check that the values of an array are real numbers.

    Parameters
    ----------
    name : str
        Of the argument.
    values : ndarray
    where : str
        Which part of the data it is, for the message.

    Returns
    -------
    values : ndarray
        Objects that are numbers, as pandas has them, become floats.

    Raises
    ------
    DatasetError
        Naming the type, or the first value that is no number, and what to do.

    Examples
    --------
    >>> check_real("x", np.array([1, 2.5], dtype=object))
    array([1. , 2.5])
    """
    if values.dtype.kind in "fiub":
        return values
    rule = f"{name}: values must be real numbers"
    if values.dtype.kind == "O":
        wrong = [v for v in values.flat if not isinstance(v, Real)]
        if not wrong:
            try:
                return values.astype(float)
            except OverflowError as error:
                raise DatasetError(f"{rule}{where} within the range of float64") from error
        raise DatasetError(
            f"{rule} (got {wrong[0]!r:.60} of type {type(wrong[0]).__name__}{where}); replace "
            "such values by numbers"
        )
    hint = {
        "U": "; turn text into numbers with numpy.asarray(x, dtype=float)",
        "S": "; turn text into numbers with numpy.asarray(x, dtype=float)",
        "c": "; give real and imaginary parts as two values, or take their magnitude",
        "M": "; turn times into seconds with (x - start) / numpy.timedelta64(1, 's')",
        "m": "; turn times into seconds with x / numpy.timedelta64(1, 's')",
    }.get(values.dtype.kind, "")
    raise DatasetError(f"{rule} (got dtype {values.dtype}{where}){hint}")


def is_sparse(given: Any) -> bool:
    """Whether something is a sparse matrix or array of SciPy, or is like one."""
    return hasattr(given, "toarray") and hasattr(given, "nnz")
