"""Keep what other libraries say at start off the terminal, where nothing can be done about it."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from contextlib import contextmanager, suppress

import click

__all__ = [
    "hush",
    "import_backends_quietly",
    "import_quietly",
    "stdout_is_terminal",
    "warnings_as_notes",
]

# Messages at import that are true of every run here
_AT_IMPORT = (
    "This version of NengoDL has not been tested",
    "This version of `nengo_loihi` has not been tested",
)
_WITHOUT_TENSORFLOW = {"nengo", "compiled"}


def hush():
    """Lower TensorFlow's log level, unless the user has set it, and ignore expected warnings."""
    from nengo_softlif.backends.session import EXPECTED_WARNINGS

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for message in (*_AT_IMPORT, *EXPECTED_WARNINGS):
        warnings.filterwarnings("ignore", message=message, category=UserWarning)


def import_quietly(name):
    """Import a library that brings TensorFlow, without the notes that TensorFlow starts with.

    They are written by compiled code before any log level counts, straight to the standard
    error. A library that is missing is left to whoever needs it.

    Parameters
    ----------
    name : str
    """
    hush()
    with _no_standard_error(), suppress(ImportError):
        importlib.import_module(name)
        if "tensorflow" in sys.modules:
            # the search for a graphics card, which speaks up where there is none
            sys.modules["tensorflow"].config.list_physical_devices("GPU")


def import_backends_quietly(names):
    """Import TensorFlow without its notes, if one of these backends brings it.

    Parameters
    ----------
    names : iterable of str
    """
    if not set(names) <= _WITHOUT_TENSORFLOW:
        import_quietly("tensorflow")


def stdout_is_terminal():
    """Return whether somebody watches; a progress bar in a file is only blank lines."""
    return sys.stdout.isatty()


@contextmanager
def warnings_as_notes():
    """Tell what a `UserWarning` says without the line of code that it comes from."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def note(message, category, *where, **options):
            if issubclass(category, UserWarning):
                click.echo(f"note: {message}", err=True)
            else:
                show(message, category, *where, **options)

        warnings.showwarning = note
        yield


@contextmanager
def _no_standard_error():
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
