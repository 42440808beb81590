"""Spikes that leave the compiled host for the chip, as a list of who and when."""

import numpy as np

from nengo_softlif.compiled.activity import BLOCK, active_bits, without_lowest
from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array, integers, trailing_zeros
from nengo_softlif.simulator.program import Instruction

__all__ = ["SpikeListing", "SpikeLog"]


# What is at which of the cells: address of the list of spikes, its length, address of the list of
# where each step's spikes begin in it, steps since the start.
_SOURCES, _LENGTH, _FIRST, _STEP = range(4)
_N_CELLS = 4


@kernel(operands="x n first_neuron cells")
def list_spikes(at, real):
    """Append the numbers of what isn't zero to the list; x[0] has that of the first neuron."""
    n = at.n
    cells = integers(at.cells, _N_CELLS)
    x = array(at.x, n, real)
    count = cells[_LENGTH]
    listed = integers(cells[_SOURCES], count + n)
    for start in range(0, n, BLOCK):
        bits = active_bits(x, start, n)
        while bits != 0:
            listed[count] = at.first_neuron + start + trailing_zeros(bits)
            count += 1
            bits = without_lowest(bits)
    cells[_LENGTH] = count


@kernel(operands="cells")
def end_step(at, real):
    """Note where the next step's spikes begin, which arrive two steps later."""
    cells = integers(at.cells, _N_CELLS)
    cells[_STEP] += 1
    integers(cells[_FIRST], cells[_STEP] + 2)[cells[_STEP] + 1] = cells[_LENGTH]


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
        self._cells = layout.memory.counters(_N_CELLS)
        self.instructions = [
            Instruction(
                list_spikes,
                x=layout.address(signal),
                n=signal.size,
                first_neuron=number,
                cells=self._cells,
            )
            for signal, number in signals
        ]
        self.instructions.append(Instruction(end_step, cells=self._cells))

    def start(self, state, n_steps):
        """Make room for the next steps.

        Parameters
        ----------
        state : nengo_softlif.simulator.memory.State
        n_steps : int

        Returns
        -------
        listing : SpikeListing
            Has to be kept while steps are run.
        """
        return SpikeListing(state.view(self._cells, _N_CELLS), n_steps, n_steps * self._size)


class SpikeListing:
    """What a `SpikeLog` lists in some steps; calling it returns the spikes that there are by now.

    The kernels have the addresses of its arrays, which live as long as this object. It has to be
    called before the next listing on the same state starts.

    Parameters
    ----------
    cells : (4,) int64 ndarray
        Of the kernels, in a state.
    n_steps : int
    max_spikes : int
        As many as there can be.
    """

    def __init__(self, cells: np.ndarray, n_steps: int, max_spikes: int):
        self._sources = np.empty(max_spikes, dtype=np.int64)  # touched as far as it is used
        self._first = np.zeros(n_steps + 2, dtype=np.int64)
        self._cells = cells
        cells[_SOURCES] = self._sources.ctypes.data
        cells[_FIRST] = self._first.ctypes.data
        cells[_LENGTH] = cells[_STEP] = 0

    def __call__(self) -> tuple[np.ndarray, np.ndarray]:
        """Return ``first, sources``.

        In step ``k`` the spikes of ``sources[first[k]:first[k + 1]]`` arrive, one step after they
        were made.
        """
        return self._first[:-1], self._sources[: self._cells[_LENGTH]]
