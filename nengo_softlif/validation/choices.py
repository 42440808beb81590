"""Checks of arguments that are one of a few things: truth values, choices, names, classes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import numpy as np

from nengo_softlif.errors import ParameterError, UnknownNameError

__all__ = ["check_bool", "check_choice", "check_name", "check_type"]

_T = TypeVar("_T")


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
        article = "an" if allowed[0] in "AEIOUaeiou" else "a"
        raise ParameterError(
            f"{name} must be {article} {allowed} (got {value!r:.80} of type "
            f"{type(value).__name__}); {advice}"
        )
    return value


def _listed(words):
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
