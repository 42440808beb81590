"""Pytest 8 with the ``pytest.warns(None)`` of pytest 7, which records and asks for nothing."""

import contextlib
import warnings

import pytest

from nengo_softlif.compat.module_view import ModuleView


def _warns(expected_warning=Warning, *args, **kwargs):
    if expected_warning is None:
        return _record()
    return pytest.warns(expected_warning, *args, **kwargs)


@contextlib.contextmanager
def _record():
    with warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("always")
        yield recorded


VIEW = ModuleView(pytest, {"warns": _warns})
