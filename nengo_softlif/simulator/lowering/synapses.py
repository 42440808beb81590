"""Rules of synapses."""

import numpy as np
from nengo.synapses import Alpha, LinearFilter, Lowpass, Triangle

from nengo_softlif.simulator.kernels import synapses as kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = []


def _signals(operator, layout):
    """Operands of input and output; None if there are none such, or they are added to."""
    if operator.input is None or operator.mode == "inc":
        return None
    places = layout.addresses(operator.input, operator.output)
    if places is None:
        return None
    u, y = places
    return {"u": u, "y": y, "n": operator.input.size}


@rule(Lowpass, Alpha, LinearFilter)
def linear_filter(operator, layout):
    """Any linear filter; those with one or two states have kernels of their own."""
    signals = _signals(operator, layout)
    if signals is None:
        return None
    # Nengo's own discretization, of a step that filters a single number
    order = len(operator.state["X"].initial_value)
    step = operator.process.make_step((1,), (1,), layout.dt, None, {"X": np.zeros((order, 1))})
    A, B, C, D = step.A, step.B.ravel(), np.ravel(step.C), step.D.item()
    if isinstance(step, LinearFilter.NoX):
        return [Instruction(kernels.scale, **signals, d=D)]
    x = layout.address(operator.state["X"])
    if isinstance(step, LinearFilter.OneX):
        return [Instruction(kernels.lowpass, **signals, x=x, a=step.a, b=step.b)]
    has_passthrough = isinstance(step, LinearFilter.General)
    if order == 2 and not has_passthrough:
        (a00, a01), (a10, a11) = A
        (b0, b1), (c0, c1) = B, C
        entries = {"a00": a00, "a01": a01, "a10": a10, "a11": a11}
        entries |= {"b0": b0, "b1": b1, "c0": c0, "c1": c1}
        return [Instruction(kernels.second_order, **signals, x=x, **entries)]
    weights = layout.memory.weights
    state_space = Instruction(
        kernels.state_space,
        **signals,
        x=x,
        new=layout.room(order),
        A=weights(A),
        B=weights(B),
        C=weights(C),
        order=order,
        has_passthrough=int(has_passthrough),
        d=D,
    )
    return [state_space]


@rule(Triangle)
def triangle(operator, layout):
    """A window of steps with weights that fall off linearly."""
    signals = _signals(operator, layout)
    if signals is None:
        return None
    state = operator.state
    # the weights are those of the response to an impulse
    taps = len(state["X"].initial_value)
    values = np.arange(taps, 0, -1.0)
    values /= values.sum()
    window = Instruction(
        kernels.triangle,
        **signals,
        sums=layout.address(state["Y"]),
        x=layout.address(state["X"]),
        position=layout.address(state["Xi"]),
        taps=taps,
        first_weight=values[0],
        difference=values[-1],
    )
    return [window]
