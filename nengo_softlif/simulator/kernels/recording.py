"""Kernels that carry a signal out of a simulation, or into it, step by step."""

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array, integers

__all__ = ["play", "record"]


@kernel
def record(at, real):
    """Append a signal to a buffer; at: x, n, cells.

    Cells: address of the buffer, steps since the start, rows written, and the address of a 1 or
    0 for each step that says whether to write.
    """
    n = at[1]
    cells = integers(at[2], 4)
    step = cells[1]
    cells[1] += 1
    if integers(cells[3], step + 1)[step] == 0:
        return
    x, buffer = array(at[0], n, real), array(cells[0], (cells[2] + 1) * n, real)
    start = cells[2] * n
    for i in range(n):
        buffer[start + i] = x[i]
    cells[2] += 1


@kernel
def play(at, real):
    """Set a signal to the next row of an array; at: y, n, cells: address of the array, next row."""
    n = at[1]
    cells = integers(at[2], 2)
    start = cells[1] * n
    y, rows = array(at[0], n, real), array(cells[0], start + n, real)
    for i in range(n):
        y[i] = rows[start + i]
    cells[1] += 1
