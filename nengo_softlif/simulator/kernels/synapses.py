"""Kernels of synapses: filters of every element of a signal, over time."""

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array, part

__all__ = ["lowpass", "scale", "second_order", "state_space", "triangle"]


@kernel(operands="u y n", reals="d")
def scale(at, real):
    """``y = d * u``, a filter without memory."""
    n = at.n
    u, y = array(at.u, n, real), array(at.y, n, real)
    for i in range(n):
        y[i] = real.d * u[i]


@kernel(operands="u y x n", reals="a b")
def lowpass(at, real):
    """``x = a * x + b * u; y = x``."""
    n = at.n
    u, y, x = array(at.u, n, real), array(at.y, n, real), array(at.x, n, real)
    a, b = real.a, real.b
    for i in range(n):
        new = a * x[i] + b * u[i]
        x[i] = new
        y[i] = new


@kernel(operands="u y x n", reals="a00 a01 a10 a11 b0 b1 c0 c1")
def second_order(at, real):
    """Two states and no passthrough, as an alpha synapse; x is a row of n for each state."""
    n = at.n
    u, y, x = array(at.u, n, real), array(at.y, n, real), array(at.x, 2 * n, real)
    a00, a01, a10, a11 = real.a00, real.a01, real.a10, real.a11
    b0, b1, c0, c1 = real.b0, real.b1, real.c0, real.c1
    for i in range(n):
        first = a00 * x[i] + a01 * x[n + i] + b0 * u[i]
        second = a10 * x[i] + a11 * x[n + i] + b1 * u[i]
        x[i] = first
        x[n + i] = second
        y[i] = c0 * first + c1 * second


@kernel(operands="u y x new A B C n order has_passthrough", reals="d")
def state_space(at, real):
    """``x' = A x + B u`` and ``y = C x' `` or, with passthrough, ``y = C x + d u``.

    x is a row of n for each of as many states as the order; ``new`` is room for a number each.
    """
    n, order = at.n, at.order
    u, y = array(at.u, n, real), array(at.y, n, real)
    x, new = array(at.x, n * order, real), array(at.new, order, real)
    a, b = array(at.A, order * order, real), array(at.B, order, real)
    c = array(at.C, order, real)
    for i in range(n):
        total = real.d * u[i]
        if at.has_passthrough:
            for k in range(order):
                total += c[k] * x[k * n + i]
        for k in range(order):
            new[k] = b[k] * u[i]
            for m in range(order):
                new[k] += a[k * order + m] * x[m * n + i]
        for k in range(order):
            x[k * n + i] = new[k]
            if not at.has_passthrough:
                total += c[k] * new[k]
        y[i] = total


@kernel(operands="u y sums x position n taps", reals="first_weight difference")
def triangle(at, real):
    """A window of so many taps, whose weights fall off by the same difference.

    x is a row of n for each tap, ``position`` the row that was written last.
    """
    n, taps = at.n, at.taps
    u, y, sums = array(at.u, n, real), array(at.y, n, real), array(at.sums, n, real)
    x, position = array(at.x, n * taps, real), array(at.position, 1, real)
    row = (int(position[0]) + 1) % taps
    position[0] = row
    newest = part(x, row * n, n)
    for i in range(n):
        total = sums[i] + real.first_weight * u[i]
        drop = 0 * total
        for k in range(taps):
            drop += x[k * n + i]
        sums[i] = total - drop
        newest[i] = real.difference * u[i]
        y[i] = sums[i]
