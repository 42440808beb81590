"""From the operators of a built Nengo model to programs.

Operators are sorted by how often they have to run:

- *sources* compute in Python what goes by time only: the functions of input nodes;
- *slow* operators depend on constants and sources only, so they run when those have changed: the
  first convolution of a constant image, say;
- *fast* operators run in every step, in compiled programs between those that need Python.
"""

from __future__ import annotations

import logging
from collections import Counter

from nengo.builder.operator import SimPyFunc, TimeUpdate
from nengo.utils.graphs import toposort
from nengo.utils.simulator import operator_dependency_graph

from nengo_softlif.simulator.dependencies import Usage, bases
from nengo_softlif.simulator.fusion import merge_copies, merge_sums
from nengo_softlif.simulator.hoisting import Speeds, find_speeds
from nengo_softlif.simulator.kernels import moving
from nengo_softlif.simulator.layout import Layout
from nengo_softlif.simulator.lowering import translate
from nengo_softlif.simulator.program import Instruction, Program

__all__ = ["Plan", "in_order"]

logger = logging.getLogger("nengo_softlif")


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
        played = set(bases(played))
        given = {*bases(given), *played}
        self.model = model
        # what would be overwritten from outside is left out
        self.operators = [
            op for op in operators if given.isdisjoint(bases([*op.sets, *op.incs, *op.updates]))
        ]
        usage = Usage(self.operators)
        written = {*usage.writers, *given}
        # Only by trying is it known what has kernels; what becomes of it depends on the others.
        trial = Layout(dtype, model.dt, written)
        self.python = [op for op in self.operators if translate(op, trial) is None]
        self.layout = Layout(dtype, model.dt, written)
        speeds = Speeds([], [], [])
        if hoist:
            clock = {model.step.base, model.time.base}
            speeds = find_speeds(self.operators, usage, set(self.python), clock, played)
        self.sources = speeds.sources
        self._assemble(speeds, usage)
        self._report()

    def _assemble(self, speeds, usage):
        layout = self.layout
        not_fast = {*speeds.slow, *self.python}
        fast = {op for op in self.operators if op not in not_fast}
        merged, left_out = merge_copies(speeds.shared, usage, fast, layout)
        rest = [signal for signal in speeds.shared if signal not in merged]
        sums, added = merge_sums(rest, usage, fast, layout)
        merged |= sums
        left_out |= {*added, *speeds.sources, *speeds.slow}
        if self.python:  # who need to know the time before anything else
            left_out |= {op for op in self.operators if isinstance(op, TimeUpdate)}

        once, program, parts = [], [], []
        for op in speeds.slow:
            if merged.isdisjoint(usage.writes[op]):
                once += translate(op, layout)
        for base in speeds.shared:
            if base not in merged:
                address, as_set = layout.base(base), layout.room(base.size)
                once.append(Instruction(moving.copy, x=address, y=as_set, n=base.size))
                program.append(Instruction(moving.copy, x=as_set, y=address, n=base.size))
        for op in self.operators:
            if op in left_out:
                continue
            if op in not_fast:
                parts += [program, op]
                program = []
            else:
                program += translate(op, layout)
        self.slow = once
        self.fast = [part for part in [*parts, program] if part != []]

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
        counts = Counter(
            type(getattr(op, "neurons", getattr(op, "process", op))).__name__
            for op in self.python
            if not isinstance(op, (SimPyFunc, TimeUpdate))
        )
        if counts:
            found = ", ".join(f"{name} ({n} x)" for name, n in counts.items())
            logger.info("No compiled kernel, so these run in Python: %s", found)
