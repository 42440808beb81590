"""Matrices of which only some elements are stored, and which kernel suits them."""

from typing import NamedTuple

import numpy as np
import scipy.sparse

from nengo_softlif.compiled.simd import WIDTH
from nengo_softlif.simulator.kernels import propagation as kernels
from nengo_softlif.simulator.lowering.rows import Rows, Windows, add_rows
from nengo_softlif.simulator.program import Instruction

__all__ = ["add_sparse"]

# Narrower bands of outputs take longer than one active input after the other.
_WIDE_BAND = WIDTH
_APART = 8  # of neighbouring bands
# A vector of outputs is worth its zeros from so many weights on.
_FULL_VECTOR = 4


class _Vectors(NamedTuple):
    """The `WIDTH` neighbouring outputs, numbered from 0, that inputs have connections to."""

    numbers: np.ndarray  # one input after the other
    first: np.ndarray  # (n_in + 1,): of each input
    of_weights: np.ndarray  # which of them each stored weight is in


def add_sparse(matrix, x, y, layout):
    """Add the product of a matrix and x to y.

    Parameters
    ----------
    matrix : (n_out, n_in) array_like or sparse matrix
    x, y : Address
    layout : Layout
    """
    columns = scipy.sparse.csc_matrix(matrix, copy=True)  # a model's own stays as it is
    columns.sum_duplicates()
    rows = scipy.sparse.csr_matrix(columns)
    bands = _bands(rows)
    if len(bands) * _WIDE_BAND <= rows.shape[0]:
        return _add_bands(rows, bands, x, y, layout)
    if _has_one_weight(columns):
        scatter_to_one = Instruction(
            kernels.scatter_to_one,
            x=x,
            n_in=columns.shape[1],
            target=layout.memory.indices(columns.indices),
            y=y,
            weight=columns.data[0],
        )
        return [scatter_to_one]
    vectors = _vectors(columns)
    if len(vectors.numbers) * _FULL_VECTOR <= columns.nnz:
        return add_rows(_rows(columns, vectors), Windows(), x, y, layout)
    scatter = Instruction(
        kernels.scatter,
        x=x,
        n_in=columns.shape[1],
        first=layout.memory.indices(columns.indptr),
        target=layout.memory.indices(columns.indices),
        weights=layout.memory.weights(columns.data),
        y=y,
    )
    return [scatter]


def _has_one_weight(columns):
    """Whether every input has one output, and all of them the same weight."""
    return np.all(np.diff(columns.indptr) == 1) and np.all(columns.data == columns.data[0])


def _bands(rows):
    """Runs of outputs that take neighbouring inputs with equal weights, as channels of a pixel.

    Returns
    -------
    bands : (n_bands, 2) int ndarray
        First output, and behind the last.
    """
    place = rows.indices - np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    (starts,) = np.nonzero(~_like_the_last(rows.indptr, place, rows.data))
    return np.stack([starts, np.append(starts[1:], rows.shape[0])], axis=1)


def _like_the_last(first, *values):
    """For each row, whether it has as many elements as the one before it, of equal values.

    Columns are the rows of a matrix stored by columns.
    """
    counts = np.diff(first)
    column = np.repeat(np.arange(len(counts)), counts)
    element = np.arange(first[-1])
    last = element - counts[column]
    differs = np.zeros(len(element), bool)
    for value in values:
        differs |= value != value[last]  # an index below zero is of the first column
    alike = np.bincount(column, differs, minlength=len(counts)) == 0
    alike[1:] &= counts[1:] == counts[:-1]
    alike[:1] = False
    return alike


def _add_bands(rows, bands, x, y, layout):
    first, end = rows.indptr[bands[:, 0]], rows.indptr[bands[:, 0] + 1]
    elements = np.concatenate([np.arange(a, b) for a, b in zip(first, end, strict=True)])
    ends = np.cumsum(end - first)
    table = np.column_stack([bands, ends - (end - first), ends])
    if np.any((bands[:, 1] - bands[:, 0]) % WIDTH):
        # A load waits for a store of whole vectors that reaches into it: neighbours come later.
        table = table[np.argsort(np.arange(len(table)) % _APART, kind="stable")]
    memory = layout.memory
    add_bands = Instruction(
        kernels.add_bands,
        x=x,
        bands=memory.indices(table),
        n_bands=len(table),
        inputs=memory.indices(rows.indices[elements]),
        weights=memory.weights(rows.data[elements]),
        y=y,
    )
    return [add_bands]


def _vectors(columns):
    column = np.repeat(np.arange(columns.shape[1]), np.diff(columns.indptr))
    number = columns.indices // WIDTH
    is_first = np.ones(columns.nnz, bool)
    is_first[1:] = (np.diff(column) != 0) | (np.diff(number) != 0)
    counts = np.bincount(column[is_first], minlength=columns.shape[1])
    return _Vectors(
        number[is_first], np.concatenate([[0], np.cumsum(counts)]), np.cumsum(is_first) - 1
    )


def _rows(columns, vectors):
    """A row for each input, of the vectors it has a connection to.

    Neighbouring inputs to the same vectors are a pixel, as the channels of one are for a locally
    connected layer.
    """
    numbers, first, of_weights = vectors
    weights = np.zeros((len(numbers), WIDTH))
    weights[of_weights, columns.indices % WIDTH] = columns.data
    starts_pixel = ~_like_the_last(first, numbers)
    (first_of_pixel,) = np.nonzero(starts_pixel)
    where = np.stack([first[:-1] * WIDTH, np.cumsum(starts_pixel) - 1], axis=1)
    targets = [_runs(numbers[first[i] : first[i + 1]]) for i in first_of_pixel]
    first_target = np.cumsum([0, *(len(runs) for runs in targets)])
    return Rows(where, weights, np.concatenate(targets), first_target)


def _runs(vectors):
    """Neighbouring vectors as one: (first output, place in the row, number of outputs)."""
    starts = np.flatnonzero(np.diff(vectors, prepend=-2) != 1)
    lengths = np.diff(starts, append=len(vectors))
    return WIDTH * np.stack([vectors[starts], starts, lengths], axis=1)
