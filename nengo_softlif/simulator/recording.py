"""What is kept of signals while kernels run: all values, or their sum."""

from __future__ import annotations

import numpy as np
import psutil
from nengo.exceptions import SimulationError

from nengo_softlif.simulator.kernels import moving
from nengo_softlif.simulator.kernels import recording as kernels
from nengo_softlif.simulator.lowering.moving import move
from nengo_softlif.simulator.program import Instruction

__all__ = ["Accumulator", "Player", "Recorder", "check_memory"]

_LITTLE = 2**20  # bytes


class Recorder:
    """Keeps the values of a signal in some or all steps.

    Parameters
    ----------
    signal : nengo.builder.Signal
        Any view.
    layout : Layout

    Attributes
    ----------
    instructions : list of Instruction
        To be run at the end of every step.
    row_bytes : int
        Size of what is kept in a step.
    """

    def __init__(self, signal, layout):
        self.shape = signal.shape
        self.dtype = layout.memory.dtype
        self.size = signal.size
        self._cells = layout.memory.counters(4)
        source, gather = _gathered(signal, layout)
        self.row_bytes = self.size * self.dtype.itemsize
        record = Instruction(kernels.record, (source, self.size, self._cells))
        self.instructions = [*gather, record]

    def start(self, state, n_steps, sampled=slice(None)):
        """Make room for the next steps.

        Parameters
        ----------
        state : State
        n_steps : int
        sampled : int ndarray, optional
            Which of them to keep, counted from 0; all by default.

        Returns
        -------
        recorded : callable
            Returns what has been kept since then, (n_rows, *signal.shape) ndarray.
        """
        flags = np.zeros(n_steps, np.int64)
        flags[sampled] = 1
        buffer = np.empty((int(flags.sum()), self.size), self.dtype)
        cells = state.view(self._cells, 4)
        cells[:] = (buffer.ctypes.data, 0, 0, flags.ctypes.data)

        def recorded():
            assert len(flags) == n_steps  # kept alive until here, as the buffer is
            return buffer[: cells[2]].reshape(-1, *self.shape)

        return recorded


class Accumulator:
    """Keeps the sum of a signal over the steps.

    Parameters
    ----------
    signal : nengo.builder.Signal
    layout : Layout

    Attributes
    ----------
    instructions : list of Instruction
        To be run at the end of every step.
    """

    def __init__(self, signal, layout):
        self.shape = signal.shape
        self.size = signal.size
        self._sum = layout.room(self.size)
        source, gather = _gathered(signal, layout)
        self.instructions = [*gather, Instruction(moving.add, (source, self._sum, self.size))]

    def start(self, state, n_steps):
        """Start from zero; parameters as for `Recorder.start`.

        Returns
        -------
        total : callable
            Returns the sum since then as one row, (1, *signal.shape) ndarray.
        """
        total = state.view(self._sum, self.size)
        total[:] = 0
        return lambda: total.reshape(1, *self.shape).copy()


class Player:
    """Sets a signal to given values, another row in each step.

    Parameters
    ----------
    signal : nengo.builder.Signal
        Contiguous.
    layout : Layout

    Attributes
    ----------
    instructions : list of Instruction
        To be run at the start of every step.
    """

    def __init__(self, signal, layout):
        self._cells = layout.memory.counters(2)
        operands = (layout.address(signal), signal.size, self._cells)
        self.instructions = [Instruction(kernels.play, operands)]

    def start(self, state, rows):
        """Set the values of the next steps, (n_steps, size) ndarray of the memory's precision."""
        state.view(self._cells, 2)[:] = (rows.ctypes.data, 0)


def check_memory(needed, what, advice):
    """Refuse what would not fit into memory.

    Parameters
    ----------
    needed : int
        Bytes.
    what, advice : str
        For the message.

    Raises
    ------
    nengo.exceptions.SimulationError
        If so much is not available.
    """
    if needed < _LITTLE:
        return  # asking takes as long as many steps
    available = psutil.virtual_memory().available
    if needed > available:
        raise SimulationError(
            f"{what} would take {needed / 2**30:,.1f} GiB of memory, and {available / 2**30:,.1f} "
            f"GiB are available; {advice}"
        )


def _gathered(signal, layout):
    """Address of a signal's elements next to each other, and instructions that put them there."""
    address = layout.address(signal)
    if address is not None:
        return address, []
    address = layout.room(signal.size)
    positions = layout.positions(signal).ravel()
    base = layout.base(signal.base)
    return address, move(base, address, positions, np.arange(signal.size), layout, add=False)
