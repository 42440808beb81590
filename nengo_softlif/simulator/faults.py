"""Errors of what runs in Python: which object of the network raised them, and when."""

from __future__ import annotations

import nengo
from nengo.builder import Model
from nengo.builder.operator import Operator

from nengo_softlif.errors import add_note

__all__ = ["note_origin", "note_step"]

_MOST = 5  # objects that are named, if their steps are one


def note_origin(error: Exception, model: Model, op: Operator, time: float | None = None) -> None:
    """Note on an error where it comes from.

    Parameters
    ----------
    error : Exception
    model : nengo.builder.Model
    op : nengo.builder.Operator
        Whose step raised it.
    time : float, optional
        Of the simulation, in seconds; None if the step was only being made.

    Examples
    --------
    >>> import nengo
    >>> with nengo.Network() as net:
    ...     node = nengo.Node(lambda t: 1 / t, size_out=1, label="stimulus")
    >>> model = Model()
    >>> _ = model.build(net)
    >>> error = ZeroDivisionError()
    >>> note_origin(error, model, model.operators[-1], 0.001)
    >>> error.__notes__
    ["raised by <Node 'stimulus'> at t = 0.001 s"]
    """
    origins = [o for member in getattr(op, "members", [op]) for o in _owners(model, member)]
    names = [str(origin) for origin in origins[:_MOST]]
    if len(origins) > _MOST:
        names.append(f"{len(origins) - _MOST} others")
    when = " before the first step" if time is None else f" at t = {time:g} s"
    add_note(error, f"raised by {' or '.join(names)}{when}")


def note_step(error: Exception) -> None:
    """Note on an error of `nengo.Simulator` which object's Python code raised it, if one's did.

    Parameters
    ----------
    error : Exception
        With its traceback, in which the simulator's frame says which step it was running.
    """
    trace, found = error.__traceback__, None
    while trace is not None:
        names = trace.tb_frame.f_locals
        sim, step, op = names.get("self"), names.get("step_fn"), names.get("op")
        if isinstance(sim, nengo.Simulator):  # the innermost frame has no variable left over
            if step is not None:
                op = sim.step_order[[fn is step for fn in sim._steps].index(True)]
                found = sim, op, sim.signals[sim.model.time].item()
            elif isinstance(op, Operator):  # whose step is being made
                found = sim, op, None
        trace = trace.tb_next
    if found is not None:
        sim, op, time = found
        note_origin(error, sim.model, op, time)


def _owners(model, op):
    """Objects of the network that an operator belongs to; the operator if there are none."""
    for signals in ([*op.sets, *op.incs, *op.updates], op.reads):
        for owner, by_role in model.sig.items():
            if any(signal in signals for signal in by_role.values()):
                return [owner]
        bases = {id(signal.base) for signal in signals}
        owners = [  # of parts of signals, after Nengo's optimizer has merged operators
            owner
            for owner, by_role in model.sig.items()
            if isinstance(owner, nengo.Ensemble | nengo.Node)
            and any(signal is not None and id(signal.base) in bases for signal in by_role.values())
        ]
        if owners:
            return owners
    return [op]
