"""Programs: lists of kernels with the addresses of what they work on, and how they are run."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np

from nengo_softlif.compiled.compiler import Kernel, compiled
from nengo_softlif.compiled.simd import call, cycles
from nengo_softlif.simulator.memory import Address, Memory, State

__all__ = ["Instruction", "Program", "joined", "measure", "run"]


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
    """Instructions as a table of numbers.

    A row has the address of the kernel, that of its reals, then its operands.

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

    def bind(self, state: State) -> np.ndarray:
        """Make the table that `run` takes, for one state.

        Parameters
        ----------
        state : State

        Returns
        -------
        table : (n_instructions, n_columns) int64 ndarray
        """
        return state.locate(self._table, self._regions)


def joined(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Make the table of two programs that run one after the other.

    Parameters
    ----------
    first, second : (n_instructions, n_columns) int64 ndarray
        As `Program.bind` makes them.
    """
    width = max(first.shape[1], second.shape[1])
    return np.concatenate(
        [np.pad(table, ((0, 0), (0, width - table.shape[1]))) for table in (first, second)]
    )


@compiled
def run(table, n_steps):
    """Run a program so many times.

    Parameters
    ----------
    table : (n_instructions, n_columns) int64 ndarray
        As `Program.bind` makes it.
    n_steps : int
    """
    start = table.ctypes.data
    width = 8 * table.shape[1]
    for _ in range(n_steps):
        for i in range(table.shape[0]):
            call(table[i, 0], start + i * width + 16, table[i, 1])


@compiled
def measure(table, n_steps, spent):
    """Run a program so many times, and add up the clock cycles of each instruction.

    Parameters
    ----------
    table, n_steps
        As for `run`.
    spent : (n_instructions,) int64 ndarray
        Is added to.
    """
    start = table.ctypes.data
    width = 8 * table.shape[1]
    for _ in range(n_steps):
        before = cycles()
        for i in range(table.shape[0]):
            call(table[i, 0], start + i * width + 16, table[i, 1])
            after = cycles()
            spent[i] += after - before
            before = after
