"""Checks of arguments: the rule in one call, the same words in every error.

Each function takes the name of an argument and its value, and returns the value in a plain form,
such as `float` or `int`. NumPy's numbers count as numbers; truth values do not.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import DatasetError, ParameterError, UnknownNameError

__all__ = [
    "MAX_SEED",
    "check_bool",
    "check_choice",
    "check_generator",
    "check_integer",
    "check_labels",
    "check_name",
    "check_number",
    "check_numbers",
    "check_seconds",
    "check_seed",
    "check_type",
    "is_integer",
    "is_number",
]

MAX_SEED = 2**31 - 1  # the largest seed of a Nengo object; NumPy and Keras take larger ones too

_T = TypeVar("_T")


def is_number(value: object) -> bool:
    """Whether a value is one finite real number.

    Examples
    --------
    >>> [is_number(value) for value in (1.5, np.float32(1), 2, True, "1.5", math.nan)]
    [True, True, True, False, False, False]
    """
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def is_integer(value: object) -> bool:
    """Whether a value is of an integer type.

    Examples
    --------
    >>> [is_integer(value) for value in (1, np.uint8(1), 1.0, True)]
    [True, True, False, False]
    """
    return isinstance(value, Integral) and not isinstance(value, bool)


def check_number(
    name: str,
    value: object,
    *,
    above: float | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    unit: str = "",
) -> float:
    """Check that an argument is a finite real number in a range.

    Parameters
    ----------
    name : str
        Of the argument.
    value : object
    above : float, optional
        The number must be greater.
    minimum, maximum : float, optional
        The number must not be below or above.
    unit : str
        Named in the error, for instance "Hz".

    Returns
    -------
    value : float

    Raises
    ------
    ParameterError
        If the value is no such number.

    Examples
    --------
    >>> check_number("std", 10, minimum=0, unit="Hz")
    10.0
    >>> check_number("std", -1, minimum=0, unit="Hz")
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: std must be a finite number of 0 or more, in Hz (got -1)
    """
    if not (is_number(value) and _within(float(value), above, minimum, maximum)):
        in_unit = f", in {unit}" if unit else ""
        raise ParameterError(
            f"{name} must be a finite number{_range(above, minimum, maximum)}{in_unit} (got "
            f"{value!r:.200})"
        )
    return float(value)


def check_numbers(
    name: str,
    values: ArrayLike,
    *,
    above: float | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    unit: str = "",
    finite: bool = True,
) -> np.ndarray:
    """Check that an argument is an array of real numbers in a range.

    Parameters
    ----------
    name : str
        Of the argument.
    values : (...) array_like
        A number, or an array of any shape.
    above, minimum, maximum, unit
        As in `check_number`.
    finite : bool
        Whether infinity is refused; NaN always is.

    Returns
    -------
    values : (...) ndarray of float

    Raises
    ------
    ParameterError
        If the values are no such numbers; it names the first that is out of range.

    Examples
    --------
    >>> check_numbers("gain", [1, 2], above=0)
    array([1., 2.])
    >>> check_numbers("gain", [1, 0], above=0)
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: gain must be finite numbers greater than 0 (got 0.0 at \
index (1,) of shape (2,))
    """
    in_unit = f", in {unit}" if unit else ""
    limits = f"{_range(above, minimum, maximum)}{in_unit}"
    kind = "finite numbers" if finite else "numbers"
    rule = f"{name} must be {kind}{limits}"
    try:
        array = np.asarray(values)
        if array.ndim == 0:
            rule = f"{name} must be a {kind.removesuffix('s')}{limits}"
        # numbers of several types, such as fractions, come as objects
        if array.dtype == object and all(
            isinstance(v, Real) and not isinstance(v, bool) for v in array.flat
        ):
            array = array.astype(float)
    except (TypeError, ValueError, OverflowError) as error:
        raise ParameterError(f"{rule}, in rows of one length (got {error})") from error
    if array.dtype == bool or not np.can_cast(array.dtype, float, "same_kind"):
        raise ParameterError(f"{rule} (got {values!r:.200}, of dtype {array.dtype})")
    array = array.astype(float)
    wrong = np.isnan(array) | np.logical_not(_within(array, above, minimum, maximum))
    if finite:
        wrong |= np.isinf(array)
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        where = f" at index {index} of shape {array.shape}" if index else ""
        raise ParameterError(f"{rule} (got {float(array[index])!r}{where})")
    return array


def check_integer(
    name: str, value: object, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    """Check that an argument is an integer in a range.

    Parameters
    ----------
    name : str
        Of the argument.
    value : object
    minimum, maximum : int, optional
        The integer must not be below or above.

    Returns
    -------
    value : int

    Raises
    ------
    ParameterError
        If the value is no such integer; truth values and floats are not.

    Examples
    --------
    >>> check_integer("n_steps", 8, minimum=1)
    8
    >>> check_integer("n_steps", 8.0, minimum=1)
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: n_steps must be an integer of 1 or more (got 8.0)
    """
    if not (is_integer(value) and _within(int(value), None, minimum, maximum)):
        raise ParameterError(
            f"{name} must be an integer{_range(None, minimum, maximum)} (got {value!r:.200})"
        )
    return int(value)


def check_seconds(name: str, value: object, *, zero_allowed: bool = False) -> float:
    """Check that an argument is a time in seconds.

    Parameters
    ----------
    name : str
        Of the argument.
    value : object
    zero_allowed : bool
        Whether the time may be 0.

    Returns
    -------
    value : float

    Raises
    ------
    ParameterError
        If the value is negative, not finite or no number.

    Examples
    --------
    >>> check_seconds("dt", 0.001)
    0.001
    >>> check_seconds("dt", 0)
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: dt must be a time in seconds greater than 0 (got 0)
    """
    bounds = (None, 0, None) if zero_allowed else (0, None, None)
    if not (is_number(value) and _within(float(value), *bounds)):
        raise ParameterError(
            f"{name} must be a time in seconds{_range(*bounds)} (got {value!r:.200})"
        )
    return float(value)


def check_seed(name: str, value: object) -> int:
    """Check that an argument is a seed which Nengo, Keras and NumPy all take.

    Parameters
    ----------
    name : str
        Of the argument.
    value : object

    Returns
    -------
    value : int
        From 0 to `MAX_SEED`.

    Raises
    ------
    ParameterError
        If the value is no such integer.

    Examples
    --------
    >>> check_seed("seed", -1)
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: seed must be an integer from 0 to 2147483647 (got -1)
    """
    return check_integer(name, value, minimum=0, maximum=MAX_SEED)


def check_generator(name: str, value: object) -> np.random.Generator:
    """Make the random number generator that an argument describes.

    Parameters
    ----------
    name : str
        Of the argument.
    value : int, sequence of int, numpy.random.SeedSequence or numpy.random.Generator
        A generator is returned as it is.

    Returns
    -------
    generator : numpy.random.Generator

    Raises
    ------
    ParameterError
        If no generator can be made of the value. None, with which NumPy draws a seed, is refused,
        since a run could not be repeated.

    Examples
    --------
    >>> check_generator("seed", 3).integers(10, size=3)
    array([8, 0, 1])
    """
    if value is not None and not isinstance(value, bool):
        try:
            return np.random.default_rng(value)
        except (TypeError, ValueError):
            pass
    raise ParameterError(
        f"{name} must be an integer of 0 or more, a sequence of those, or a "
        f"numpy.random.Generator (got {value!r:.200})"
    )


def check_bool(name: str, value: object) -> bool:
    """Check that an argument is a truth value.

    Parameters
    ----------
    name : str
        Of the argument.
    value : object

    Returns
    -------
    value : bool

    Raises
    ------
    ParameterError
        If the value is neither True nor False; numbers are refused, too.

    Examples
    --------
    >>> check_bool("leak", "no")
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: leak must be True or False (got 'no')
    """
    if not isinstance(value, (bool, np.bool_)):
        raise ParameterError(f"{name} must be True or False (got {value!r:.200})")
    return bool(value)


def check_choice(name: str, value: _T, choices: Collection[_T]) -> _T:
    """Check that an argument is one of a few values.

    Parameters
    ----------
    name : str
        Of the argument.
    value : object
    choices : collection
        The values that are allowed.

    Returns
    -------
    value : object
        As it was.

    Raises
    ------
    ParameterError
        If the value is not among the choices.

    Examples
    --------
    >>> check_choice("bias_as", "charge", ("leak", "current"))
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: bias_as must be 'leak' or 'current' (got 'charge')
    """
    # an array compared with a string would give an array
    if not any(isinstance(value, type(choice)) and value == choice for choice in choices):
        raise ParameterError(
            f"{name} must be {_listed([repr(choice) for choice in choices])} (got {value!r:.200})"
        )
    return value


def check_name(kind: str, name: object, known: Mapping[str, _T]) -> _T:
    """Look a name up.

    Parameters
    ----------
    kind : str
        What the name is of, for instance "layer".
    name : object
    known : mapping of str to object
        What exists, by name.

    Returns
    -------
    found : object
        What has this name.

    Raises
    ------
    UnknownNameError
        If nothing has this name; it lists the names that exist.

    Examples
    --------
    >>> check_name("layer", "b", {"a": 1, "b": 2})
    2
    >>> check_name("layer", "c", {"a": 1, "b": 2})
    Traceback (most recent call last):
    nengo_softlif.errors.UnknownNameError: layer 'c' is unknown; choose one of a, b
    """
    if not isinstance(name, str) or name not in known:
        raise UnknownNameError(kind, name, known)
    return known[name]


def check_type(name: str, value: object, types: type | tuple[type, ...], advice: str) -> Any:
    """Check that an argument is an instance of a class.

    Parameters
    ----------
    name : str
        Of the argument.
    value : object
    types : type or tuple of type
    advice : str
        How to make such an object, for the end of the error.

    Returns
    -------
    value : object
        As it was.

    Raises
    ------
    ParameterError
        If the value is of another class.

    Examples
    --------
    >>> check_type("net", "model", dict, "make one with dict()")
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: net must be a dict (got 'model' of type str); make \
one with dict()
    """
    if not isinstance(value, types):
        classes = types if isinstance(types, tuple) else (types,)
        allowed = _listed([cls.__name__ for cls in classes])
        raise ParameterError(
            f"{name} must be a {allowed} (got {value!r:.80} of type {type(value).__name__}); "
            f"{advice}"
        )
    return value


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
        raise DatasetError(
            f"{name} must have the shape {expected}, one label a sample (got {labels.shape}); "
            f"turn one-hot labels into integers with {name.split()[-1]}.argmax(axis=1)"
        )
    if labels.dtype.kind not in "iuf":
        raise DatasetError(f"{name} must hold integers (got dtype {labels.dtype})")
    if labels.dtype.kind == "f" and not np.array_equal(labels, np.rint(labels)):
        wrong = labels[labels != np.rint(labels)][0]
        raise DatasetError(f"{name} must hold integers (got {wrong} among them)")
    if labels.size:
        low, high = labels.min(), labels.max()
        if low < 0 or (n_classes is not None and high >= n_classes):
            rule = "of 0 or more" if n_classes is None else f"from 0 to {n_classes - 1}"
            raise DatasetError(f"{name} must hold labels {rule} (got {int(low)} to {int(high)})")
    return labels.astype(np.int64)


def _within(value, above, minimum, maximum):
    """Whether a number, or each of an array, is in a range."""
    inside = True
    if above is not None:
        inside = inside & (value > above)
    if minimum is not None:
        inside = inside & (value >= minimum)
    if maximum is not None:
        inside = inside & (value <= maximum)
    return inside


def _range(above, minimum, maximum):
    """A range in words, with a space before them."""
    if minimum is not None:
        return f" of {minimum} or more" if maximum is None else f" from {minimum} to {maximum}"
    words = [f"greater than {above}"] * (above is not None)
    words += [f"at most {maximum}"] * (maximum is not None)
    return f" {' and '.join(words)}" if words else ""


def _listed(words):
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
