"""Weights of dense layers and convolutions, shared by all positions: the kernel `add_rows`.

Each input has rows of weights, one for every place of the kernel's window it can be in, with a
column for each output channel. First the inputs that aren't zero are listed. Then there are two
ways. With some activity, *gather*: for each position of the output, the rows of the active inputs
in its window are added up in registers; the window is a few contiguous runs of the list, since
channels are last. With little, most windows are empty; then *scatter*: for each pixel with active
inputs, their rows are added to the outputs. The rows of an input for neighbouring positions are
next to each other, as the outputs are, so that they are added as one.
"""

from nengo_softlif.compiled.activity import BLOCK, active_bits, without_lowest
from nengo_softlif.compiled.compiler import compiled, kernel
from nengo_softlif.compiled.simd import (
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

_BEHIND = 2**62  # a pixel after all others, to end the list with


@compiled
def list_active(x, n, where, rows, values, pixels):
    """List what isn't zero among the first n of x; returns how many there are.

    Of each, its value, and its row and pixel from the table ``where``.
    """
    count = 0
    for start in range(0, n, BLOCK):
        bits = active_bits(x, start, n)
        while bits != 0:
            i = start + trailing_zeros(bits)
            values[count] = x[i]
            rows[count], pixels[count] = where[2 * i], where[2 * i + 1]
            count += 1
            bits = without_lowest(bits)
    pixels[count] = _BEHIND
    return count


@compiled
def add_rows_128(weights, w, rows, values, pixels, k, end, out, o):
    """Add 128 columns; see `add_rows_64`."""
    a = load(out, o)
    b = load(out, o + 16)
    c = load(out, o + 32)
    d = load(out, o + 48)
    e = load(out, o + 64)
    f = load(out, o + 80)
    g = load(out, o + 96)
    h = load(out, o + 112)
    while pixels[k] < end:
        row = w + rows[k]
        v = splat(values[k])
        a = multiply_add(load(weights, row), v, a)
        b = multiply_add(load(weights, row + 16), v, b)
        c = multiply_add(load(weights, row + 32), v, c)
        d = multiply_add(load(weights, row + 48), v, d)
        e = multiply_add(load(weights, row + 64), v, e)
        f = multiply_add(load(weights, row + 80), v, f)
        g = multiply_add(load(weights, row + 96), v, g)
        h = multiply_add(load(weights, row + 112), v, h)
        k += 1
    store(out, o, a)
    store(out, o + 16, b)
    store(out, o + 32, c)
    store(out, o + 48, d)
    store(out, o + 64, e)
    store(out, o + 80, f)
    store(out, o + 96, g)
    store(out, o + 112, h)


@compiled
def add_rows_64(weights, w, rows, values, pixels, k, end, out, o):
    """Add 64 columns of the rows of entries, from w on, to out.

    These are the entries from k on whose pixels are before ``end``. Looking at each pixel instead
    of counting keeps LLVM from unrolling, which costs short runs another mispredicted branch.
    """
    a = load(out, o)
    b = load(out, o + 16)
    c = load(out, o + 32)
    d = load(out, o + 48)
    while pixels[k] < end:
        row = w + rows[k]
        v = splat(values[k])
        a = multiply_add(load(weights, row), v, a)
        b = multiply_add(load(weights, row + 16), v, b)
        c = multiply_add(load(weights, row + 32), v, c)
        d = multiply_add(load(weights, row + 48), v, d)
        k += 1
    store(out, o, a)
    store(out, o + 16, b)
    store(out, o + 32, c)
    store(out, o + 48, d)


@compiled
def add_rows_16(weights, w, rows, values, pixels, k, end, out, o):
    """Add 16 columns; see `add_rows_64`."""
    a = load(out, o)
    while pixels[k] < end:
        a = multiply_add(load(weights, w + rows[k]), splat(values[k]), a)
        k += 1
    store(out, o, a)


@compiled
def gather(weights, segments, n_segments, first, rows, values, pixels, out, n_out, positions):
    """Go through the positions, adding to out.

    Line by line of the window, since its weights for one line fit into the fastest cache.
    """
    for line in range(n_segments):
        for position in range(positions):
            s = 3 * (position * n_segments + line)
            k, end = first[segments[s]], segments[s + 1]
            if pixels[k] >= end:
                continue
            w, o = segments[s + 2], position * n_out
            column = 0
            while n_out - column > 112:
                add_rows_128(weights, w + column, rows, values, pixels, k, end, out, o + column)
                column += 128
            while n_out - column > 48:
                add_rows_64(weights, w + column, rows, values, pixels, k, end, out, o + column)
                column += 64
            while n_out > column:
                add_rows_16(weights, w + column, rows, values, pixels, k, end, out, o + column)
                column += WIDTH


@compiled
def scatter(weights, targets, first_target, rows, values, pixels, count, out):
    """Go through the active inputs, one, two or four of a pixel at a time, adding to out.

    Several at a time, since loading and storing the sums takes longest. A dense layer reads four
    rows side by side, which come from farther away than the sums.
    """
    k = 0
    while k < count:
        pixel = pixels[k]
        a, v = rows[k], splat(values[k])
        several = pixels[k + 1] == pixel
        four = several and k + 3 < count and pixels[k + 3] == pixel
        if several:
            b, u = rows[k + 1], splat(values[k + 1])
        if four:
            c, p = rows[k + 2], splat(values[k + 2])
            d, q = rows[k + 3], splat(values[k + 3])
        for t in range(first_target[pixel], first_target[pixel + 1]):
            o, w, n = targets[3 * t], targets[3 * t + 1], targets[3 * t + 2]
            if four:
                for i in range(0, n, WIDTH):
                    total = multiply_add(load(weights, w + a + i), v, load(out, o + i))
                    total = multiply_add(load(weights, w + b + i), u, total)
                    total = multiply_add(load(weights, w + c + i), p, total)
                    store(out, o + i, multiply_add(load(weights, w + d + i), q, total))
            elif several:
                for i in range(0, n, WIDTH):
                    total = multiply_add(load(weights, w + a + i), v, load(out, o + i))
                    store(out, o + i, multiply_add(load(weights, w + b + i), u, total))
            else:
                for i in range(0, n, WIDTH):
                    store(out, o + i, multiply_add(load(weights, w + a + i), v, load(out, o + i)))
        k += 4 if four else 2 if several else 1


@kernel(
    operands="x n_in where weights y n_columns n_positions segments n_segments "
    "targets first_target n_pixels gather_from rows values pixels first"
)
def add_rows(at, real):
    """Add the rows of weights of active inputs to the outputs, at every position of an image.

    A dense layer is an image of one pixel. ``where`` has (row, pixel) of each input. The outputs y
    have so many columns at each position. From ``gather_from`` active inputs on they are gathered,
    and below scattered.

    A segment is (first pixel, end, what to add to rows), each position has ``n_segments``; to
    gather, neighbouring positions may be taken as one. A target is (first element of y, what to
    add to rows, number of columns); those of a pixel start at its ``first_target``. ``rows``,
    ``values``, ``pixels`` and ``first``, the first entry of each pixel, are room for the list.
    """
    n_in, n_out, positions = at.n_in, at.n_columns, at.n_positions
    n_segments, n_pixels = at.n_segments, at.n_pixels
    x, where = array(at.x, n_in, real), integers(at.where, 2 * n_in)
    weights = array(at.weights, 1, real)
    out = array(at.y, 1, real)
    segments = integers(at.segments, 1)
    targets, first_target = integers(at.targets, 1), integers(at.first_target, 1)
    rows, values = integers(at.rows, n_in), array(at.values, n_in, real)
    pixels, first = integers(at.pixels, n_in + 1), integers(at.first, n_pixels + 1)

    count = list_active(x, n_in, where, rows, values, pixels)
    if count < at.gather_from:
        scatter(weights, targets, first_target, rows, values, pixels, count, out)
        return
    for pixel in range(n_pixels + 1):
        first[pixel] = 0
    for k in range(count):
        first[pixels[k] + 1] = k + 1
    for pixel in range(n_pixels):
        first[pixel + 1] = max(first[pixel], first[pixel + 1])
    gather(weights, segments, n_segments, first, rows, values, pixels, out, n_out, positions)
