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


@kernel(operands="x bands n_bands outputs weights y")
def add_bands(at, real):
    """Add bands of inputs to neighbouring outputs, with one weight, as in average pooling.

    A band is (first input, behind the last, first target, behind the last). A target is the output
    of the band's first input, and the weight.
    """
    n_bands = at.n_bands
    x, y = array(at.x, 1, real), array(at.y, 1, real)
    bands = integers(at.bands, 4 * n_bands)
    outputs, weights = integers(at.outputs, 1), array(at.weights, 1, real)
    for band in range(n_bands):
        first, end = bands[4 * band], bands[4 * band + 1]
        first_target, last = bands[4 * band + 2], bands[4 * band + 3]
        i = first
        while i + WIDTH <= end:
            values = load(x, i)
            for t in range(first_target, last):
                o = outputs[t] + i - first
                store(y, o, multiply_add(values, splat(weights[t]), load(y, o)))
            i += WIDTH
        while i < end:
            for t in range(first_target, last):
                y[outputs[t] + i - first] += weights[t] * x[i]
            i += 1
