"""Where the entries of a connection's matrix are, whatever their values.

Outputs of a convolution at one place see the same inputs, and all outputs of a dense transform do.
Equal rows are therefore kept once: the pattern of a convolution to 64 channels has a 64th of the
entries of its matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import nengo
import numpy as np
import scipy.sparse
from nengo.ensemble import Neurons
from nengo.transforms import NoTransform

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.convolution import convolution_map
from nengo_softlif.reprs import OneLineRepr

__all__ = ["Pattern", "connection_pattern", "n_unrolled", "owner"]


@dataclass(frozen=True, eq=False, repr=False)
class Pattern(OneLineRepr):
    """Entries of a matrix, equal rows once.

    Parameters
    ----------
    rows : (n_rows, n_in) scipy.sparse.csr_matrix
        Ones where inputs are seen.
    places : (n_out,) ndarray of int
        Which of the rows each output has; -1 for none.
    """

    rows: scipy.sparse.csr_matrix
    places: np.ndarray

    @property
    def repeats(self):
        """Number of outputs that have each row, (n_rows,)."""
        return np.bincount(self.places[self.places >= 0], minlength=self.rows.shape[0])

    def every_row(self):
        """The matrix with a row for each output, (n_out, n_in)."""
        empty = scipy.sparse.csr_matrix((1, self.rows.shape[1]))
        return scipy.sparse.vstack([self.rows, empty], format="csr")[self.places]


def owner(obj):
    """The ensemble that neurons belong to; nodes and ensembles themselves."""
    return obj.ensemble if isinstance(obj, Neurons) else obj


def connection_pattern(conn):
    """Say which elements of a connection's target see which of its source.

    Parameters
    ----------
    conn : nengo.Connection

    Returns
    -------
    pattern : Pattern
        Of all neurons of ensembles, of all elements of nodes; slices are taken into account.

    Raises
    ------
    ParameterError
        If the transform is of an unknown kind.
    """
    pattern = _transform_pattern(conn)
    n_in = _n_elements(conn.pre_obj, "size_out")
    mixes = conn.function is not None or isinstance(conn.pre_obj, nengo.Ensemble)
    if mixes:  # a function or decoders: all of it depends on all
        rows = scipy.sparse.csr_matrix(np.ones((1, n_in)))
        pattern = Pattern(rows, np.zeros(len(pattern.places), int))
    else:
        columns = np.arange(n_in)[conn.pre_slice]
        select = scipy.sparse.csr_matrix(
            (np.ones(len(columns)), (np.arange(len(columns)), columns)), shape=(len(columns), n_in)
        )
        pattern = Pattern(pattern.rows @ select, pattern.places)
    if isinstance(conn.post_obj, nengo.Ensemble):  # encoders
        seen = (pattern.rows.sum(axis=0) > 0).astype(float)
        rows = scipy.sparse.csr_matrix(seen)
        return Pattern(rows, np.zeros(conn.post_obj.n_neurons, int))
    places = np.full(_n_elements(conn.post_obj, "size_in"), -1)
    places[conn.post_slice] = pattern.places
    return Pattern(pattern.rows, places)


def n_unrolled(conn):
    """Count the connections of one Nengo connection as if nothing were cut off at a border.

    Parameters
    ----------
    conn : nengo.Connection

    Returns
    -------
    n : int
        For a convolution, outputs times elements of the kernel that each of them has; of a dense
        matrix all entries, of a sparse one those that are stored.
    """
    transform = conn.transform
    plain = isinstance(conn.pre_obj, (Neurons, nengo.Node)) and conn.function is None
    if isinstance(transform, nengo.Convolution) and plain:
        channels = transform.input_shape.n_channels // transform.groups
        return int(transform.size_out * np.prod(transform.kernel_size) * channels)
    pattern = connection_pattern(conn)
    return int(pattern.repeats @ np.diff(pattern.rows.indptr))


def _n_elements(obj, size):
    return obj.n_neurons if isinstance(obj, nengo.Ensemble) else getattr(obj, size)


def _transform_pattern(conn):
    transform = conn.transform
    if isinstance(transform, nengo.Convolution):
        return _convolution_pattern(transform)
    if isinstance(transform, nengo.Sparse):
        init = transform.init
        if isinstance(init, nengo.transforms.SparseMatrix):
            rows, columns = np.transpose(init.indices)
            return _from_entries(rows, columns, transform.shape)
        init = scipy.sparse.coo_matrix(init)
        return _from_entries(init.row, init.col, transform.shape)
    if isinstance(transform, NoTransform):
        return _diagonal(conn.size_mid)
    if isinstance(transform, nengo.Dense):
        return _dense_pattern(transform)
    raise ParameterError(
        f"{conn} has a {type(transform).__name__} transform; only the connections of Dense, Sparse "
        "and Convolution transforms can be counted"
    )


def _dense_pattern(transform):
    shape = (transform.size_out, transform.size_in)
    if transform.init_shape != shape:  # a number, or one for each element
        return _diagonal(shape[0])
    return Pattern(scipy.sparse.csr_matrix(np.ones((1, shape[1]))), np.zeros(shape[0], int))


def _diagonal(size):
    return Pattern(scipy.sparse.identity(size, format="csr"), np.arange(size))


def _from_entries(rows, columns, shape):
    matrix = scipy.sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=tuple(shape))
    return Pattern(matrix, np.arange(shape[0]))


def _convolution_pattern(conv):
    """Rows are places in the output, for each group of channels one."""
    groups = conv.groups
    ones = np.ones((*conv.kernel_size, conv.input_shape.n_channels // groups, groups))
    by_group = convolution_map(
        ones,
        conv.input_shape.shape,
        strides=conv.strides,
        padding=conv.padding,
        groups=groups,
        channels_last=conv.channels_last,
    )
    group_of_filter = np.arange(conv.n_filters) // (conv.n_filters // groups)
    places = np.arange(by_group.n_out).reshape(by_group.output_shape)
    places = np.take(places, group_of_filter, axis=-1 if conv.channels_last else 0)
    return Pattern(by_group.matrix(), places.ravel())
