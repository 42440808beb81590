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


@kernel
def advance_time(at, real):
    """``step += 1; time = step * dt``; at: step, time; real: dt."""
    step = integers(at[0], 1)
    step[0] += 1
    array(at[1], 1, real)[0] = step[0] * real[0]


@kernel
def fill(at, real):
    """``y = value``; at: y, n; real: value."""
    y = array(at[0], at[1], real)
    for i in range(at[1]):
        y[i] = real[0]


@kernel
def copy(at, real):
    """``y = x``; at: x, y, n."""
    x, y = array(at[0], at[2], real), array(at[1], at[2], real)
    for i in range(at[2]):
        y[i] = x[i]


@kernel
def add(at, real):
    """``y += x``; at: x, y, n."""
    x, y = array(at[0], at[2], real), array(at[1], at[2], real)
    for i in range(at[2]):
        y[i] += x[i]


@kernel
def add_scaled(at, real):
    """``y += a * x`` with a number a; at: a, x, y, n."""
    a = array(at[0], 1, real)[0]
    x, y = array(at[1], at[3], real), array(at[2], at[3], real)
    for i in range(at[3]):
        y[i] += a * x[i]


@kernel
def copy_indexed(at, real):
    """``y[to] = x[from]``; at: x, y, n, from, to."""
    n = at[2]
    x, y = array(at[0], n, real), array(at[1], n, real)
    source, target = integers(at[3], n), integers(at[4], n)
    for i in range(n):
        y[target[i]] = x[source[i]]


@kernel
def add_indexed(at, real):
    """``y[to] += x[from]``; at: x, y, n, from, to."""
    n = at[2]
    x, y = array(at[0], n, real), array(at[1], n, real)
    source, target = integers(at[3], n), integers(at[4], n)
    for i in range(n):
        y[target[i]] += x[source[i]]


@kernel
def add_products(at, real):
    """``y += a * x``, element by element; at: a, x, y, n."""
    n = at[3]
    a, x, y = array(at[0], n, real), array(at[1], n, real), array(at[2], n, real)
    for i in range(n):
        y[i] += a[i] * x[i]


@kernel
def add_products_strided(at, real):
    """``y += a * x`` in two dimensions; at: a, x, y, rows, columns, strides of a, x and y."""
    rows, columns = at[3], at[4]
    a0, a1, x0, x1, y0, y1 = at[5], at[6], at[7], at[8], at[9], at[10]
    a = array(at[0], (rows - 1) * a0 + (columns - 1) * a1 + 1, real)
    x = array(at[1], (rows - 1) * x0 + (columns - 1) * x1 + 1, real)
    y = array(at[2], (rows - 1) * y0 + (columns - 1) * y1 + 1, real)
    for i in range(rows):
        if a1 == 0 and x1 == 1 and y1 == 1:
            factor = a[i * a0]
            for j in range(columns):
                y[i * y0 + j] += factor * x[i * x0 + j]
        else:
            for j in range(columns):
                y[i * y0 + j * y1] += a[i * a0 + j * a1] * x[i * x0 + j * x1]
