"""Programs: lists of kernels with the addresses of what they work on, and how they are run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nengo_softlif.compiled.compiler import Kernel, compiled
from nengo_softlif.compiled.simd import call, cycles
from nengo_softlif.simulator.memory import Address

__all__ = ["Instruction", "Program", "measure", "run"]

_COLUMNS = 20  # the kernel, its parameters, and room for 18 operands


@dataclass(frozen=True)
class Instruction:
    """One kernel with what it works on.

    Parameters
    ----------
    kernel : Kernel
    operands : tuple of (Address or int)
    parameters : tuple of float
    """

    kernel: Kernel
    operands: tuple
    parameters: tuple = ()


class Program:
    """Instructions as a table of numbers.

    Parameters
    ----------
    instructions : list of Instruction
    memory : Memory
        That the addresses are of.
    """

    def __init__(self, instructions, memory):
        self.instructions = instructions
        self.memory = memory
        self._table = np.zeros((len(instructions), _COLUMNS), np.int64)
        self._regions = np.zeros_like(self._table)
        for row, instruction in enumerate(instructions):
            parameters = memory.weights(instruction.parameters)
            self._table[row, 0] = instruction.kernel.address(memory.dtype)
            for column, operand in enumerate((parameters, *instruction.operands), start=1):
                if isinstance(operand, Address):
                    self._regions[row, column], operand = operand
                self._table[row, column] = operand

    def __len__(self):
        return len(self.instructions)

    def bind(self, state):
        """Make the table that `run` takes, for one state.

        Parameters
        ----------
        state : State

        Returns
        -------
        table : (n_instructions, _COLUMNS) int64 ndarray
        """
        return state.locate(self._table, self._regions)


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
