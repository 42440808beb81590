"""Rules of operators that multiply with weights."""

import numpy as np
import scipy.sparse
from nengo.builder.operator import DotInc, SparseDotInc
from nengo.builder.transforms import ConvInc, ConvTransposeInc

from nengo_softlif.functional.linear import convolution_map, to_matrix
from nengo_softlif.simulator.kernels import propagation as kernels
from nengo_softlif.simulator.kernels.rows import add_rows
from nengo_softlif.simulator.lanes import WIDTH
from nengo_softlif.simulator.program import Instruction
from nengo_softlif.simulator.rules.registry import rule

__all__ = []

# Rows of weights are worth their padding from so many outputs on.
_FEW_OUTPUTS = 4
# So few inputs aren't worth finding out which of them are active.
_FEW_INPUTS = 4
# See `_gather_from`.
_NARROW, _WIDE, _VECTORS_OF_WINDOW = 48, 64, 28
# Below this share of nonzero weights, only those are stored.
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
    if not layout.is_constant(operator.A):
        weights = layout.address(operator.A)
        if weights is None:
            return None
        return [Instruction(kernels.multiply, (weights, n_in, x, n_in, y, n_out))]
    matrix = np.asarray(operator.A.initial_value).reshape(n_out, n_in)
    matrix = matrix * np.reshape(layout.scale(operator.Y), (-1, 1))
    if n_out <= _FEW_OUTPUTS:
        weights = layout.memory.weights(matrix)
        return [Instruction(kernels.multiply, (weights, n_in, x, n_in, y, n_out))]
    if n_in <= _FEW_INPUTS:
        weights = layout.memory.weights(matrix.T)
        return [Instruction(kernels.multiply_few, (weights, x, n_in, y, n_out))]
    if np.count_nonzero(matrix) < _SPARSE_BELOW * matrix.size:
        return _scatter(scipy.sparse.csr_matrix(matrix), x, y, layout)
    return _dense_rows(matrix.T, x, y, layout)


@rule(SparseDotInc)
def sparse_dot_inc(operator, layout):
    """``Y += A X`` with a matrix of which only some elements are stored."""
    places = layout.addresses(operator.X, operator.Y)
    if places is None:
        return None
    matrix = operator.A.initial_value
    if hasattr(matrix, "allocate"):
        matrix = matrix.allocate()
    matrix = scipy.sparse.csr_matrix(matrix)
    scale = np.reshape(layout.scale(operator.Y), (-1, 1))
    return _scatter(matrix.multiply(scale), *places, layout)


@rule(ConvInc)
def convolution(operator, layout):
    """A convolution, whose weights are shared by all positions."""
    conv = operator.conv
    places = layout.addresses(operator.X, operator.Y)
    if places is None or not layout.is_constant(operator.W):
        return None
    shape_in, shape_out = _image(conv.input_shape), _image(conv.output_shape)
    described = convolution_map(
        operator.W.initial_value, shape_in, shape_out, conv.strides, conv.padding, conv.groups
    )
    if conv.channels_last and conv.groups == 1:
        return _conv_rows(described, layout.scale(operator.Y), *places, layout)
    matrix = _with_channels(to_matrix(described), conv)
    return _scatter(matrix * layout.scale(operator.Y), *places, layout)


@rule(ConvTransposeInc)
def transposed_convolution(operator, layout):
    """The transpose of the convolution that goes from its output to its input."""
    conv = operator.conv
    places = layout.addresses(operator.X, operator.Y)
    if places is None or not layout.is_constant(operator.W):
        return None
    backwards = convolution_map(
        np.swapaxes(operator.W.initial_value, -1, -2),
        _image(conv.output_shape),
        _image(conv.input_shape),
        conv.strides,
        conv.padding,
    )
    matrix = _with_channels(to_matrix(backwards).T, conv)
    return _scatter(matrix * layout.scale(operator.Y), *places, layout)


def _image(shape):
    return (*shape.spatial_shape, shape.n_channels)


