"""Linear operations that are read by what they make of unit vectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse

from nengo_softlif.conversion.graph import Dense
from nengo_softlif.conversion.keras.activations import activate, vanishes
from nengo_softlif.conversion.keras.linear import add_matrix
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer

__all__ = ["OPERATIONS", "PARSERS", "channel_by_channel", "probe", "read_operation"]

_AT_ONCE = 2**24  # numbers of a batch
_TOLERANCE = 1e-2  # relative; half precision has 3e-3

# of keras.ops, of one result of a layer; other operands are constants
OPERATIONS = (
    *("Average", "Cumsum", "Diagonal", "Diff", "Dot", "Einsum", "Inner", "Rot90", "Tensordot"),
    *("Trace", "Tril", "Triu"),
)


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


def read_operation(source):
    """Read one of `OPERATIONS`, or any other operation that is linear in its only input.

    Parameters
    ----------
    source : Source

    Returns
    -------
    name : str
        Of the operation with the result.

    Raises
    ------
    UnsupportedLayer
        If it is none.
    """
    if len(source.inputs) != 1:
        raise UnsupportedLayer(
            "only one of its operands may be the result of a layer; make the others constants"
        )

    def function(x):
        args, kwargs = source.arguments([x])
        return source.layer(*args, **kwargs)

    matrix, constant = probe(function, source.input_shape, source.output_shape)
    return add_matrix(source, matrix, constant if constant.any() else None, name=source.name)


def channel_by_channel(source):
    """Read what a layer does to images of one channel, which is the same for all.

    Parameters
    ----------
    source : Source

    Returns
    -------
    name : str
        Of the operation with the result.
    """
    *space, n_channels = source.input_shape
    *space_after, _ = source.output_shape
    channels_first = getattr(source.layer, "data_format", None) == "channels_first"

    def function(x):
        x = x[:, np.newaxis] if channels_first else x[..., np.newaxis]
        return np.squeeze(np.asarray(source.layer(x)), axis=1 if channels_first else -1)

    matrix, constant = probe(function, tuple(space), tuple(space_after))
    matrix = scipy.sparse.kron(matrix, scipy.sparse.identity(n_channels), format="coo")
    bias = np.repeat(constant, n_channels) if constant.any() else None
    return add_matrix(source, matrix, bias, name=source.name)


def _einsum_dense(source):
    kernel, bias = source.weights["kernel"], source.weights.get("bias")
    matrix, _ = probe(
        lambda x: np.einsum(source.layer.equation, x, kernel),
        source.input_shape,
        source.output_shape,
    )
    if bias is not None:
        bias = np.broadcast_to(bias, source.output_shape).ravel().copy()
    activation = source.config.get("activation")
    name = source.name if vanishes(source, activation) else f"{source.name}/linear"
    if len(source.input_shape) > 1:
        return activate(source, add_matrix(source, matrix, bias, name=name), activation)
    op = Dense(
        name=name,
        inputs=(source.input,),
        shape=source.output_shape,
        bias=bias,
        weights=matrix.toarray(),
    )
    return activate(source, source.add(op), activation)


PARSERS = {
    "CenterCrop": channel_by_channel,
    "EinsumDense": _einsum_dense,
    "Resizing": channel_by_channel,
}
