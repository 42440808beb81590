"""Kernels that carry a signal out of a simulation, or into it, step by step."""

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array, integers, part

__all__ = ["BUFFER", "FLAGS", "NEXT_ROW", "N_CELLS", "STEP", "play", "record"]

# What is at which of the cells: the address of the buffer, the row that is written or read next,
# the steps since the start, the address of a 1 or 0 for each step that says whether to write.
BUFFER, NEXT_ROW, STEP, FLAGS = range(4)
N_CELLS = 4


@kernel(operands="x n cells")
def record(at, real):
    """Append a signal to a buffer in those steps that have a flag."""
    n = at.n
    cells = integers(at.cells, N_CELLS)
    step = cells[STEP]
    cells[STEP] += 1
    if integers(cells[FLAGS], step + 1)[step] == 0:
        return
    x, buffer = array(at.x, n, real), array(cells[BUFFER], (cells[NEXT_ROW] + 1) * n, real)
    row = part(buffer, cells[NEXT_ROW] * n, n)
    for i in range(n):
        row[i] = x[i]
    cells[NEXT_ROW] += 1


@kernel(operands="y n cells")
def play(at, real):
    """Set a signal to the next row of a buffer."""
    n = at.n
    cells = integers(at.cells, N_CELLS)
    start = cells[NEXT_ROW] * n
    y, row = array(at.y, n, real), part(array(cells[BUFFER], start + n, real), start, n)
    for i in range(n):
        y[i] = row[i]
    cells[NEXT_ROW] += 1