def _with_channels(matrix, conv):
    """Turn a matrix between images with channels last into one as the transform has them."""
    if conv.channels_last:
        return matrix
    order_in, order_out = (
        np.moveaxis(np.arange(shape.size).reshape(_image(shape)), -1, 0).ravel()
        for shape in (conv.input_shape, conv.output_shape)
    )
    return scipy.sparse.csr_matrix(matrix)[order_out][:, order_in]


def _dense_rows(matrix, x, y, layout):
    """One row of weights for each input: (n_in, n_out)."""
    segments = np.array([[(0, 1, 0)]])
    return _add_rows(matrix, np.arange(len(matrix)), len(matrix), segments, x, y, layout)


def _conv_rows(conv, scale, x, y, layout):
    """Rows of weights by line of the window, input channel, and pixel of the line from the right.

    The rows of an input for the positions of a line are then in the order of the positions.
    """
    channels = conv.input_shape[-1]
    kernel = np.swapaxes(conv.kernel[..., ::-1, :, :], -3, -2) * scale
    merged = _merged_positions(conv)
    kernel = np.pad(kernel, [(0, 0)] * (kernel.ndim - 2) + [(merged - 1, merged - 1), (0, 0)])
    pixel, channel = np.divmod(np.arange(np.prod(conv.input_shape)), channels)
    order = channel * kernel.shape[-2] - pixel % conv.input_shape[-2]
    rows = kernel.reshape(-1, kernel.shape[-1])
    segments = _segments(conv, 1, kernel.shape[-2])
    gathered = _segments(conv, merged, kernel.shape[-2])
    return _add_rows(rows, order, channels, segments, x, y, layout, gathered, merged)


def _merged_positions(conv):
    """How many positions of a line are gathered as one.

    Their windows overlap by all but a pixel, so that two cost one look at the list of inputs, and
    work with the zeros beside their rows. Wider rows fill the registers by themselves.
    """
    *_, width, n_out = conv.output_shape
    narrow = n_out % WIDTH == 0 and _NARROW < n_out <= _WIDE
    return 2 if narrow and conv.strides[-1] == 1 and width % 2 == 0 else 1


