"""Kernels that multiply with weights: whole matrices, and matrices with few elements."""

from nengo_softlif.compiled.activity import BLOCK, active_bits, without_lowest
from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import (
    WIDTH,
    array,
    integers,
    load,
    multiply_add,
    number,
    part,
    splat,
    store,
    store_first,
    sum_of,
    trailing_zeros,
)

__all__ = ["add_active", "add_bands", "multiply", "multiply_few", "scatter", "scatter_to_one"]


@kernel(operands="weights x n_in y n_out")
def multiply_few(at, real):
    """``y += A x`` for few inputs; the weights are A by columns."""
    n_in, n_out = at.n_in, at.n_out
    weights, x, y = (
        array(at.weights, n_in * n_out, real),
        array(at.x, n_in, real),
        array(at.y, n_out, real),
    )
    for j in range(n_in):
        factor, column = x[j], part(weights, j * n_out, n_out)
        for i in range(n_out):
            y[i] += factor * column[i]


@kernel(operands="weights x n_in y n_out")
def add_active(at, real):
    """``y += A x`` for few active inputs and weights that change; the weights are A by columns."""
    n_in, n_out = at.n_in, at.n_out
    x, y = array(at.x, n_in, real), array(at.y, n_out, real)
    weights = array(at.weights, n_in * n_out, real)
    for block in range(0, n_in, BLOCK):
        bits = active_bits(x, block, n_in)
        while bits != 0:
            j = block + trailing_zeros(bits)
            factor, column = x[j], part(weights, j * n_out, n_out)
            for i in range(n_out):
                y[i] += factor * column[i]
            bits = without_lowest(bits)


@kernel(operands="weights stride x n_in y n_out")
def multiply(at, real):
    """``y += A x`` for few rows, or for weights that change.

    The weights are A by rows, ``stride`` elements from one to the next.
    """
    stride, n_in, n_out = at.stride, at.n_in, at.n_out
    weights = array(at.weights, n_out * stride, real)
    x, y = array(at.x, n_in, real), array(at.y, n_out, real)
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


@kernel(operands="x n_in first target weights y")
def scatter(at, real):
    """Add each active input to the outputs it has connections to.

    Input i has the targets and weights from ``first[i]`` to ``first[i + 1]``.
    """
    n_in = at.n_in
    x = array(at.x, n_in, real)
    first = integers(at.first, n_in + 1)
    target = integers(at.target, 1)
    weights = array(at.weights, 1, real)
    y = array(at.y, 1, real)
    for start in range(0, n_in, BLOCK):
        bits = active_bits(x, start, n_in)
        while bits != 0:
            i = start + trailing_zeros(bits)
            for k in range(first[i], first[i + 1]):
                y[target[k]] += weights[k] * x[i]
            bits = without_lowest(bits)


@kernel(operands="x n_in target y", reals="weight")
def scatter_to_one(at, real):
    """Add each active input, times one weight, to its only output, the target."""
    n_in = at.n_in
    x, target = array(at.x, n_in, real), integers(at.target, n_in)
    y = array(at.y, 1, real)
    weight = real.weight
    for start in range(0, n_in, BLOCK):
        bits = active_bits(x, start, n_in)
        while bits != 0:
            i = start + trailing_zeros(bits)
            y[target[i]] += weight * x[i]
            bits = without_lowest(bits)


@kernel(operands="x bands n_bands inputs weights y")
def add_bands(at, real):
    """Add bands of neighbouring inputs to bands of outputs, with a weight each: average pooling.

    A band is (first output, behind the last, first tap, behind the last). A tap is the input that
    goes to the band's first output, and the weight.
    """
    n_bands = at.n_bands
    x, y = array(at.x, 1, real), array(at.y, 1, real)
    bands = integers(at.bands, 4 * n_bands)
    inputs, weights = integers(at.inputs, 1), array(at.weights, 1, real)
    for band in range(n_bands):
        start, end = bands[4 * band], bands[4 * band + 1]
        first, last = bands[4 * band + 2], bands[4 * band + 3]
        o = start
        while o + 4 * WIDTH <= end:  # four sums that don't wait for each other
            a, b = load(y, o), load(y, o + WIDTH)
            c, d = load(y, o + 2 * WIDTH), load(y, o + 3 * WIDTH)
            for tap in range(first, last):
                i, weight = inputs[tap] + o - start, splat(weights[tap])
                a = multiply_add(load(x, i), weight, a)
                b = multiply_add(load(x, i + WIDTH), weight, b)
                c = multiply_add(load(x, i + 2 * WIDTH), weight, c)
                d = multiply_add(load(x, i + 3 * WIDTH), weight, d)
            store(y, o, a)
            store(y, o + WIDTH, b)
            store(y, o + 2 * WIDTH, c)
            store(y, o + 3 * WIDTH, d)
            o += 4 * WIDTH
        while o < end:
            a = load(y, o)
            for tap in range(first, last):
                a = multiply_add(load(x, inputs[tap] + o - start), splat(weights[tap]), a)
            store_first(y, o, a, end - o)
            o += WIDTH
