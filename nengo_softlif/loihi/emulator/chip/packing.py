"""Weights in little memory: what is stored once, and in 16 bits, stays in the processor's cache."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Load", "narrowed", "packed"]

# Weights to search through at most when looking for some inside of others: a second or less.
_MAX_SEARCH = 2**26
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, and so invertible; many of its bits are set
# Spikes between additions to all compartments: as many as make that cheap.
_MIN_LIMIT = 16


class Load(NamedTuple):
    """Unit of the weights, and how many spikes at most to add up in their precision.

    The limit is negative if that is any number.
    """

    unit: np.number
    limit: int


def packed(pieces: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Put pieces one after another, unless they are part of longer ones.

    At the border of an image fewer pixels are reached than elsewhere, with a part of the weights.

    Parameters
    ----------
    pieces : sequence of (n,) ndarray
        All different, of one dtype.

    Returns
    -------
    starts : (n_pieces,) ndarray of int
        Where each is.
    whole : (n,) ndarray
    """
    lengths = np.array([len(piece) for piece in pieces])
    by_length = np.unique(lengths)[::-1]
    if (len(by_length) - 1) * lengths.sum() > _MAX_SEARCH:
        return np.cumsum(lengths) - lengths, np.concatenate(pieces)
    starts, whole = np.zeros(len(pieces), dtype=np.int64), pieces[0][:0]
    for length in by_length:
        (numbers,) = np.nonzero(lengths == length)
        rows = np.stack([pieces[k] for k in numbers])
        starts[numbers] = _find(rows, whole)
        is_new = starts[numbers] < 0
        starts[numbers[is_new]] = len(whole) + length * np.arange(is_new.sum())
        whole = np.concatenate([whole, rows[is_new].ravel()])
    return starts, whole


def _find(rows, whole):
    """Where each row starts in an array: the first place, or -1 if it is not there.

    All places are compared at once by the hash of Rabin and Karp, the polynomial of the numbers
    in a window, modulo 2^64. If another window with the hash of a row comes first, the row counts
    as not there, which costs its memory only.
    """
    n, length = len(whole), rows.shape[1]
    if n < length:
        return np.full(len(rows), -1)
    with np.errstate(over="ignore"):
        power = np.multiply.accumulate(np.full(n, _BASE))
        inverse = np.multiply.accumulate(np.full(n, pow(int(_BASE), -1, 2**64), np.uint64))
        sums = np.append(np.uint64(0), np.cumsum(_bits(whole) * power))
        windows = (sums[length:] - sums[:-length]) * inverse[: n - length + 1]
        hashes = (_bits(rows) * power[:length]).sum(axis=1) * inverse[0]
    order = np.argsort(hashes)
    nearest = np.minimum(np.searchsorted(hashes, windows, sorter=order), len(rows) - 1)
    (places,) = np.nonzero(hashes[order[nearest]] == windows)
    matched, first = np.unique(order[nearest[places]], return_index=True)
    places = places[first]
    found = _bits(whole)[places[:, np.newaxis] + np.arange(length)] == _bits(rows[matched])
    starts = np.full(len(rows), -1)
    starts[matched] = np.where(found.all(axis=1), places, -1)
    return starts


def _bits(numbers):
    return numbers.view(f"u{numbers.itemsize}").astype(np.uint64)


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
