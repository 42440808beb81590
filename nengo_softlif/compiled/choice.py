"""Choices between numbers, for equations that take functions of a namespace.

Numba stores no code that passes its own functions, such as ``max``.
"""

from nengo_softlif.compiled.compiler import compiled

__all__ = ["larger", "magnitude", "smaller", "where"]


@compiled
def magnitude(x):
    """The absolute value."""
    return abs(x)


@compiled
def larger(x, y):
    """The larger of two numbers."""
    return max(x, y)


@compiled
def smaller(x, y):
    """The smaller of two numbers."""
    return min(x, y)


@compiled
def where(condition, x, y):
    """One of two numbers."""
    return x if condition else y
