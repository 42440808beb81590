"""Who reads and writes which signals."""

from __future__ import annotations

from collections import defaultdict

__all__ = ["Usage", "bases"]


def bases(signals):
    """Base signals of some signals, in their order and without repetition."""
    return list(dict.fromkeys(signal.base for signal in signals))


class Usage:
    """An index of operators by the base signals that they read and write.

    Parameters
    ----------
    operators : list of nengo.builder.Operator

    Attributes
    ----------
    reads, writes, sets, incs, updates : dict of Operator to list of Signal
        Base signals.
    readers, writers : dict of Signal to list of Operator
    cleared : set of Signal
        Those that are set in every step. What is added to the others accumulates.
    """

    def __init__(self, operators):
        self.reads = {op: bases(op.reads) for op in operators}
        self.sets = {op: bases(op.sets) for op in operators}
        self.incs = {op: bases(op.incs) for op in operators}
        self.updates = {op: bases(op.updates) for op in operators}
        self.writes = {op: bases([*op.sets, *op.incs, *op.updates]) for op in operators}
        self.readers, self.writers = defaultdict(list), defaultdict(list)
        sizes = defaultdict(int)
        for op in operators:
            for base in self.reads[op]:
                self.readers[base].append(op)
            for base in self.writes[op]:
                self.writers[base].append(op)
            for signal in op.sets:
                sizes[signal.base] += signal.size
        self.cleared = {base for base, size in sizes.items() if size >= base.size}
