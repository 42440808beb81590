"""Rows of weights, one for each input, that are added to the outputs."""

from typing import NamedTuple

import numpy as np

from nengo_softlif.compiled.simd import WIDTH
from nengo_softlif.simulator.kernels import rows as kernels
from nengo_softlif.simulator.program import Instruction

__all__ = ["Rows", "Windows", "add_convolution", "add_dense", "add_rows"]

# See `_gather_from`.
_NARROW, _WIDE, _VECTORS_OF_WINDOW = 48, 64, 28
_NEVER = 2**62  # more than there are inputs


class Rows(NamedTuple):
    """What an active input adds to which outputs; see the kernel `add_rows`."""

    where: np.ndarray  # (n_in, 2): the place of each input's row in the weights, and its pixel
    weights: np.ndarray
    targets: np.ndarray  # of pixels, (n, 3): first output, what to add to rows, number of outputs
    first_target: np.ndarray  # (n_pixels + 1,)


class Windows(NamedTuple):
    """What is gathered at each position, and from how many active inputs on."""

    segments: np.ndarray = np.zeros((0, 0, 3), int)  # (n_positions, n_segments, 3)
    n_columns: int = 0  # of a position
    gather_from: int = _NEVER


def add_dense(matrix, x, y, layout):
    """One row of weights for each input: (n_in, n_out)."""
    segments = np.array([[(0, 1, 0)]])
    return _add_rows(matrix, np.arange(len(matrix)), len(matrix), segments, x, y, layout)


def add_convolution(conv, scale, x, y, layout):
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
    conv : ConvolutionMap
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
    n_pixels = int(segments[..., 1].max())
    n_in = n_pixels * channels
    stride = -(-n_out // WIDTH) * WIDTH
    padded = np.zeros((len(rows), stride))
    padded[:, :n_out] = rows
    where = np.stack([order[:n_in] * stride, np.arange(n_in) // channels], axis=1)
    targets, first_target = _targets(segments * (1, 1, stride), n_out, stride, n_pixels)
    n_vectors = targets[:, 2].sum() / WIDTH / n_pixels
    windows = Windows(
        gathered * (1, 1, stride),
        n_out * merged,
        _gather_from(*gathered.shape[:2], n_out, n_vectors),
    )
    return add_rows(Rows(where, padded, targets, first_target), windows, x, y, layout)


def add_rows(rows, windows, x, y, layout):
    """The instruction that adds the rows of active inputs to their outputs.

    Parameters
    ----------
    rows : Rows
    windows : Windows
    x, y : Address
    layout : Layout
    """
    n_in, n_pixels = len(rows.where), len(rows.first_target) - 1
    n_positions, n_segments, _ = windows.segments.shape
    memory = layout.memory
    instruction = Instruction(
        kernels.add_rows,
        x=x,
        n_in=n_in,
        where=memory.indices(rows.where),
        weights=memory.weights(rows.weights),
        y=y,
        n_columns=windows.n_columns,
        n_positions=n_positions,
        segments=memory.indices(windows.segments),
        n_segments=n_segments,
        targets=memory.indices(rows.targets),
        first_target=memory.indices(rows.first_target),
        n_pixels=n_pixels,
        gather_from=windows.gather_from,
        rows=memory.counters(n_in),
        values=layout.room(n_in),
        pixels=memory.counters(n_in + 1),
        first=memory.counters(n_pixels + 1),
    )
    return [instruction]


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
        return _NEVER
    return int(_VECTORS_OF_WINDOW * n_positions * n_segments / n_vectors)
