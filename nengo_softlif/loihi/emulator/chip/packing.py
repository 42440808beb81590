"""Weights in little memory: what is stored once, and in 16 bits, stays in the processor's cache."""

from typing import NamedTuple

import numpy as np

__all__ = ["Load", "narrowed", "packed"]

# Bytes to search through at most when looking for weights inside of others: a second or less.
_MAX_SEARCH = 2**33
# Spikes between additions to all compartments: as many as make that cheap.
_MIN_LIMIT = 16


class Load(NamedTuple):
    """Unit of the weights, and how many spikes at most to add up in their precision.

    The limit is negative if that is any number.
    """

    unit: np.number
    limit: int


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
    size = pieces[0].dtype.itemsize
    starts, whole, longer = np.zeros(len(pieces), dtype=np.int64), bytearray(), 0
    order = np.argsort(-lengths, kind="stable")
    for k, previous in zip(order, [None, *order], strict=False):
        if previous is None or lengths[k] < lengths[previous]:
            longer = len(whole)  # pieces of one length are no part of each other
        content = pieces[k].tobytes()
        start = whole.find(content, 0, longer)
        while start % size and start >= 0:
            start = whole.find(content, start + 1, longer)
        if start < 0:
            start = len(whole)
            whole += content
        starts[k] = start // size
    return starts, np.frombuffer(whole, pieces[0].dtype)


def narrowed(weights, routes):
    """Store whole numbers in 16 bits, if they have a unit in which they are small.

    On the chip a weight has 8 bits and a power of two. In 16 bits the weights of a hundred spikes
    and more add up before that overflows.

    Parameters
    ----------
    weights : (n,) ndarray
    routes : Routes

    Returns
    -------
    load : Load
        The unit, and how many spikes may be added up.
    weights : (n,) ndarray
        In that unit and int16, or as they were.
    """
    as_it_is = Load(weights.dtype.type(1), -1), weights
    if weights.dtype != np.int32 or not weights.any() or _meets_itself(routes):
        return as_it_is
    bits = np.bitwise_or.reduce(weights)
    unit = bits & -bits  # the lowest bit that any of them has
    small = weights // unit
    limit = (2**15 - 1) // int(np.abs(small).max())
    if limit < _MIN_LIMIT:
        return as_it_is
    return Load(unit, limit), small.astype(np.int16)


def _meets_itself(routes):
    """Whether a spike reaches a compartment twice in a pass."""
    place = np.repeat(np.arange(len(routes.first) - 1), np.diff(routes.first))
    begin, end = routes.target, routes.target + routes.length
    return bool(np.any((place[1:] == place[:-1]) & (begin[1:] < end[:-1])))
