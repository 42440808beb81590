"""Kernels that move numbers, and multiply them element by element."""

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array, integers

__all__ = [
    "add",
    "add_indexed",
    "add_products",
    "add_products_strided",
    "add_scaled",
    "advance_time",
    "copy",
    "copy_indexed",
    "fill",
]


@kernel(operands="step time", reals="dt")
def advance_time(at, real):
    """``step += 1; time = step * dt``."""
    step = integers(at.step, 1)
    step[0] += 1
    array(at.time, 1, real)[0] = step[0] * real.dt


@kernel(operands="y n", reals="value")
def fill(at, real):
    """``y = value``."""
    y = array(at.y, at.n, real)
    for i in range(at.n):
        y[i] = real.value


@kernel(operands="x y n")
def copy(at, real):
    """``y = x``."""
    x, y = array(at.x, at.n, real), array(at.y, at.n, real)
    for i in range(at.n):
        y[i] = x[i]


@kernel(operands="x y n")
def add(at, real):
    """``y += x``."""
    x, y = array(at.x, at.n, real), array(at.y, at.n, real)
    for i in range(at.n):
        y[i] += x[i]


@kernel(operands="a x y n")
def add_scaled(at, real):
    """``y += a * x`` with a number a."""
    a = array(at.a, 1, real)[0]
    x, y = array(at.x, at.n, real), array(at.y, at.n, real)
    for i in range(at.n):
        y[i] += a * x[i]


@kernel(operands="x y source target n")
def copy_indexed(at, real):
    """``y[target] = x[source]``."""
    n = at.n
    x, y = array(at.x, n, real), array(at.y, n, real)
    source, target = integers(at.source, n), integers(at.target, n)
    for i in range(n):
        y[target[i]] = x[source[i]]


@kernel(operands="x y source target n")
def add_indexed(at, real):
    """``y[target] += x[source]``."""
    n = at.n
    x, y = array(at.x, n, real), array(at.y, n, real)
    source, target = integers(at.source, n), integers(at.target, n)
    for i in range(n):
        y[target[i]] += x[source[i]]


@kernel(operands="a x y n")
def add_products(at, real):
    """``y += a * x``, element by element."""
    n = at.n
    a, x, y = array(at.a, n, real), array(at.x, n, real), array(at.y, n, real)
    for i in range(n):
        y[i] += a[i] * x[i]


@kernel(operands="a x y rows columns a0 a1 x0 x1 y0 y1")
def add_products_strided(at, real):
    """``y += a * x`` in two dimensions; a0 and a1 are the strides of a, and so on."""
    rows, columns = at.rows, at.columns
    a0, a1, x0, x1, y0, y1 = at.a0, at.a1, at.x0, at.x1, at.y0, at.y1
    a = array(at.a, (rows - 1) * a0 + (columns - 1) * a1 + 1, real)
    x = array(at.x, (rows - 1) * x0 + (columns - 1) * x1 + 1, real)
    y = array(at.y, (rows - 1) * y0 + (columns - 1) * y1 + 1, real)
    for i in range(rows):
        if a1 == 0 and x1 == 1 and y1 == 1:
            factor = a[i * a0]
            for j in range(columns):
                y[i * y0 + j] += factor * x[i * x0 + j]
        else:
            for j in range(columns):
                y[i * y0 + j * y1] += a[i * a0 + j * a1] * x[i * x0 + j * x1]
