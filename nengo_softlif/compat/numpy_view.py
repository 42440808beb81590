"""NumPy 2 with a few functions as they were in NumPy 1, for NengoLoihi."""

import functools

import numpy

from nengo_softlif.compat.module_view import ModuleView


def _array(object, *args, copy=True, **kwargs):
    # In NumPy 1 copy=False meant "if you can"; that is None now, and False is "or raise".
    return numpy.array(object, *args, copy=None if copy is False else copy, **kwargs)


def _fromstring(string, dtype=float, count=-1, *, sep="", like=None):
    if sep == "":
        # The binary mode, gone in NumPy 2.3, gave an array of its own.
        return numpy.frombuffer(string, dtype, count, like=like).copy()
    return numpy.fromstring(string, dtype, count, sep=sep, like=like)


def _full(shape, fill_value, dtype=None, **kwargs):
    # The emulator fills integers with NaN, to write over it later; NumPy 1.23 didn't mind.
    with numpy.errstate(invalid="ignore"):
        return numpy.full(shape, fill_value, dtype, **kwargs)


@functools.cache
def load():
    """Return the view."""
    replaced = {
        "array": _array,
        "fromstring": _fromstring,
        "full": _full,
    }
    return ModuleView(numpy, replaced)
