"""Linear operations that are read by what they make of unit vectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse

from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer

__all__ = ["probe"]

_AT_ONCE = 2**24  # numbers of a batch
_TOLERANCE = 1e-2  # relative; half precision has 3e-3


def probe(
    function: Callable[[np.ndarray], np.ndarray],
    input_shape: tuple[int, ...],
    output_shape: tuple[int, ...],
) -> tuple[scipy.sparse.coo_matrix, np.ndarray]:
    """Return the matrix and the constant of a linear function of a sample.

    Parameters
    ----------
    function : callable
        From (n_samples, *input_shape) to (n_samples, *output_shape).
    input_shape, output_shape : tuple of int
        Without the batch.

    Returns
    -------
    matrix : (output size, input size) coo_matrix
    constant : (output size,) ndarray

    Raises
    ------
    UnsupportedLayer
        If the function is not linear, or mixes samples.
    """
    n_in, n_out = int(np.prod(input_shape)), int(np.prod(output_shape))
    random = np.random.default_rng(0).uniform(-1, 1, n_in)
    samples = np.stack([np.zeros(n_in), random, -random, np.zeros(n_in)])

    def responses(samples):
        results = np.asarray(function(samples.astype(np.float32).reshape(-1, *input_shape)))
        if results.shape != (len(samples), *output_shape):
            raise UnsupportedLayer("it mixes the samples of a batch; name the axes of a sample")
        return results.reshape(len(samples), n_out).astype(float)

    constant, up, down, last = responses(samples)
    columns = []
    for start in range(0, n_in, n_chunk := max(1, _AT_ONCE // (n_in + n_out))):
        units = np.eye(min(n_chunk, n_in - start), n_in, start)
        columns.append(scipy.sparse.csr_matrix(responses(units) - constant))
    matrix = scipy.sparse.coo_matrix(scipy.sparse.vstack(columns).T)
    found = matrix @ random
    for result, wanted in ((up, constant + found), (down, constant - found), (last, constant)):
        if not np.allclose(result, wanted, rtol=_TOLERANCE, atol=_TOLERANCE * abs(found).max()):
            raise UnsupportedLayer("it is not linear, or mixes the samples of a batch")
    return matrix, constant
