"""Finding what isn't zero, 64 elements at a time."""

import numpy as np

from nengo_softlif.compiled.compiler import compiled
from nengo_softlif.compiled.simd import WIDTH, load, nonzero

__all__ = ["BLOCK", "active_bits", "without_lowest"]

BLOCK = 64


@compiled
def active_bits(x, start, n):
    """Bits of the elements from start on that aren't zero, of the first n of x."""
    bits = np.uint64(0)
    for part in range(0, BLOCK, WIDTH):
        bits |= nonzero(load(x, start + part)) << np.uint64(part)
    if start + BLOCK > n:
        bits &= (np.uint64(1) << np.uint64(n - start)) - np.uint64(1)
    return bits


@compiled
def without_lowest(bits):
    """The same bits except for the lowest that is set."""
    return bits & (bits - np.uint64(1))
