"""What counts as a number where one is asked for."""

from __future__ import annotations

from numbers import Real

__all__ = ["is_number"]


def is_number(value):
    """Whether a value is a real number; truth values are none.

    Examples
    --------
    >>> is_number(1.5), is_number(True), is_number("1.5")
    (True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)
