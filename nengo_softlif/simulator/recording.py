"""What is kept of signals while kernels run: all values, or their sum."""

from __future__ import annotations

import numpy as np
import psutil
from nengo.exceptions import SimulationError

from nengo_softlif.simulator.kernels import moving
from nengo_softlif.simulator.kernels import recording as kernels
from nengo_softlif.simulator.lowering.moving import move
from nengo_softlif.simulator.program import Instruction

__all__ = ["Accumulator", "Player", "Recorder", "Recording", "check_memory"]

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
        self._cells = layout.memory.counters(kernels.N_CELLS)
        source, gather = _gathered(signal, layout)
        self.row_bytes = self.size * self.dtype.itemsize
        record = Instruction(kernels.record, x=source, n=self.size, cells=self._cells)
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
        recording : Recording
            Has to be kept while steps are run.
        """
        return Recording(
            state.view(self._cells, kernels.N_CELLS), self.shape, self.dtype, n_steps, sampled
        )


class Recording:
    """What a `Recorder` keeps of some steps; calling it returns the rows that there are by now.

    The kernel has the addresses of its arrays, which live as long as this object. It has to be
    called before the next recording on the same state starts.

    Parameters
    ----------
    cells : (N_CELLS,) int64 ndarray
        Of the kernel, in a state.
    shape : tuple of int
        Of the signal.
    dtype : numpy.dtype
    n_steps : int
    sampled : slice or int ndarray
        Which of the steps to keep.
    """

    def __init__(
        self,
        cells: np.ndarray,
        shape: tuple[int, ...],
        dtype: np.dtype,
        n_steps: int,
        sampled: slice | np.ndarray,
    ):
        self._flags = np.zeros(n_steps, np.int64)
        self._flags[sampled] = 1
        self._buffer = np.empty((int(self._flags.sum()), *shape), dtype)
        self._cells = cells
        cells[kernels.BUFFER] = self._buffer.ctypes.data
        cells[kernels.FLAGS] = self._flags.ctypes.data
        cells[kernels.NEXT_ROW] = cells[kernels.STEP] = 0

    def __call__(self) -> np.ndarray:
        """Rows that have been recorded, (n_rows, *shape)."""
        return self._buffer[: self._cells[kernels.NEXT_ROW]]


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
        add = Instruction(moving.add, x=source, y=self._sum, n=self.size)
        self.instructions = [*gather, add]

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
        self._dtype = layout.memory.dtype
        self._cells = layout.memory.counters(kernels.N_CELLS)
        address = layout.address(signal)
        self.instructions = [Instruction(kernels.play, y=address, n=signal.size, cells=self._cells)]

    def start(self, state, rows):
        """Set the values of the next steps.

        Parameters
        ----------
        state : State
        rows : (n_steps, size) array_like

        Returns
        -------
        values : ndarray
            The rows in the memory's precision. Has to be kept while steps are run, since the
            kernel has its address.
        """
        values = np.ascontiguousarray(rows, self._dtype)
        cells = state.view(self._cells, kernels.N_CELLS)
        cells[kernels.BUFFER], cells[kernels.NEXT_ROW] = values.ctypes.data, 0
        return values


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
