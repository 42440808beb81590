"""A part of TensorFlow's autograph with a class that NengoDL changes when it is imported."""

import functools

from nengo_softlif.compat.module_view import ModuleView


@functools.cache
def load():
    """Return the view: the change goes to a subclass, and TensorFlow stays what it is."""
    from tensorflow.python.autograph.impl import api

    mapper = type("StackTraceMapper", (api.StackTraceMapper,), {})
    return ModuleView(api, {"StackTraceMapper": mapper})
