"""The `warnings` module without a warning that this package makes untrue."""

import functools
import re
import warnings

from nengo_softlif.compat.module_view import ModuleView

# Versions of Nengo that the suites of NengoDL and NengoLoihi were run on with this package.
_TRIED_NENGO = (4, 1)
_UNTESTED = re.compile("has not been tested with your `?nengo`? version", re.IGNORECASE)


def _warn(message, category=None, stacklevel=1, **kwargs):
    if not (_UNTESTED.search(str(message)) and _is_tried()):
        warnings.warn(message, category, stacklevel + 1, **kwargs)


def _is_tried():
    # not at the top: compat/ imports nothing heavy before it is asked for
    from nengo.version import version_info

    return version_info[:2] == _TRIED_NENGO


@functools.cache
def load():
    """Return the view."""
    return ModuleView(warnings, {"warn": _warn})
