"""Kernels that multiply with weights: spikes travel here, and silence costs nothing.

Most of the input of a layer is zero in a step. `add_rows` first lists the inputs that aren't, in
order, then adds up their rows of weights for a block of outputs in registers. An image's window
is a few contiguous runs of that list, since channels are last.
"""

from nengo_softlif.simulator.compiling import compiled, kernel
from nengo_softlif.simulator.kernels.activity import BLOCK, active_bits, without_lowest
from nengo_softlif.simulator.lanes import (
    WIDTH,
    array,
    integers,
    load,
    multiply_add,
    number,
    splat,
    store,
    sum_of,
    trailing_zeros,
)

__all__ = ["add_rows", "multiply", "scatter"]


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
def add_rows_64(weights, stride, column, segments, at, n_segments, first, active, values, out, o):
    a = load(out, o)
    b = load(out, o + 16)
    c = load(out, o + 32)
    d = load(out, o + 48)
    for s in range(at, at + 3 * n_segments, 3):
        base = segments[s + 2]
        for k in range(first[segments[s]], first[segments[s + 1]]):
            w = (active[k] + base) * stride + column
            v = splat(values[k])
            a = multiply_add(load(weights, w), v, a)
            b = multiply_add(load(weights, w + 16), v, b)
            c = multiply_add(load(weights, w + 32), v, c)
            d = multiply_add(load(weights, w + 48), v, d)
    store(out, o, a)
    store(out, o + 16, b)
    store(out, o + 32, c)
    store(out, o + 48, d)


@compiled
def add_rows_32(weights, stride, column, segments, at, n_segments, first, active, values, out, o):
    a = load(out, o)
    b = load(out, o + 16)
    for s in range(at, at + 3 * n_segments, 3):
        base = segments[s + 2]
        for k in range(first[segments[s]], first[segments[s + 1]]):
            w = (active[k] + base) * stride + column
            v = splat(values[k])
            a = multiply_add(load(weights, w), v, a)
            b = multiply_add(load(weights, w + 16), v, b)
    store(out, o, a)
    store(out, o + 16, b)


@compiled
def add_rows_16(weights, stride, column, segments, at, n_segments, first, active, values, out, o):
    a = load(out, o)
    for s in range(at, at + 3 * n_segments, 3):
        base = segments[s + 2]
        for k in range(first[segments[s]], first[segments[s + 1]]):
            w = (active[k] + base) * stride + column
            a = multiply_add(load(weights, w), splat(values[k]), a)
    store(out, o, a)


@kernel
def add_rows(at, real):
    """Add weights of active inputs to the outputs, at every position of an image.

    at: x, n_in, channels of a pixel; weights, their stride (a multiple of the lanes' width);
    y, its channels, positions; segments of a position and how many; and room for the list: indices,
    values, first entry of each pixel. A segment is (first pixel, end, row of weights less index).
    A dense layer is an image of one pixel.
    """
    n_in, channels = at[1], at[2]
    stride, n_out, positions, n_segments = at[4], at[6], at[7], at[9]
    n_pixels = n_in // channels
    x = array(at[0], n_in, real)
    weights = array(at[3], 1, real)
    out = array(at[5], 1, real)
    segments = integers(at[8], 1)
    active, values = integers(at[10], n_in), array(at[11], n_in, real)
    first = integers(at[12], n_pixels + 1)

    count = list_active(x, n_in, active, values)
    if count == 0:
        return
    k = 0
    for pixel in range(n_pixels + 1):
        while k < count and active[k] < pixel * channels:
            k += 1
        first[pixel] = k

    for position in range(positions):
        s = position * 3 * n_segments
        o = position * n_out
        column = 0
        while n_out - column > 48:
            add_rows_64(
                weights, stride, column, segments, s, n_segments, first, active, values, out,
                o + column,
            )  # fmt: skip
            column += 64
        while n_out - column > 16:
            add_rows_32(
                weights, stride, column, segments, s, n_segments, first, active, values, out,
                o + column,
            )  # fmt: skip
            column += 32
        if n_out > column:
            add_rows_16(
                weights, stride, column, segments, s, n_segments, first, active, values, out,
                o + column,
            )  # fmt: skip


@kernel
def multiply(at, real):
    """``y += A x`` for few rows, or for weights that change; at: A, its row stride, x, n_in, y, n_out."""
    stride, n_in, n_out = at[1], at[3], at[5]
    weights = array(at[0], n_out * stride, real)
    x, y = array(at[2], n_in, real), array(at[4], n_out, real)
    zero = splat(number(0, real))
    for row in range(n_out):
        start = row * stride
        a, b = zero, zero
        j = 0
        while j + 2 * WIDTH <= n_in:
            a = multiply_add(load(weights, start + j), load(x, j), a)
            b = multiply_add(load(weights, start + j + WIDTH), load(x, j + WIDTH), b)
            j += 2 * WIDTH
        total = sum_of(a) + sum_of(b)
        while j < n_in:
            total += weights[start + j] * x[j]
            j += 1
        y[row] += total


@kernel
def scatter(at, real):
    """Add each active input to the outputs it has connections to.

    at: x, n_in, first entry of each input, outputs, weights, y.
    """
    n_in = at[1]
    x = array(at[0], n_in, real)
    first = integers(at[2], n_in + 1)
    target = integers(at[3], 1)
    weights = array(at[4], 1, real)
    y = array(at[5], 1, real)
    for start in range(0, n_in, BLOCK):
        bits = active_bits(x, start, n_in)
        while bits != 0:
            i = start + trailing_zeros(bits)
            for k in range(first[i], first[i + 1]):
                y[target[k]] += weights[k] * x[i]
            bits = without_lowest(bits)
