"""Weights of dense layers and convolutions, shared by all positions: the kernel `add_rows`.

Each input has rows of weights, one for every place of the kernel's window it can be in, with a
column for each output channel. First the inputs that aren't zero are listed. Then there are two
ways. With some activity, *gather*: for each position of the output, the rows of the active inputs
in its window are added up in registers; the window is a few contiguous runs of the list, since
channels are last. With little, most windows are empty; then *scatter*: for each active input, its
rows are added to the outputs.
"""

from nengo_softlif.simulator.compiling import compiled, kernel
from nengo_softlif.simulator.kernels.activity import BLOCK, active_bits, without_lowest
from nengo_softlif.simulator.lanes import (
    WIDTH,
    array,
    integers,
    load,
    multiply_add,
    splat,
    store,
    trailing_zeros,
)

__all__ = ["add_rows"]


@compiled
def list_active(x, n, indices, values):
    """List what isn't zero among the first n of x; returns how many there are."""
    count = 0
    for start in range(0, n, BLOCK):
        bits = active_bits(x, start, n)
        while bits != 0:
            i = start + trailing_zeros(bits)
            indices[count] = i
            values[count] = x[i]
            count += 1
            bits = without_lowest(bits)
    return count


@compiled
def add_rows_64(weights, w, stride, active, values, start, end, out, o):
    """Add rows ``active[start:end]`` of 64 columns, the first of which is at w, to out."""
    a = load(out, o)
    b = load(out, o + 16)
    c = load(out, o + 32)
    d = load(out, o + 48)
    for k in range(start, end):
        row = w + active[k] * stride
        v = splat(values[k])
        a = multiply_add(load(weights, row), v, a)
        b = multiply_add(load(weights, row + 16), v, b)
        c = multiply_add(load(weights, row + 32), v, c)
        d = multiply_add(load(weights, row + 48), v, d)
    store(out, o, a)
    store(out, o + 16, b)
    store(out, o + 32, c)
    store(out, o + 48, d)


@compiled
def add_rows_32(weights, w, stride, active, values, start, end, out, o):
    """Add rows of 32 columns; see `add_rows_64`."""
    a = load(out, o)
    b = load(out, o + 16)
    for k in range(start, end):
        row = w + active[k] * stride
        v = splat(values[k])
        a = multiply_add(load(weights, row), v, a)
        b = multiply_add(load(weights, row + 16), v, b)
    store(out, o, a)
    store(out, o + 16, b)


@compiled
def add_rows_16(weights, w, stride, active, values, start, end, out, o):
    """Add rows of 16 columns; see `add_rows_64`."""
    a = load(out, o)
    for k in range(start, end):
        a = multiply_add(load(weights, w + active[k] * stride), splat(values[k]), a)
    store(out, o, a)


@compiled
def gather(weights, stride, segments, n_segments, first, active, values, out, n_out, positions):
    """Go through the positions, adding to out.

    Line by line of the window, since its weights for one line fit into the fastest cache.
    """
    for line in range(n_segments):
        for position in range(positions):
            s = 3 * (position * n_segments + line)
            start, end = first[segments[s]], first[segments[s + 1]]
            if start == end:
                continue
            w, o = segments[s + 2] * stride, position * n_out
            column = 0
            while n_out - column > 48:
                add_rows_64(
                    weights, w + column, stride, active, values, start, end, out, o + column
                )
                column += 64
            while n_out - column > 16:
                add_rows_32(
                    weights, w + column, stride, active, values, start, end, out, o + column
                )
                column += 32
            if n_out > column:
                add_rows_16(
                    weights, w + column, stride, active, values, start, end, out, o + column
                )


@compiled
def scatter(weights, stride, channels, targets, first_target, active, values, count, out, n_out):
    """Go through the active inputs, adding to out."""
    for k in range(count):
        pixel = active[k] // channels
        own = (active[k] - pixel * channels) * stride
        v = splat(values[k])
        for t in range(first_target[pixel], first_target[pixel + 1]):
            o, w = targets[2 * t], targets[2 * t + 1] + own
            column = 0
            while n_out - column > 48:
                a = multiply_add(load(weights, w), v, load(out, o))
                b = multiply_add(load(weights, w + 16), v, load(out, o + 16))
                c = multiply_add(load(weights, w + 32), v, load(out, o + 32))
                d = multiply_add(load(weights, w + 48), v, load(out, o + 48))
                store(out, o, a)
                store(out, o + 16, b)
                store(out, o + 32, c)
                store(out, o + 48, d)
                column, o, w = column + 64, o + 64, w + 64
            while n_out > column:
                store(out, o, multiply_add(load(weights, w), v, load(out, o)))
                column, o, w = column + WIDTH, o + WIDTH, w + WIDTH


@kernel
def add_rows(at, real):
    """Add the rows of weights of active inputs to the outputs, at every position of an image.

    A dense layer is an image of one pixel. at: x, n_in, channels of a pixel; weights, their
    stride (a multiple of the lanes' width); y, its channels, positions; segments of a position
    and how many; targets of pixels and where those of each start; number of active inputs from
    which to gather; and room for the list: indices, values, first entry of each pixel.

    A segment is (first pixel, end, row of the weights less index); a target (first element of y,
    first weight).
    """
    n_in, channels = at[1], at[2]
    stride, n_out, positions, n_segments = at[4], at[6], at[7], at[9]
    n_pixels = n_in // channels
    x = array(at[0], n_in, real)
    weights = array(at[3], 1, real)
    out = array(at[5], 1, real)
    segments = integers(at[8], 1)
    targets, first_target = integers(at[10], 1), integers(at[11], n_pixels + 1)
    active, values = integers(at[13], n_in), array(at[14], n_in, real)
    first = integers(at[15], n_pixels + 1)

    count = list_active(x, n_in, active, values)
    if count < at[12]:
        scatter(weights, stride, channels, targets, first_target, active, values, count, out, n_out)
        return
    k = 0
    for pixel in range(n_pixels + 1):
        while k < count and active[k] < pixel * channels:
            k += 1
        first[pixel] = k
    gather(weights, stride, segments, n_segments, first, active, values, out, n_out, positions)
