"""Keeps quiet about an untested Nengo where this package imports NengoDL or NengoLoihi."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["tested_with_this_nengo"]

# The version that the suites of NengoDL and NengoLoihi were run on with this package.
_UNTRUE = r".*has not been tested with your `?nengo`? version \(4\.1\."


@contextmanager
def tested_with_this_nengo() -> Iterator[None]:
    """Ignore the warning of NengoDL and NengoLoihi that they weren't tested on this Nengo.

    For imports by this package: a program that imports the two itself gets to see it.

    Examples
    --------
    >>> with tested_with_this_nengo():
    ...     import nengo_loihi
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", _UNTRUE, UserWarning)
        yield
