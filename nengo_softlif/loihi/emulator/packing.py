"""Weights in little memory: what is stored once, and in 16 bits, stays in the processor's cache."""

import numpy as np

__all__ = ["narrowed", "packed"]

# Bytes to search through at most when looking for weights inside of others: a second or less.
_MAX_SEARCH = 2**33


def packed(pieces):
    """Put pieces one after another, unless they are part of those before.

    At the border of an image fewer pixels are reached than elsewhere, with a part of the weights.

    Parameters
    ----------
    pieces : list of (n,) ndarray
        All different.

    Returns
    -------
    starts : (n_pieces,) ndarray of int
        Where each is.
    whole : (n,) ndarray
    """
    lengths = np.array([len(piece) for piece in pieces])
    if len(pieces) * sum(piece.nbytes for piece in pieces) > _MAX_SEARCH:
        return np.cumsum(lengths) - lengths, np.concatenate(pieces)
    dtype = pieces[0].dtype
    starts, whole = np.zeros(len(pieces), dtype=np.int64), bytearray()
    for k in np.argsort(-lengths, kind="stable"):
        content = pieces[k].tobytes()
        start = whole.find(content)
        while start % dtype.itemsize and start >= 0:
            start = whole.find(content, start + 1)
        if start < 0:
            start = len(whole)
            whole += content
        starts[k] = start // dtype.itemsize
    return starts, np.frombuffer(whole, dtype)


def narrowed(weights):
    """Store whole numbers in 16 bits if they fit.

    Parameters
    ----------
    weights : (n,) ndarray

    Returns
    -------
    weights : (n,) ndarray
        In int16 instead of int32, if that loses nothing.
    """
    if weights.dtype != np.int32 or np.any(weights != weights.astype(np.int16)):
        return weights
    return weights.astype(np.int16)
