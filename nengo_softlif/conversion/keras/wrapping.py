"""Layers around layers: the same for every time step, or with the channels first."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

import numpy as np
import scipy.sparse

from nengo_softlif.conversion.graph import (
    Concatenate,
    Convolution,
    Dense,
    Matrix,
    MaxPool,
    Neurons,
    Operation,
    Sum,
)

__all__ = ["over_time", "permutation"]


@singledispatch
def over_time(op: Operation, n: int) -> Operation:
    """Return the operation that does the same to ``n`` time steps at once, time first.

    Parameters
    ----------
    op : Operation
        Of one time step.
    n : int

    Returns
    -------
    op : Operation
    """
    raise NotImplementedError(type(op).__name__)


def _shared(op, n):
    """What all operations have: the shape and the bias, of every time step."""
    bias = None if op.bias is None else np.tile(op.bias, n)
    return {"shape": (n, *op.shape), "bias": bias}


@over_time.register
def _dense(op: Dense, n):
    # a convolution over time that sees one step
    kernel = np.asarray(op.weights).T[np.newaxis]
    return Convolution(
        name=op.name,
        inputs=op.inputs,
        kernel=kernel,
        input_shape=(n, kernel.shape[1]),
        strides=(1,),
        **_shared(op, n),
    )


@over_time.register
def _matrix(op: Matrix, n):
    weights = scipy.sparse.kron(scipy.sparse.identity(n), op.weights, format="coo")
    return replace(op, weights=weights, **_shared(op, n))


@over_time.register
def _convolution(op: Convolution, n):
    return replace(
        op,
        kernel=op.kernel[np.newaxis],
        input_shape=(n, *op.input_shape),
        strides=(1, *op.strides),
        **_shared(op, n),
    )


@over_time.register
def _concatenate(op: Concatenate, n):
    steps = op.size * np.arange(n)[:, np.newaxis]
    targets = tuple((steps + places).ravel() for places in op.targets)
    return replace(op, targets=targets, **_shared(op, n))


@over_time.register
def _max_pool(op: MaxPool, n):
    return replace(
        op,
        input_shape=(n, *op.input_shape),
        pool_size=(1, *op.pool_size),
        strides=(1, *op.strides),
        **_shared(op, n),
    )


@over_time.register(Sum)
@over_time.register(Neurons)
def _elementwise(op, n):
    return replace(op, **_shared(op, n))


def permutation(name: str, source: str, shape: tuple[int, ...], order: tuple[int, ...]) -> Matrix:
    """Permute the dimensions of a result.

    Parameters
    ----------
    name : str
        Of the new operation.
    source : str
        Of the operation whose result is permuted.
    shape : tuple of int
        Shape of that, without the batch.
    order : tuple of int
        As for `numpy.transpose`, without the batch.

    Returns
    -------
    op : Matrix
    """
    moved = np.arange(np.prod(shape)).reshape(shape).transpose(order)
    n = moved.size
    matrix = scipy.sparse.coo_matrix((np.ones(n), (np.arange(n), moved.ravel())), shape=(n, n))
    return Matrix(name=name, inputs=(source,), shape=moved.shape, weights=matrix)
