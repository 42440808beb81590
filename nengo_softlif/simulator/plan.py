"""From the operators of a built Nengo model to programs.

Operators are sorted by how often they have to run:

- *sources* compute in Python what goes by time only: the functions of input nodes;
- *hoisted* operators depend on constants and sources only, so they run when those have changed: the
  first convolution of a constant image, say;
- all others run in every step, in compiled programs between those that need Python.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from nengo.builder import Model
from nengo.builder.operator import Operator, SimPyFunc, TimeUpdate
from nengo.builder.signal import Signal
from nengo.utils.graphs import toposort
from nengo.utils.simulator import operator_dependency_graph

from nengo_softlif.simulator.dependencies import Usage, bases
from nengo_softlif.simulator.fusion import merge_copies, merge_sums
from nengo_softlif.simulator.grouping import NeuronGroup, group_neurons
from nengo_softlif.simulator.hoisting import Schedule, hoist
from nengo_softlif.simulator.holding import next_look
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
    given, time_varying : iterable of Signal
        Signals that are written from outside, before a run or in every step; what computes them
        in the model is left out.
    optimize : bool
        Whether operators that depend on constants run only once, and neurons without a kernel are
        grouped.
    values : dict of Signal to (ndarray or sparse matrix), optional
        Constants, base signals, that are no longer what the model began with.

    Attributes
    ----------
    layout : Layout
    operators : list of nengo.builder.Operator
        Those that are needed, of the given ones and in their order.
    python : list of Operator
        Those without kernels.
    python_constants : set of Signal
        Constants that those read.
    hoisted : set of Signal
        What operators write that don't run in every step.
    sources : list of Operator
        To be run in Python, first of all in a step.
    held : dict of Operator to callable
        Those of the sources that need not run in every step, with what tells when, see `next_look`.
    steps_in_python : bool
        Whether any other operator is without kernels, so that each step has to begin in Python.
    hoisted_program : Program
        To be run when what the sources write, or what is given, has changed.
    per_step : list of (Program or Operator)
        To be run in this order in every step.
    recording : Program
        To be run after them, if somebody has prepared what it records to.
    """

    def __init__(
        self,
        model: Model,
        operators: Sequence[Operator],
        dtype: np.dtype,
        given: Iterable[Signal] = (),
        time_varying: Iterable[Signal] = (),
        optimize: bool = True,
        values: dict | None = None,
    ) -> None:
        time_varying = set(bases(time_varying))
        given = {*bases(given), *time_varying}
        self.model = model
        # what would be overwritten from outside is left out
        self.operators = [op for op in operators if given.isdisjoint(_written(op))]
        written = given.union(*map(_written, self.operators))
        # Only by trying is it known what has kernels; what becomes of it depends on the others.
        trial = Layout(dtype, model.dt, written, values)
        python = {op for op in self.operators if translate(op, trial) is None}
        self.layout = Layout(dtype, model.dt, written, values)
        operators = self.operators
        if optimize:
            operators = group_neurons(operators, python, self.layout)
        self.python = [op for op in operators if op in python or isinstance(op, NeuronGroup)]
        usage = Usage(operators)
        schedule = Schedule([], [], [])
        if optimize:
            clock = {model.step.base, model.time.base}
            schedule = hoist(operators, usage, set(self.python), clock, time_varying)
        self.python_constants = {b for op in self.python for b in usage.reads[op]} - written
        self.hoisted = {base for op in schedule.hoisted for base in usage.writes[op]}
        self.sources = schedule.sources
        looks = {op: next_look(op, model.dt) for op in self.sources}
        self.held = {op: look for op, look in looks.items() if look is not None}
        self.steps_in_python = not self.held.keys() >= set(self.python)
        self._instructions = {}  # of each operator with kernels
        self._used = {}  # constants that they were made with
        self._assemble(operators, schedule, usage)
        self._report()

    def _assemble(self, operators, schedule, usage):
        layout = self.layout
        not_fast = {*schedule.hoisted, *self.python}
        fast = {op for op in operators if op not in not_fast}
        merged, left_out = merge_copies(schedule.shared, usage, fast, layout)
        rest = [signal for signal in schedule.shared if signal not in merged]
        sums, added = merge_sums(rest, usage, fast, layout)
        merged |= sums
        left_out |= {*added, *schedule.sources, *schedule.hoisted}
        if self.steps_in_python:  # where others need to know the time before anything else
            left_out |= {op for op in operators if isinstance(op, TimeUpdate)}

        # lists of operators, and of instructions that belong to none
        once, program, parts = [], [], []
        for op in schedule.hoisted:
            if merged.isdisjoint(usage.writes[op]):
                self._translate(op)
                once.append(op)
        for base in schedule.shared:
            if base not in merged:
                address, as_set = layout.base(base), layout.room(base.size)
                once.append(Instruction(moving.copy, x=address, y=as_set, n=base.size))
                program.append(Instruction(moving.copy, x=as_set, y=address, n=base.size))
        for op in operators:
            if op in left_out:
                continue
            if op in not_fast:
                parts += [program, op]
                program = []
            else:
                self._translate(op)
                program.append(op)
        self._once = once
        self._parts = [*parts, program]

    def _translate(self, op):
        self.layout.used.clear()
        self._instructions[op] = translate(op, self.layout)
        self._used[op] = frozenset(self.layout.used)

    def compile(self, first: Sequence[Instruction] = (), last: Sequence[Instruction] = ()) -> None:
        """Compile all kernels that are needed.

        Parameters
        ----------
        first : sequence of Instruction
            To run before everything else in every step.
        last : sequence of Instruction
            To run after everything else, to record.
        """
        self._recording = list(last)
        if first and isinstance(self._parts[0], list):
            self._parts[0] = [*first, *self._parts[0]]
        elif first:
            self._parts.insert(0, list(first))
        self._memory = self.layout.memory
        self._programs = {}
        self._make_programs()

    def relower(self, values: dict) -> None:
        """Make kernels anew that were made with constants which have changed since.

        They are in an extension of the memory, in the place of the last one.

        Parameters
        ----------
        values : dict of Signal to (ndarray or sparse matrix)
            All constants, base signals, that were changed since `compile`.
        """
        self.layout.values = values
        self.layout.memory = self._memory.extension()
        changed = {op for op, used in self._used.items() if not used.isdisjoint(values)}
        for op in changed:
            self._instructions[op] = translate(op, self.layout)
        self._make_programs(changed)

    def _make_programs(self, changed=frozenset()):
        """Make the programs of some operators, and those that have not been made yet."""
        self.hoisted_program = self._program(self._once, changed)
        self.recording = self._program(self._recording, changed)
        parts = [self._program(p, changed) if isinstance(p, list) else p for p in self._parts]
        self.per_step = [part for part in parts if not isinstance(part, Program) or len(part)]

    def _program(self, entries, changed):
        made = self._programs.get(id(entries))
        if made is None or not changed.isdisjoint(entries):
            made = self._programs[id(entries)] = self._new_program(entries)
        return made

    def _new_program(self, entries):
        instructions = []
        for entry in entries:
            instructions += [entry] if isinstance(entry, Instruction) else self._instructions[entry]
        return Program(instructions, self.layout.memory)

    def _report(self):
        counts = Counter()
        for op in self.python:
            if op not in self.held and not isinstance(op, (SimPyFunc, TimeUpdate)):
                name = type(getattr(op, "neurons", getattr(op, "process", op))).__name__
                counts[name] += len(op.members) if isinstance(op, NeuronGroup) else 1
        if counts:
            found = ", ".join(f"{name} ({n} x)" for name, n in counts.items())
            logger.info("No compiled kernel, so these run in Python: %s", found)


def _written(op):
    return bases([*op.sets, *op.incs, *op.updates])
