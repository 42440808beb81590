"""Rules of operators that multiply with weights."""

import numpy as np
import scipy.sparse
from nengo.builder.operator import DotInc, SparseDotInc
from nengo.builder.transforms import ConvInc, ConvTransposeInc

from nengo_softlif.functional.convolution import convolution_map
from nengo_softlif.simulator.kernels import propagation as kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.lowering.rows import add_convolution, add_dense
from nengo_softlif.simulator.lowering.sparse import add_sparse
from nengo_softlif.simulator.program import Instruction

__all__ = []

# Rows of weights are worth their padding from so many outputs on.
_FEW_OUTPUTS = 4
# So few inputs aren't worth finding out which of them are active.
_FEW_INPUTS = 4
# Below this fraction of nonzero weights, only those are stored.
_SPARSE_BELOW = 0.1


@rule(DotInc)
def dot_inc(operator, layout):
    """``Y += A X`` with a matrix that may be learned."""
    places = layout.addresses(operator.X, operator.Y)
    n_in, n_out = operator.X.size, operator.Y.size
    if places is None or operator.A.size != n_in * n_out:
        return None
    x, y = places
    if n_in == 0 or n_out == 0:
        return []
    vectors = {"x": x, "n_in": n_in, "y": y, "n_out": n_out}
    if not layout.is_constant(operator.A):
        weights = layout.address(operator.A)
        if weights is None and _is_by_input(operator.A):
            weights = layout.base(operator.A.base)
            return [Instruction(kernels.add_active, weights=weights, **vectors)]
        if weights is None:
            return None
        return [Instruction(kernels.multiply, weights=weights, stride=n_in, **vectors)]
    matrix = np.asarray(layout.value(operator.A)).reshape(n_out, n_in)
    matrix = matrix * np.reshape(layout.scale(operator.Y), (-1, 1))
    if n_out <= _FEW_OUTPUTS:
        weights = layout.memory.weights(matrix)
        return [Instruction(kernels.multiply, weights=weights, stride=n_in, **vectors)]
    if n_in <= _FEW_INPUTS:
        weights = layout.memory.weights(matrix.T)
        return [Instruction(kernels.multiply_few, weights=weights, **vectors)]
    if np.count_nonzero(matrix) < _SPARSE_BELOW * matrix.size:
        return add_sparse(scipy.sparse.csr_matrix(matrix), x, y, layout)
    return add_dense(matrix.T, x, y, layout)


@rule(SparseDotInc)
def sparse_dot_inc(operator, layout):
    """``Y += A X`` with a matrix of which only some elements are stored."""
    places = layout.addresses(operator.X, operator.Y)
    if places is None:
        return None
    matrix = layout.value(operator.A)
    if hasattr(matrix, "allocate"):
        matrix = matrix.allocate()
    return add_sparse(_scaled(matrix, layout.scale(operator.Y)), *places, layout)


@rule(ConvInc, ConvTransposeInc)
def convolution(operator, layout):
    """A convolution, whose weights are shared by all positions, or the transpose of one."""
    conv = operator.conv
    places = layout.addresses(operator.X, operator.Y)
    if places is None or not layout.is_constant(operator.W):
        return None
    described = convolution_map(
        layout.value(operator.W),
        conv.input_shape.shape,
        strides=conv.strides,
        padding=conv.padding,
        groups=conv.groups,
        channels_last=conv.channels_last,
        transposed=operator.is_transpose,
        output_shape=conv.output_shape.shape,
    )
    scale = layout.scale(operator.Y)
    if described.is_plain and np.ndim(scale) == 0:
        return add_convolution(described, scale, *places, layout)
    return add_sparse(_scaled(described.matrix(), scale), *places, layout)


def _is_by_input(weights):
    """Whether a matrix is the whole of a base signal, transposed."""
    base = weights.base
    return (
        weights.ndim == 2
        and weights.shape == base.shape[::-1]
        and (weights.initial_value.strides == base.initial_value.T.strides)
    )


def _scaled(matrix, scale):
    """A matrix whose rows are multiplied by one number, or by one each."""
    return scipy.sparse.csr_matrix(matrix).multiply(np.reshape(scale, (-1, 1)))
