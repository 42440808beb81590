"""Arrays for kernels: they start with a cache line."""

from __future__ import annotations

import numpy as np

from nengo_softlif.compiled.simd import LINE

__all__ = ["aligned"]


def aligned(size, dtype):
    """Zeros that start with a cache line, so that vectors of 64 bytes lie in one each.

    Parameters
    ----------
    size : int
    dtype : numpy.dtype

    Returns
    -------
    zeros : (size,) ndarray
    """
    buffer = np.zeros(size * dtype.itemsize + LINE, np.uint8)
    start = -buffer.ctypes.data % LINE
    return buffer[start : start + size * dtype.itemsize].view(dtype)
