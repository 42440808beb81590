"""Rules of operators that move numbers, or multiply them element by element."""

import numpy as np
from nengo.builder.operator import Copy, ElementwiseInc, Reset, TimeUpdate
from nengo.builder.probe import SimProbe

from nengo_softlif.simulator.kernels import moving as kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = ["move"]


@rule(TimeUpdate)
def time_update(operator, layout):
    """Count the steps."""
    step, time = layout.counter(operator.step), layout.address(operator.time)
    return [Instruction(kernels.advance_time, step=step, time=time, dt=layout.dt)]


@rule(SimProbe)
def probe(operator, layout):
    """Nothing: it only holds the place of a probe among the operators."""
    return []


@rule(Reset)
def reset(operator, layout):
    """Set all elements to one value."""
    address = layout.address(operator.dst)
    if address is None:
        return None
    return [Instruction(kernels.fill, y=address, n=operator.dst.size, value=operator.value)]


@rule(Copy)
def copy(operator, layout):
    """Copy or add elements, all of them or those of a list."""
    source, target = layout.positions(operator.src), layout.positions(operator.dst)
    if operator.src_slice is not None:
        source = source[operator.src_slice]
    if operator.dst_slice is not None:
        target = target[operator.dst_slice]
    source = np.broadcast_to(source, target.shape)
    if not operator.inc and len(np.unique(target)) < target.size:
        return None  # an error, which Nengo's own step raises
    return move(
        layout.base(operator.src.base),
        layout.base(operator.dst.base),
        source.ravel(),
        target.ravel(),
        layout,
        add=operator.inc,
    )


def move(x, y, source, target, layout, *, add):
    """Instructions that copy elements, or add them.

    Parameters
    ----------
    x, y : Address
        Of the arrays.
    source, target : (n,) int ndarray
        Positions in them.
    layout : Layout
    add : bool
    """
    n = len(source)
    if n == 0:
        return []
    if _is_run(source) and _is_run(target):
        kernel = kernels.add if add else kernels.copy
        return [Instruction(kernel, x=x + source[0], y=y + target[0], n=n)]
    kernel = kernels.add_indexed if add else kernels.copy_indexed
    source, target = layout.memory.indices(source), layout.memory.indices(target)
    return [Instruction(kernel, x=x, y=y, source=source, target=target, n=n)]


def _is_run(positions):
    return bool(np.all(np.diff(positions) == 1))


@rule(ElementwiseInc)
def elementwise_inc(operator, layout):
    """``Y += A * X``, where A or X may have fewer dimensions or elements."""
    signals = (operator.A, operator.X, operator.Y)
    shape = operator.Y.shape
    if np.broadcast_shapes(*(signal.shape for signal in signals)) != shape:
        return None
    if operator.Y.size == 0:
        return []
    places, strides = [], []
    for signal in signals:
        offset, own = layout.offset_and_strides(signal)
        value = np.lib.stride_tricks.as_strided(
            np.empty(1, np.int8), signal.shape, own, writeable=False
        )
        places.append(layout.base(signal.base) + offset)
        # of the int8 view, strides in bytes are strides in elements
        strides.append(np.broadcast_to(value, shape).strides)
    if len(shape) > 2 or any(stride < 0 for own in strides for stride in own):
        return None
    rows, columns = ((1, 1) + shape)[-2:]
    pairs = [((0, 0) + s)[-2:] for s in strides]
    (a0, a1), (x0, x1), (y0, y1) = pairs
    arrays = dict(zip("axy", places, strict=True))
    if rows == 1 and x1 == y1 == 1 and a1 in (0, 1):
        kernel = kernels.add_products if a1 else kernels.add_scaled
        return [Instruction(kernel, **arrays, n=columns)]
    strides = {"a0": a0, "a1": a1, "x0": x0, "x1": x1, "y0": y0, "y1": y1}
    return [
        Instruction(kernels.add_products_strided, **arrays, rows=rows, columns=columns, **strides)
    ]
