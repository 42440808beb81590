"""How often each operator of a model has to run."""

from __future__ import annotations

from dataclasses import dataclass

from nengo.builder.neurons import SimNeurons
from nengo.builder.operator import Copy, DotInc, ElementwiseInc, Reset, SimPyFunc, SparseDotInc
from nengo.builder.processes import SimProcess
from nengo.builder.transforms import ConvInc, ConvTransposeInc

__all__ = ["Schedule", "hoist"]

# What they write depends on nothing but what they read.
_PURE = (Reset, Copy, ElementwiseInc, DotInc, SparseDotInc, ConvInc, ConvTransposeInc)


@dataclass(frozen=True)
class Schedule:
    """Operators by how often they have to run; those that aren't named run in every step.

    Parameters
    ----------
    sources : list of Operator
        Compute in Python what goes by time only.
    hoisted : list of Operator
        Depend on constants and sources only, so that they run when those have changed.
    shared : list of Signal
        Written by hoisted operators, and added to by others.
    """

    sources: list
    hoisted: list
    shared: list


def hoist(operators, usage, python, clock, changing):
    """Find out how often each operator has to run.

    Parameters
    ----------
    operators : list of nengo.builder.Operator
        In an order in which they can run.
    usage : Usage
        Of them.
    python : set of Operator
        Those without kernels.
    clock : set of Signal
        Number of the step, and time.
    changing : set of Signal
        Those that are written from outside in every step.

    Returns
    -------
    schedule : Schedule
    """
    fast = clock | changing
    demoted = set()  # those that could be hoisted, except for what they write to
    while True:
        before = len(fast) + len(demoted)
        sources, hoisted = [], []
        for op in operators:
            if op not in demoted:
                if op in python:
                    if _is_source(op) and _reads_only(op, clock, usage):
                        sources.append(op)
                        continue
                elif (
                    _is_pure(op)
                    and fast.isdisjoint(usage.reads[op])
                    and usage.cleared.issuperset(usage.incs[op])
                ):
                    hoisted.append(op)
                    continue
            fast.update(usage.writes[op])
        # A signal that fast operators write too is put back in each step to what it is after the
        # hoisted ones, if the fast ones only add to it.
        shared, is_hoisted = {}, set(hoisted)
        for op in [*hoisted, *sources]:
            for base in usage.writes[op]:
                if base not in fast:
                    continue
                others = [o for o in usage.writers[base] if o not in is_hoisted]
                if op in is_hoisted and all(base in usage.incs[o] for o in others):
                    shared[base] = None
                else:
                    demoted.add(op)
        if len(fast) + len(demoted) == before:
            return Schedule(sources, hoisted, list(shared))


def _reads_only(op, clock, usage):
    """Whether an operator reads nothing but the clock and constants."""
    return all(base in clock or base not in usage.writers for base in usage.reads[op])


def _is_pure(op):
    if op.updates:
        return False
    if isinstance(op, SimNeurons):
        return len(op.sets) == 1 and not op.state_extra  # a random generator is a state, too
    return type(op) in _PURE


def _is_source(op):
    if isinstance(op, SimPyFunc):
        return op.output is not None
    return isinstance(op, SimProcess) and op.mode == "set"
