"""The `warnings` module without a warning that this package makes untrue."""

import functools
import warnings

from nengo_softlif.compat.module_view import ModuleView

# Versions of Nengo that the suites of NengoDL and NengoLoihi were run on with this package.
_TRIED_NENGO = (4, 1)


def _warn(message, category=None, stacklevel=1, **kwargs):
    import nengo.version

    is_tried = nengo.version.version_info[:2] == _TRIED_NENGO
    if not (is_tried and "has not been tested with your" in str(message)):
        warnings.warn(message, category, stacklevel + 1, **kwargs)


@functools.cache
def load():
    """Return the view."""
    return ModuleView(warnings, {"warn": _warn})
