"""Sums over whole arrays, at the speed of memory."""

from nengo_softlif.compiled.compiler import compiled
from nengo_softlif.compiled.simd import WIDTH, load, multiply_add, splat, sum_of

__all__ = ["sum_of_squares"]


@compiled
def sum_of_squares(values):
    """Sum of squares, which is finite if all numbers are and none is beyond its type's square root.

    NumPy's own would use all cores for it, and look twice for NaN.

    Parameters
    ----------
    values : (n,) ndarray of float64 or float32, contiguous

    Returns
    -------
    total : float

    Examples
    --------
    >>> import numpy as np
    >>> sum_of_squares(np.full(40, 0.5)), sum_of_squares(np.array([1.0, np.nan]))
    (10.0, nan)
    """
    n = len(values)
    zero = values.dtype.type(0)
    a = b = c = d = splat(zero)
    i = 0
    while i + 4 * WIDTH <= n:
        v, w = load(values, i), load(values, i + WIDTH)
        x, y = load(values, i + 2 * WIDTH), load(values, i + 3 * WIDTH)
        a, b = multiply_add(v, v, a), multiply_add(w, w, b)
        c, d = multiply_add(x, x, c), multiply_add(y, y, d)
        i += 4 * WIDTH
    total = (sum_of(a) + sum_of(b)) + (sum_of(c) + sum_of(d))
    while i < n:
        total += values[i] * values[i]
        i += 1
    return total
