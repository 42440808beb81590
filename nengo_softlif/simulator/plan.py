"""From the operators of a built Nengo model to programs.

Operators are sorted by how often they have to run:

- *sources* compute in Python what goes by time only: the functions of input nodes;
- *slow* operators depend on constants and sources only, so they run when those have changed: the
  first convolution of a constant image, say;
- *fast* operators run in every step, in compiled programs between those that need Python.
"""

from __future__ import annotations

import logging

from nengo.builder.operator import (
    Copy,
    DotInc,
    ElementwiseInc,
    Reset,
    SimPyFunc,
    SparseDotInc,
    TimeUpdate,
)
from nengo.builder.neurons import SimNeurons
from nengo.builder.processes import SimProcess
from nengo.builder.transforms import ConvInc, ConvTransposeInc

from nengo_softlif.simulator.kernels import moving
from nengo_softlif.simulator.layout import Layout
from nengo_softlif.simulator.program import Instruction, Program
from nengo_softlif.simulator.rules import translate

__all__ = ["Plan"]

logger = logging.getLogger("nengo_softlif")

# What they write depends on nothing but what they read.
_PURE = (Reset, Copy, ElementwiseInc, DotInc, SparseDotInc, ConvInc, ConvTransposeInc)


class Plan:
    """The programs that make a step of a model.

    Parameters
    ----------
    model : nengo.builder.Model
    operators : list of nengo.builder.Operator
        Of the model, in an order in which they can run.
    dtype : numpy.dtype
        Precision.
    given : iterable of Signal
        Signals that are written from outside; what computes them in the model is left out.
    hoist : bool
        Whether operators that depend on constants run only once.

    Attributes
    ----------
    layout : Layout
    sources : list of Operator
        To be run in Python, first of all in a step.
    slow : Program
        To be run when what the sources write, or what is given, has changed.
    fast : list of (Program or Operator)
        To be run in this order in every step.
    """

    def __init__(self, model, operators, dtype, given=(), hoist=True):
        given = {signal.base for signal in given}
        operators = [op for op in operators if not (_written(op) and _written(op) <= given)]
        written = set().union(*(_written(op) for op in operators), given)
        self.model = model
        self.operators = operators
        self.layout = Layout(dtype, model.dt, written)
        self._instructions = {op: translate(op, self.layout) for op in operators}
        self.python = [op for op in operators if self._instructions[op] is None]
        self.sources, slow, shadowed = self._by_speed(given) if hoist else ([], [], set())
        self._assemble(slow, shadowed)
        self._report()

    def _by_speed(self, given):
        """Find sources, slow operators, and the signals that both slow and fast ones write."""
        clock = {self.model.step.base, self.model.time.base}
        fast = set(clock)  # signals that change in every step
        demoted = set()  # operators that could be slow, but for what they write to
        while True:
            sources, slow = [], []
            before = len(fast) + len(demoted)
            for op in self.operators:
                reads = {signal.base for signal in op.reads}
                if op in demoted:
                    pass
                elif self._instructions[op] is None:
                    if _is_source(op) and not (reads - clock) & fast:
                        sources.append(op)
                        continue
                elif _is_pure(op) and not reads & fast:
                    slow.append(op)
                    continue
                fast |= _written(op)
            # A signal that is also written by fast operators is kept as it is after the slow ones,
            # if the fast ones only add to it.
            shadowed = set()
            for op in [*slow, *sources]:
                for base in _written(op) & fast:
                    others = [o for o in self.operators if base in _written(o) and o not in slow]
                    if op in slow and all(base in _bases(o.incs) for o in others):
                        shadowed.add(base)
                    else:
                        demoted.add(op)
            if len(fast) + len(demoted) == before:
                return sources, slow, shadowed

    def _assemble(self, slow, shadowed):
        memory = self.layout.memory
        slow, sources = set(slow), set(self.sources)
        once, fast, program = [], [], []
        shadows = {}
        for op in self.operators:
            if op in slow:
                once += self._instructions[op]
                for base in _written(op) & shadowed - set(shadows):
                    # at the place of its first writer, the signal gets its value in every step
                    address, size = self.layout.base(base), base.size
                    shadows[base] = (address, memory.state(size), size)
                    program.append(Instruction(moving.copy, _swapped(shadows[base])))
            elif op in sources or (self.python and isinstance(op, TimeUpdate)):
                continue
            elif self._instructions[op] is None:
                fast += [program, op]
                program = []
            else:
                program += self._instructions[op]
        once += [Instruction(moving.copy, shadow) for shadow in shadows.values()]
        self.slow = once
        self.fast = [part for part in [*fast, program] if part != []]

    def compile(self, recording=()):
        """Compile all kernels that are needed.

        Parameters
        ----------
        recording : list of Instruction
            To run at the end of every step.
        """
        memory = self.layout.memory
        if recording:
            if not self.fast or not isinstance(self.fast[-1], list):
                self.fast.append([])
            self.fast[-1] = [*self.fast[-1], *recording]
        self.slow = Program(self.slow, memory)
        self.fast = [Program(p, memory) if isinstance(p, list) else p for p in self.fast]

    def _report(self):
        for op in self.python:
            if not isinstance(op, (SimPyFunc, TimeUpdate)):
                what = getattr(op, "neurons", getattr(op, "process", op))
                logger.info("%s has no compiled kernel and runs in Python", what)


def _bases(signals):
    return {signal.base for signal in signals}


def _written(op):
    return _bases([*op.sets, *op.incs, *op.updates])


def _is_pure(op):
    if op.updates:
        return False
    return type(op) in _PURE or (isinstance(op, SimNeurons) and len(op.sets) == 1)


def _is_source(op):
    if isinstance(op, SimPyFunc):
        return op.output is not None
    return isinstance(op, SimProcess) and op.mode == "set"


def _swapped(shadow):
    address, copy, size = shadow
    return (copy, address, size)
