"""Kernels of probes: what is kept of a signal, every step or summed up over all of them."""

from nengo_softlif.simulator.compiling import kernel
from nengo_softlif.simulator.lanes import array, integers

__all__ = ["count", "record"]


@kernel
def record(at, real):
    """Append a signal to a buffer; at: x, n, cells.

    Cells: address of the buffer, steps since the start, rows written, and the address of a 1 or
    0 for each step that says whether to write; 0 stands for always.
    """
    n = at[1]
    cells = integers(at[2], 4)
    step = cells[1]
    cells[1] += 1
    if cells[3] != 0 and integers(cells[3], step + 1)[step] == 0:
        return
    x, buffer = array(at[0], n, real), array(cells[0], (cells[2] + 1) * n, real)
    start = cells[2] * n
    for i in range(n):
        buffer[start + i] = x[i]
    cells[2] += 1


@kernel
def count(at, real):
    """Count the steps in which each element isn't zero; at: x, y, n."""
    n = at[2]
    x, y = array(at[0], n, real), array(at[1], n, real)
    for i in range(n):
        y[i] += 1 if x[i] != 0 else 0
