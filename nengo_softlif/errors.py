"""Errors that name the thing, the rule, the value received and what to do.

Everything that this package raises on purpose is a `SoftLIFError`, with two exceptions. Nengo
objects, which are neuron types and processes, raise Nengo's own `nengo.exceptions.ValidationError`
as all objects of Nengo do. An interrupt from the keyboard stays a `KeyboardInterrupt`.

======================  ====================================================================
`SoftLIFError`          base class of all that follow, except `EvaluationInterrupted`
`ParameterError`        an argument is out of range, of the wrong type or of the wrong shape
`UnknownNameError`      an argument names something that does not exist
`DatasetError`          samples or labels are missing, damaged or of the wrong shape
`ConversionError`       a model, or an option with this model, is unsupported
`BackendError`          a simulator is not installed, or can't run a network
`FileError`             a file can't be read or written
======================  ====================================================================

Names, data and models are arguments, too: `UnknownNameError`, `DatasetError` and `ConversionError`
are subclasses of `ParameterError`, which is a `ValueError`. An unknown name is also a `KeyError`.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from typing import Any

__all__ = [
    "BackendError",
    "ConversionError",
    "DatasetError",
    "EvaluationInterrupted",
    "FileError",
    "ParameterError",
    "SoftLIFError",
    "UnknownNameError",
    "add_note",
    "warn",
]


class SoftLIFError(Exception):
    """Base class of the errors of this package; Nengo objects raise Nengo's instead."""


class ParameterError(SoftLIFError, ValueError):
    """An argument is out of range, of the wrong type or of the wrong shape."""


class UnknownNameError(ParameterError, KeyError):
    """A name was asked for that does not exist; the message lists those that do.

    Parameters
    ----------
    kind : str
        What the name is of, for instance "layer".
    name : object
        The name that is unknown.
    known : iterable of str
        The names that exist.

    Examples
    --------
    >>> print(UnknownNameError("backend", "abacus", ["compiled", "nengo"]))
    backend 'abacus' is unknown; choose one of compiled, nengo
    """

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        super().__init__(kind, name, tuple(known))

    @property
    def known(self) -> tuple[str, ...]:
        """The names that exist."""
        return self.args[2]

    def __str__(self) -> str:
        kind, name, known = self.args  # KeyError itself would quote the message
        choice = f"choose one of {', '.join(map(str, known))}" if known else "there are none"
        return f"{kind} {name!r} is unknown; {choice}"


class BackendError(SoftLIFError, RuntimeError):
    """A simulator is not installed, or can't run what it was given."""


class ConversionError(ParameterError):
    """A model, or an option with this model, is unsupported; the message lists every reason."""


class DatasetError(ParameterError):
    """Samples or labels are missing, damaged or of the wrong shape."""


class FileError(SoftLIFError, ValueError):
    """A file can't be read or written, is damaged, or not what it claims to be."""


class EvaluationInterrupted(KeyboardInterrupt):
    """The user interrupted an evaluation; the result so far is attached.

    It is a `KeyboardInterrupt`, so that a script with several evaluations ends as it does without
    this package, and no ``except Exception`` swallows it.

    Parameters
    ----------
    message : str
    result : nengo_softlif.evaluation.Evaluation or None
        Result of the samples whose batches were complete; None if there were none.

    Attributes
    ----------
    result : nengo_softlif.evaluation.Evaluation or None

    Examples
    --------
    >>> try:
    ...     raise EvaluationInterrupted("interrupted after 20 of 100 samples", result="20 samples")
    ... except KeyboardInterrupt as interrupt:
    ...     print(interrupt, "|", interrupt.result)
    interrupted after 20 of 100 samples | 20 samples
    """

    def __init__(self, message: str = "", result: Any = None) -> None:
        super().__init__(message, result)

    @property
    def result(self) -> Any:
        """Result of the samples whose batches were complete, or None."""
        return self.args[1]

    def __str__(self) -> str:
        return str(self.args[0])


def add_note(error: BaseException, note: str) -> None:
    """Add a line to what is shown of an error, which stays the one that it is, once.

    Python 3.10 has no notes: there the line is shown as the cause of the error, if it has none.

    Parameters
    ----------
    error : BaseException
    note : str

    Examples
    --------
    >>> try:
    ...     raise KeyError("a")
    ... except KeyError as error:
    ...     add_note(error, "in step 3")
    ...     print(error, error.__notes__)
    'a' ['in step 3']
    """
    if note in getattr(error, "__notes__", ()):
        return
    if sys.version_info >= (3, 11):
        error.add_note(note)
        return
    notes = [*getattr(error, "__notes__", ()), note]
    setattr(error, "__notes__", notes)  # noqa: B010  (type checkers know of none in Python 3.10)
    if error.__cause__ is None:
        cause = SoftLIFError(note)
        cause.__context__ = error.__context__  # which a cause would hide
        error.__cause__ = cause


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn of something in the line of code outside of this package that led to it.

    Parameters
    ----------
    message : str
    category : type
        Of the warning.
    """
    package = __name__.partition(".")[0]
    level, frame = 1, sys._getframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
