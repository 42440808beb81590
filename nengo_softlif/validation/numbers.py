"""Checks of numbers, and of what is made from them: times, seeds, generators."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError

__all__ = [
    "MAX_SEED",
    "check_generator",
    "check_integer",
    "check_number",
    "check_numbers",
    "check_seconds",
    "check_seed",
    "check_steps",
    "is_integer",
    "is_number",
]

MAX_SEED = 2**31 - 1  # the largest seed of a Nengo object; NumPy and Keras take larger ones too


def is_number(value: Any) -> bool:
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


def is_integer(value: Any) -> bool:
    """Whether a value is of an integer type.

    Examples
    --------
    >>> [is_integer(value) for value in (1, np.uint8(1), 1.0, True)]
    [True, True, False, False]
    """
    return isinstance(value, Integral) and not isinstance(value, bool)


def check_number(
    name: str,
    value: Any,
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
    booleans: bool = False,
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
    booleans : bool
        Whether an array of truth values is taken, as zeros and ones: for data, such as spikes.
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
    refused = array.dtype == bool and not (booleans and array.ndim)
    if refused or not np.can_cast(array.dtype, float, "same_kind"):
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
    name: str, value: Any, *, minimum: int | None = None, maximum: int | None = None
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


def check_seconds(name: str, value: Any, *, zero_allowed: bool = False) -> float:
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


def check_steps(name: str, seconds: float, dt: float) -> int:
    """Check that a time is an integer number of time steps.

    Parameters
    ----------
    name : str
        Of the argument.
    seconds : float
        0 or more.
    dt : float
        Time step in seconds.

    Returns
    -------
    n_steps : int

    Raises
    ------
    ParameterError
        If the time ends within a step; it lists the nearest times that don't.

    Examples
    --------
    >>> check_steps("time", 0.1, 0.001)
    100
    >>> check_steps("time", 0.0105, 0.001)
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: time must be an integer number of time steps of dt = \
0.001 s (got 0.0105 s); choose 0.01 or 0.011
    """
    n_steps = round(seconds / dt)
    if not math.isclose(n_steps * dt, seconds, rel_tol=1e-6):  # float32 has seven digits
        before = math.floor(seconds / dt)
        nearest = [f"{n * dt:.9g}" for n in (before, before + 1) if n > 0]
        raise ParameterError(
            f"{name} must be an integer number of time steps of dt = {dt:g} s (got {seconds:g} s); "
            f"choose {' or '.join(nearest)}"
        )
    return n_steps


def check_seed(name: str, value: Any) -> int:
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


def check_generator(name: str, value: Any) -> np.random.Generator:
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
