"""Errors of what runs in Python: which object of the network raised them, and when."""

from __future__ import annotations

from nengo.builder import Model
from nengo.builder.operator import Operator, SimPyFunc

from nengo_softlif.errors import add_note

__all__ = ["note_function", "note_origin"]


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
    origins = [_owner(model, member) for member in getattr(op, "members", [op])]
    when = " before the first step" if time is None else f" at t = {time:g} s"
    add_note(error, f"raised by {' or '.join(map(str, origins))}{when}")


def note_function(error: Exception, model: Model, time: float) -> None:
    """Note on an error of `nengo.Simulator` which function of the network raised it, if one did.

    Parameters
    ----------
    error : Exception
        With its traceback, in which Nengo's step of the function is found.
    model : nengo.builder.Model
    time : float
        Of the simulation, in seconds.
    """
    functions = {id(op.fn): op for op in model.operators if isinstance(op, SimPyFunc)}
    trace = error.__traceback__
    while trace is not None:
        op = functions.get(id(trace.tb_frame.f_locals.get("fn")))
        if op is not None and op.fn is not None:
            note_origin(error, model, op, time)
            return
        trace = trace.tb_next


def _owner(model, op):
    """The object of the network that an operator belongs to; the operator if there is none."""
    for signals in ([*op.sets, *op.incs, *op.updates], op.reads):
        for owner, by_role in model.sig.items():
            if any(signal in signals for signal in by_role.values()):
                return owner
    return op
