"""Kernels of synapses: filters of every element of a signal, over time."""

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array

__all__ = ["lowpass", "scale", "second_order", "state_space", "triangle"]


@kernel
def scale(at, real):
    """``y = d * u``, a filter without memory; at: u, y, n; real: d."""
    n = at[2]
    u, y = array(at[0], n, real), array(at[1], n, real)
    for i in range(n):
        y[i] = real[0] * u[i]


@kernel
def lowpass(at, real):
    """``x = a * x + b * u; y = x``; at: u, y, x, n; real: a, b."""
    n = at[3]
    u, y, x = array(at[0], n, real), array(at[1], n, real), array(at[2], n, real)
    a, b = real[0], real[1]
    for i in range(n):
        new = a * x[i] + b * u[i]
        x[i] = new
        y[i] = new


@kernel
def second_order(at, real):
    """Two states and no passthrough, as an alpha synapse; at: u, y, x, n; real: A, B, C by rows."""
    n = at[3]
    u, y, x = array(at[0], n, real), array(at[1], n, real), array(at[2], 2 * n, real)
    a00, a01, a10, a11 = real[0], real[1], real[2], real[3]
    b0, b1, c0, c1 = real[4], real[5], real[6], real[7]
    for i in range(n):
        first = a00 * x[i] + a01 * x[n + i] + b0 * u[i]
        second = a10 * x[i] + a11 * x[n + i] + b1 * u[i]
        x[i] = first
        x[n + i] = second
        y[i] = c0 * first + c1 * second


@kernel
def state_space(at, real):
    """``x' = A x + B u`` and ``y = C x' `` or, with passthrough, ``y = C x + D u``.

    at: u, y, x (order rows of n), n, order, whether there is passthrough, room for order numbers.
    real: A, B, C, D by rows.
    """
    n, order = at[3], at[4]
    u, y = array(at[0], n, real), array(at[1], n, real)
    x, new = array(at[2], n * order, real), array(at[6], order, real)
    a, b, c = 0, order * order, order * order + order
    for i in range(n):
        total = real[c + order] * u[i]
        if at[5]:
            for k in range(order):
                total += real[c + k] * x[k * n + i]
        for k in range(order):
            new[k] = real[b + k] * u[i]
            for m in range(order):
                new[k] += real[a + k * order + m] * x[m * n + i]
        for k in range(order):
            x[k * n + i] = new[k]
            if not at[5]:
                total += real[c + k] * new[k]
        y[i] = total


@kernel
def triangle(at, real):
    """at: u, y, Y, X (taps rows of n), position in X, n, taps; real: first weight, difference."""
    n, taps = at[5], at[6]
    u, y, sums = array(at[0], n, real), array(at[1], n, real), array(at[2], n, real)
    x, position = array(at[3], n * taps, real), array(at[4], 1, real)
    row = (int(position[0]) + 1) % taps
    position[0] = row
    for i in range(n):
        total = sums[i] + real[0] * u[i]
        drop = 0 * total
        for k in range(taps):
            drop += x[k * n + i]
        sums[i] = total - drop
        x[row * n + i] = real[1] * u[i]
        y[i] = sums[i]
