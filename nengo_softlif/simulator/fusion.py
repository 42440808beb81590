"""Signals that only pass something on, which need no memory and no pass over it.

Between spikes and the current of the neurons that receive them, Nengo has a signal for the
weighted sum, which is then added to the current or to a passthrough node, often times the gain.
Where nothing else reads it, the weights can write to the current themselves. And a signal that is
nothing but a copy of part of another can be that part.
"""

from __future__ import annotations

import numpy as np
from nengo.builder.operator import Copy, DotInc, ElementwiseInc, Reset, SparseDotInc
from nengo.builder.transforms import ConvInc, ConvTransposeInc

__all__ = ["merge_copies", "merge_sums"]

_WEIGHTED = (DotInc, SparseDotInc, ConvInc, ConvTransposeInc)
_CONVOLUTIONS = (ConvInc, ConvTransposeInc)


def merge_sums(signals, usage, fast, layout):
    """Let weighted sums be added right away to what they are going to be added to.

    Parameters
    ----------
    signals : list of Signal
        Those that hoisted operators set and others add to.
    usage : Usage
    fast : set of Operator
        Compiled operators that run in every step.
    layout : Layout
        Is told of the merges.

    Returns
    -------
    merged : set of Signal
        What need not be set any more.
    superfluous : set of Operator
        What need not be run any more.
    """
    merged, superfluous = set(), set()
    for signal in signals:
        writers, readers = usage.writers[signal], usage.readers[signal]
        passed_on = _passed_on(signal, readers, layout)
        if passed_on is None or readers[0] not in fast:
            continue
        target, factor = passed_on
        into_channels = any(type(op) in _CONVOLUTIONS for op in writers)
        if (
            all(_is_addend(op, signal, op in fast, layout) for op in writers)
            # what it is added to has been set by then, since that is done first in a step
            and all(
                target.base in usage.incs[op] for op in usage.writers[target.base] if op in fast
            )
            and target.base in signals
            and not (into_channels and np.ndim(layout.factor(factor)))
        ):
            layout.merge(signal, target, factor)
            merged.add(signal)
            superfluous.add(readers[0])
    return merged, superfluous


def merge_copies(signals, usage, fast, layout):
    """Let signals that are copies of a part of another be that part.

    Parameters and results as for `merge_sums`.
    """
    merged, superfluous = set(), set()
    for signal in signals:
        writers = [op for op in usage.writers[signal] if op in fast]
        others = [op for op in usage.writers[signal] if op not in fast]
        if (
            len(writers) == 1
            and _is_whole_copy(writers[0])
            and all(isinstance(op, Reset) and op.value == 0 for op in others)
            # until the end of the step, what it is a copy of stays as it is
            and not any(
                writers[0].src.base in usage.updates[op]
                for op in usage.writers[writers[0].src.base]
            )
            and usage.writers[writers[0].src.base]
            and writers[0].src in layout
            and layout.alias(signal, writers[0].src)
        ):
            merged.add(signal)
            superfluous.add(writers[0])
    return merged, superfluous


def _is_whole_copy(op):
    return (
        type(op) is Copy
        and op.inc
        and op.src_slice is None
        and op.dst_slice is None
        and op.src.size == op.dst.size == op.dst.base.size
    )


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


def _passed_on(signal, readers, layout):
    """What a signal is added to by its only reader, and by which constant it is multiplied."""
    if len(readers) != 1:
        return None
    (reader,) = readers
    if type(reader) is Copy:
        if reader.src_slice is not None or reader.dst_slice is not None or not reader.inc:
            return None
        source, target, factor = reader.src, reader.dst, None
    elif type(reader) is ElementwiseInc and reader.X.base is signal:
        if not layout.is_constant(reader.A):
            return None
        source, target, factor = reader.X, reader.Y, reader.A
    else:
        return None
    is_whole = (
        source.size == signal.size == target.size
        and source.initial_value.flags.c_contiguous
        and target.initial_value.flags.c_contiguous
        and (factor is None or np.size(layout.factor(factor)) in (1, signal.size))
        and target in layout
        and target.base is not signal
    )
    return (target, factor) if is_whole else None
