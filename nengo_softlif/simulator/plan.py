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
from nengo.utils.graphs import toposort
from nengo.utils.simulator import operator_dependency_graph

from nengo_softlif.simulator.kernels import moving
from nengo_softlif.simulator.layout import Layout
from nengo_softlif.simulator.merging import find_merges
from nengo_softlif.simulator.program import Instruction, Program
from nengo_softlif.simulator.rules import translate

__all__ = ["Plan", "in_order"]

logger = logging.getLogger("nengo_softlif")

# What they write depends on nothing but what they read.
_PURE = (Reset, Copy, ElementwiseInc, DotInc, SparseDotInc, ConvInc, ConvTransposeInc)


def in_order(model):
    """Operators of a model in an order in which they can run.

    Parameters
    ----------
    model : nengo.builder.Model

    Returns
    -------
    operators : list of nengo.builder.Operator
    dependencies : dict of Operator to set of Operator
        Which operators have to come after each.
    """
    dependencies = operator_dependency_graph(model.operators)
    return [op for op in toposort(dependencies) if hasattr(op, "make_step")], dependencies


class Plan:
    """The programs that make a step of a model.

    Parameters
    ----------
    model : nengo.builder.Model
    operators : list of nengo.builder.Operator
        Of the model, in an order in which they can run.
    dtype : numpy.dtype
        Precision.
    given, played : iterable of Signal
        Signals that are written from outside, before a run or in every step; what computes them
        in the model is left out.
    hoist : bool
        Whether operators that depend on constants run only once.

    Attributes
    ----------
    layout : Layout
    python : list of Operator
        Those without kernels.
    sources : list of Operator
        To be run in Python, first of all in a step.
    slow : Program
        To be run when what the sources write, or what is given, has changed.
    fast : list of (Program or Operator)
        To be run in this order in every step.
    """

    def __init__(self, model, operators, dtype, given=(), played=(), hoist=True):
        played = _bases(played)
        given = _bases(given) | played
        self.model = model
        self.operators = [op for op in operators if not (_written(op) and _written(op) <= given)]
        written = set().union(*(_written(op) for op in self.operators), given)
        # Only by trying is it known what has kernels; what becomes of it depends on the others.
        trial = Layout(dtype, model.dt, written)
        self.python = [op for op in self.operators if translate(op, trial) is None]
        self.sources, slow, shadowed = self._by_speed(played, written) if hoist else ([], [], [])
        self.layout = Layout(dtype, model.dt, written)
        self._assemble(slow, shadowed)
        self._report()

    def _by_speed(self, played, written):
        """Find sources, slow operators, and the signals that both slow and fast ones write."""
        clock = {self.model.step.base, self.model.time.base}
        python = set(self.python)
        cleared = self._cleared()
        fast = clock | played  # signals that change in every step
        demoted = set()  # operators that could be slow, but for what they write to
        while True:
            sources, slow = [], []
            before = len(fast) + len(demoted)
            for op in self.operators:
                reads = {signal.base for signal in op.reads}
                if op in demoted:
                    pass
                elif op in python:
                    if _is_source(op) and not (reads - clock) & written:
                        sources.append(op)
                        continue
                elif _is_pure(op) and not reads & fast and _bases(op.incs) <= cleared:
                    slow.append(op)
                    continue
                fast |= _written(op)
            # A signal that is also written by fast operators is kept as it is after the slow ones,
            # if the fast ones only add to it.
            shadowed = []
            for op in [*slow, *sources]:
                for base in _written(op) & fast:
                    others = [o for o in self.operators if base in _written(o) and o not in slow]
                    if op in slow and all(base in _bases(o.incs) for o in others):
                        shadowed += [base] if base not in shadowed else []
                    else:
                        demoted.add(op)
            if len(fast) + len(demoted) == before:
                return sources, slow, shadowed

    def _cleared(self):
        """Signals that are set in every step; others that are added to accumulate."""
        sizes = {}
        for op in self.operators:
            for signal in op.sets:
                sizes[signal.base] = sizes.get(signal.base, 0) + signal.size
        return {base for base, size in sizes.items() if size >= base.size}

    def _assemble(self, slow, shadowed):
        memory = self.layout.memory
        merges = {
            signal: merge
            for signal, merge in find_merges(
                self.operators,
                set(self.operators) - set(slow) - set(self.python),
                self.layout,
            ).items()
            if signal in shadowed
        }
        for signal, (_, target, scale) in merges.items():
            self.layout.merge(signal, target, scale)
        left_out = {superfluous for superfluous, _, _ in merges.values()} | set(self.sources)
        if self.python:  # who need to know the time before anything else
            left_out |= {op for op in self.operators if isinstance(op, TimeUpdate)}

        once, program = [], []
        for op in slow:
            if not _written(op) & set(merges):
                once += translate(op, self.layout)
        for base in [base for base in shadowed if base not in merges]:
            address, shadow = self.layout.base(base), memory.state(base.size)
            once.append(Instruction(moving.copy, (address, shadow, base.size)))
            program.append(Instruction(moving.copy, (shadow, address, base.size)))
        left_out |= set(slow)
        fast = []
        for op in self.operators:
            if op in left_out:
                continue
            if op in self.python:
                fast += [program, op]
                program = []
            else:
                program += translate(op, self.layout)
        self.slow = once
        self.fast = [part for part in [*fast, program] if part != []]

    def compile(self, first=(), last=()):
        """Compile all kernels that are needed.

        Parameters
        ----------
        first, last : iterable of Instruction
            To run before and after everything else in every step.
        """
        memory = self.layout.memory
        parts = [list(first)] if first else []
        for part in [*self.fast, list(last)]:
            if isinstance(part, list) and parts and isinstance(parts[-1], list):
                parts[-1] = parts[-1] + part
            elif part != []:
                parts.append(part)
        self.fast = parts
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
