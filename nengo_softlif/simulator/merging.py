"""Signals that only pass something on, which need no memory and no pass over it.

Between spikes and the current of the neurons that receive them, Nengo has a signal for the
weighted sum, which is then added to the current or to a passthrough node, often times the gain.
Where nothing else reads it, the weights can write to the current themselves.
"""

from __future__ import annotations

import numpy as np
from nengo.builder.operator import Copy, DotInc, ElementwiseInc, Reset, SparseDotInc
from nengo.builder.transforms import ConvInc, ConvTransposeInc

__all__ = ["find_merges"]

_WEIGHTED = (DotInc, SparseDotInc, ConvInc, ConvTransposeInc)


def find_merges(operators, fast, layout):
    """Find sums that can be added right away to what they will be added to.

    Parameters
    ----------
    operators : list of nengo.builder.Operator
        Of the model.
    fast : set of Operator
        Those that run in every step.
    layout : Layout
        Is not changed.

    Returns
    -------
    merges : dict of Signal to (Operator, Signal, float or ndarray)
        For each sum, the operator that gets superfluous, the signal to add to, and the factor.
    """
    writers, readers = {}, {}
    for op in operators:
        for signal in [*op.sets, *op.incs, *op.updates]:
            writers.setdefault(signal.base, set()).add(op)
        for signal in op.reads:
            readers.setdefault(signal.base, set()).add(op)
    merges = {}
    for signal, its_writers in writers.items():
        its_readers = readers.get(signal, set())
        if len(its_readers) != 1:
            continue
        (reader,) = its_readers
        passed_on = _passed_on(signal, reader, layout)
        if reader not in fast or passed_on is None:
            continue
        target, scale = passed_on
        into_channels = any(type(op) in (ConvInc, ConvTransposeInc) for op in its_writers)
        if (
            all(_is_addend(op, signal, op in fast, layout) for op in its_writers)
            # what it is added to has been set by then, since that is done first in a step
            and all(op not in fast or target.base in _bases(op.incs) for op in writers[target.base])
            and not (into_channels and np.ndim(scale))
        ):
            merges[signal] = (reader, target, scale)
    return merges


def _bases(signals):
    return {signal.base for signal in signals}


def _is_addend(op, signal, is_fast, layout):
    """Whether an operator adds something weighted to a whole signal, or clears it."""
    if isinstance(op, Reset):
        return not is_fast and op.value == 0
    return (
        is_fast
        and type(op) in _WEIGHTED
        and op.incs[0].size == signal.size
        and op.incs[0].initial_value.flags.c_contiguous
        and layout.is_constant(op.reads[0])
    )


def _passed_on(signal, reader, layout):
    """What a signal is added to by its only reader, and with which factor."""
    if type(reader) is Copy:
        is_whole = reader.src_slice is None and reader.dst_slice is None and reader.inc
        target, scale = reader.dst, 1.0
    elif type(reader) is ElementwiseInc and reader.X.base is signal:
        is_whole = layout.is_constant(reader.A)
        target, values = reader.Y, np.unique(reader.A.initial_value)
        scale = float(values[0]) if len(values) == 1 else np.ravel(reader.A.initial_value)
    else:
        return None
    source = reader.reads[0] if type(reader) is Copy else reader.X
    is_whole = (
        is_whole
        and source.size == signal.size == target.size
        and source.initial_value.flags.c_contiguous
        and target.initial_value.flags.c_contiguous
        and np.size(scale) in (1, signal.size)
        and target in layout
        and target.base is not signal
    )
    return (target, scale) if is_whole else None
