"""Spikes that leave the compiled host for the chip, as a list of who and when."""

import numpy as np

from nengo_softlif.compiled.activity import BLOCK, active_bits, without_lowest
from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array, integers, trailing_zeros
from nengo_softlif.simulator.program import Instruction

__all__ = ["SpikeLog"]


@kernel
def list_spikes(at, real):
    """Append the numbers of what isn't zero to a list; at: x, n, number of the first, cells.

    Cells: address of the list, its length, address of the starts of steps, steps since the start.
    """
    n = at[1]
    cells = integers(at[3], 4)
    x = array(at[0], n, real)
    count = cells[1]
    listed = integers(cells[0], count + n)
    for start in range(0, n, BLOCK):
        bits = active_bits(x, start, n)
        while bits != 0:
            listed[count] = at[2] + start + trailing_zeros(bits)
            count += 1
            bits = without_lowest(bits)
    cells[1] = count


@kernel
def end_step(at, real):
    """Note where the next step's spikes begin, which arrive two steps later; at: cells."""
    cells = integers(at[0], 4)
    cells[3] += 1
    integers(cells[2], cells[3] + 2)[cells[3] + 1] = cells[1]


class SpikeLog:
    """Lists the spikes of some signals.

    Parameters
    ----------
    signals : list of (nengo.builder.Signal, int)
        Each contiguous, with the number of its first neuron among all sources of spikes.
    layout : nengo_softlif.simulator.layout.Layout

    Attributes
    ----------
    instructions : list of Instruction
        To be run at the end of every step.
    """

    def __init__(self, signals, layout):
        self._size = sum(signal.size for signal, _ in signals)
        self._cells = layout.memory.counters(4)
        self.instructions = [
            Instruction(list_spikes, (layout.address(signal), signal.size, number, self._cells))
            for signal, number in signals
        ]
        self.instructions.append(Instruction(end_step, (self._cells,)))

    def start(self, state, n_steps):
        """Make room for the next steps.

        Parameters
        ----------
        state : nengo_softlif.simulator.memory.State
        n_steps : int

        Returns
        -------
        listed : callable
            Returns ``first, sources``: in step ``k`` the spikes of
            ``sources[first[k]:first[k + 1]]`` arrive, one step after they were made.
        """
        sources = np.empty(n_steps * self._size, dtype=np.int64)  # touched as far as it is used
        first = np.zeros(n_steps + 2, dtype=np.int64)
        cells = state.view(self._cells, 4)
        cells[:] = (sources.ctypes.data, 0, first.ctypes.data, 0)
        return lambda: (first[:-1], sources[: cells[1]])
