"""Programs: lists of kernels with the addresses of what they work on, and how they are run."""

from __future__ import annotations

import functools
from numbers import Integral, Real

import numpy as np

from nengo_softlif.compiled.compiler import Kernel, kernel
from nengo_softlif.compiled.simd import call, cycles, integers
from nengo_softlif.simulator.memory import Address, Memory, State

__all__ = ["Instruction", "Program", "Table"]


class Instruction:
    """One kernel with what it works on.

    Parameters
    ----------
    kernel : Kernel
    **values : Address, int or float
        Of each operand an address or an integer, of each real a number, by the names that the
        kernel gives them.

    Raises
    ------
    TypeError
        If a value is missing, is of the wrong kind, or has a name that the kernel doesn't know.

    Examples
    --------
    >>> from nengo_softlif.simulator.kernels.moving import copy
    >>> from nengo_softlif.simulator.memory import Region
    >>> x, y = Address(Region.STATE, 0), Address(Region.STATE, 16)
    >>> Instruction(copy, x=x, y=y, n=3).values["n"]
    3
    >>> Instruction(copy, x=x, y=y)
    Traceback (most recent call last):
        ...
    TypeError: kernel copy needs a value for each of its operands (x, y, n) and reals (none), and
    no other (got no n)
    """

    def __init__(self, kernel: Kernel, /, **values: Address | int | float):
        kernel.check_names(values)
        for name in kernel.operands:
            if not isinstance(values[name], (Address, Integral)):
                raise TypeError(
                    f"kernel {kernel.name}: operand {name} must be an Address or an integer (got "
                    f"{values[name]!r})"
                )
        for name in kernel.reals:
            if not isinstance(values[name], Real):
                raise TypeError(
                    f"kernel {kernel.name}: real {name} must be a number (got {values[name]!r})"
                )
        self.kernel = kernel
        self.values = values

    def __repr__(self) -> str:
        shown = (f"{name}={value}" for name, value in self.values.items())
        return f"Instruction({', '.join([self.kernel.name, *shown])})"


class Program:
    """Instructions as a table of numbers, see `Table`, with places for the addresses of a state.

    Parameters
    ----------
    instructions : list of Instruction
    memory : Memory
        That the addresses are of.
    """

    def __init__(self, instructions: list[Instruction], memory: Memory):
        self.instructions = instructions
        self.memory = memory
        width = 2 + max((len(i.kernel.operands) for i in instructions), default=0)
        self._table = np.zeros((len(instructions), width), np.int64)
        self._regions = np.zeros_like(self._table)
        for row, instruction in enumerate(instructions):
            kernel, values = instruction.kernel, instruction.values
            reals = memory.weights([values[name] for name in kernel.reals])
            operands = (values[name] for name in kernel.operands)
            self._table[row, 0] = kernel.address(memory.dtype)
            for column, operand in enumerate((reals, *operands), start=1):
                if isinstance(operand, Address):
                    self._regions[row, column], operand = operand
                self._table[row, column] = operand

    def __len__(self) -> int:
        return len(self.instructions)

    def bind(self, state: State) -> Table:
        """Make the table of one state, which can be run.

        Parameters
        ----------
        state : State

        Returns
        -------
        table : Table
        """
        return Table(state.locate(self._table, self._regions))


class Table:
    """A program of one state, ready to run. It runs in one thread at a time.

    Parameters
    ----------
    rows : (n_instructions, n_columns) int64 ndarray
        Of each instruction the address of its kernel, that of its reals, then its operands.
    """

    def __init__(self, rows: np.ndarray):
        self.rows = np.ascontiguousarray(rows)
        # operands of the kernels below; the last two are set by each call
        self._operands = np.array([self.rows.ctypes.data, *rows.shape, 0, 0], np.int64)
        self._address = self._operands.ctypes.data
        self._n_steps = 0
        self._run = _c_function(_run)

    def followed_by(self, other: Table) -> Table:
        """Make the table of two programs that run one after the other.

        Parameters
        ----------
        other : Table
            Of the same state.

        Returns
        -------
        table : Table
        """
        width = max(self.rows.shape[1], other.rows.shape[1])
        return Table(
            np.concatenate(
                [
                    np.pad(rows, ((0, 0), (0, width - rows.shape[1])))
                    for rows in (self.rows, other.rows)
                ]
            )
        )

    def run(self, n_steps: int) -> None:
        """Run the program so many times.

        Parameters
        ----------
        n_steps : int
        """
        if n_steps != self._n_steps:
            self._operands[3] = self._n_steps = n_steps
        self._run(self._address, None)

    def measure(self, n_steps: int, spent: np.ndarray) -> None:
        """Run the program so many times, and add up the clock cycles of each instruction.

        Parameters
        ----------
        n_steps : int
        spent : (n_instructions,) int64 ndarray
            Is added to.
        """
        self._operands[3:] = n_steps, spent.ctypes.data
        self._n_steps = n_steps
        _c_function(_measure)(self._address, None)


@functools.cache
def _c_function(kernel):
    return kernel.as_c_function(np.dtype(np.float64))  # without any reals


@kernel(operands="rows n_rows n_columns n_steps")
def _run(at, real):
    width = 8 * at.n_columns
    end = at.rows + at.n_rows * width
    for _ in range(at.n_steps):
        for row in range(at.rows, end, width):
            head = integers(row, 2)
            call(head[0], row + 16, head[1])


@kernel(operands="rows n_rows n_columns n_steps spent")
def _measure(at, real):
    width = 8 * at.n_columns
    spent = integers(at.spent, at.n_rows)
    for _ in range(at.n_steps):
        before = cycles()
        for i in range(at.n_rows):
            row = at.rows + i * width
            head = integers(row, 2)
            call(head[0], row + 16, head[1])
            after = cycles()
            spent[i] += after - before
            before = after
