"""Linear maps: matrices, convolutions, and maps that only move elements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from nengo_softlif.functional.convolution import ConvolutionMap
from nengo_softlif.reprs import OneLineRepr

__all__ = ["IndexMap", "to_matrix"]


@dataclass(frozen=True, eq=False, repr=False)
class IndexMap(OneLineRepr):
    """Puts each input to one place, or nowhere: slices, crops, pads and permutations.

    Parameters
    ----------
    targets : (n_in,) array_like of int
        Index of the output that each input goes to; -1 for nowhere.
    n_out : int
        Number of outputs. Those that nothing goes to are zero.
    scale : float
        Factor on all of them.
    """

    targets: np.ndarray
    n_out: int
    scale: float = 1.0

    @property
    def n_in(self):
        """Number of inputs."""
        return len(self.targets)


def to_matrix(linear_map):
    """Write a linear map as a matrix.

    Parameters
    ----------
    linear_map : ConvolutionMap, IndexMap, or (n_out, n_in) ndarray or sparse matrix
        Any linear map.

    Returns
    -------
    matrix : (n_out, n_in) scipy.sparse.csr_matrix
        Without explicit zeros.
    """
    if isinstance(linear_map, ConvolutionMap):
        return linear_map.matrix()
    if isinstance(linear_map, IndexMap):
        (used,) = np.nonzero(linear_map.targets >= 0)
        matrix = scipy.sparse.csr_matrix(
            (np.full(len(used), linear_map.scale), (linear_map.targets[used], used)),
            shape=(linear_map.n_out, linear_map.n_in),
        )
    else:
        matrix = scipy.sparse.csr_matrix(linear_map, copy=True)  # a model's own stays as it is
    matrix.eliminate_zeros()
    return matrix