def _segments(conv, merged, block):
    """Runs of pixels in the window of each position: first, end, what to add to their rows.

    Parameters
    ----------
    conv : Convolution
    merged : int
        Number of neighbouring positions that are one.
    block : int
        Rows of an input channel for one line of the window: those of its pixels, and as many on
        each side of zeros.

    Returns
    -------
    segments : (n_positions, n_segments, 3) int ndarray
    """
    *space_in, channels = conv.input_shape
    size = list(conv.kernel.shape[:-2])
    zeros = (block - size[-1]) // 2
    # for each axis, where the windows start
    corners = [
        stride * np.arange(n) - padding
        for n, stride, padding in zip(
            conv.output_shape[:-1], conv.strides, conv.padding, strict=True
        )
    ]
    corners[-1] = corners[-1][::merged]
    size[-1] += merged - 1
    left = np.maximum(-corners[-1], 0)
    right = np.minimum(size[-1], space_in[-1] - corners[-1])
    # all combinations: positions on each axis, then lines of the window on all axes but the last
    n_axes = len(size)
    pixel, line, inside = 0, 0, True
    for axis in range(n_axes):
        position = np.arange(len(corners[axis]))
        position = position.reshape([-1 if i == axis else 1 for i in range(2 * n_axes - 1)])
        if axis < n_axes - 1:
            tap = np.arange(size[axis])
            tap = tap.reshape([-1 if i == n_axes + axis else 1 for i in range(2 * n_axes - 1)])
            line = line * size[axis] + tap
        else:
            tap = left[position]
            inside = inside & (right[position] > tap)
        start = corners[axis][position] + tap
        inside = inside & (start >= 0) & (start < space_in[axis])
        pixel = pixel * space_in[axis] + start
    row = line * channels * block + zeros + conv.kernel.shape[-3] - 1 + corners[-1][position]
    length = (right - left)[position]
    pixel, row, length, inside = np.broadcast_arrays(pixel, row, length, inside)
    segments = np.stack([pixel, pixel + length, row], axis=-1)
    segments = np.where(inside[..., np.newaxis], segments, 0)
    return segments.reshape(np.prod(conv.output_shape[:-1]) // merged, -1, 3)


def _add_rows(rows, order, channels, segments, x, y, layout, gathered=None, merged=1):
    """Rows of weights, whose columns are the outputs.

    Row ``order[i]``, and what the segment adds, is that of input i; see `add_rows`. The segments
    to gather may be of so many merged positions.
    """
    gathered = segments if gathered is None else gathered
    n_out = rows.shape[1]
    n_positions, n_segments, _ = gathered.shape
    n_pixels = int(segments[..., 1].max())
    n_in = n_pixels * channels
    stride = -(-n_out // WIDTH) * WIDTH
    padded = np.zeros((len(rows), stride))
    padded[:, :n_out] = rows
    where = np.stack([order[:n_in] * stride, np.arange(n_in) // channels], axis=1)
    targets, first_target = _targets(segments * (1, 1, stride), n_out, stride, n_pixels)
    memory = layout.memory
    operands = (
        x,
        n_in,
        memory.indices(where),
        memory.weights(padded),
        y,
        n_out * merged,
        n_positions,
        memory.indices(gathered * (1, 1, stride)),
        n_segments,
        memory.indices(targets),
        memory.indices(first_target),
        n_pixels,
        _gather_from(n_positions, n_segments, n_out, targets[:, 2].sum() / WIDTH / n_pixels),
        memory.counters(n_in),
        layout.room(n_in),
        memory.counters(n_in + 1),
        memory.counters(n_pixels + 1),
    )
    return [Instruction(add_rows, operands)]


def _targets(segments, n_out, stride, n_pixels):
    """The same as segments, by pixel: (first output, what to add to rows, number of outputs)."""
    lengths = (segments[..., 1] - segments[..., 0]).ravel()
    positions = np.repeat(np.arange(len(segments)), segments.shape[1])
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    pixels = np.repeat(segments[..., 0].ravel(), lengths) + within
    order = np.argsort(pixels, kind="stable")
    pixels = pixels[order]
    outputs = np.repeat(positions * n_out, lengths)[order]
    rows = np.repeat(segments[..., 2].ravel(), lengths)[order]
    # those of neighbouring positions are one, if nothing is between them
    is_first = np.ones(len(order), bool)
    is_first[1:] = (np.diff(pixels) != 0) | (np.diff(outputs) != stride) | (np.diff(rows) != stride)
    (starts,) = np.nonzero(is_first)
    lengths = np.diff(np.append(starts, len(order))) * n_out
    targets = np.stack([outputs[starts], rows[starts], lengths], axis=1)
    counts = np.bincount(pixels[starts], minlength=n_pixels)
    return targets, np.concatenate([[0], np.cumsum(counts)])


def _gather_from(n_positions, n_segments, n_out, n_vectors):
    """Number of active inputs from which gathering takes less time than scattering.

    Gathering takes some time for each run of a window, active or not. Scattering takes longer for
    each vector of weights, since the sums are loaded and stored each time, unless rows are so
    narrow that gathering waits for one sum after the other. This was measured, with convolutions
    of several sizes.
    """
    if n_positions == 1 or n_out <= _NARROW:
        return 2**62
    return int(_VECTORS_OF_WINDOW * n_positions * n_segments / n_vectors)


def _scatter(matrix, x, y, layout):
    columns = scipy.sparse.csc_matrix(matrix)
    memory = layout.memory
    weights = columns.data
    if np.all(np.diff(columns.indptr) == 1) and np.all(weights == weights[0]):
        # average pooling
        operands = (x, columns.shape[1], memory.indices(columns.indices), y)
        return [Instruction(kernels.scatter_to_one, operands, (weights[0],))]
    operands = (
        x,
        columns.shape[1],
        memory.indices(columns.indptr),
        memory.indices(columns.indices),
        memory.weights(columns.data),
        y,
    )
    return [Instruction(kernels.scatter, operands)]
