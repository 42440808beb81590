"""Rules of synapses."""

import numpy as np
from nengo.synapses import Alpha, LinearFilter, Lowpass, Triangle

from nengo_softlif.simulator.kernels import synapses as kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = []


def _places(operator, layout):
    """Addresses of input and output; None if there are none such, or they are added to."""
    if operator.input is None or operator.mode == "inc":
        return None
    return layout.addresses(operator.input, operator.output)


@rule(Lowpass, Alpha, LinearFilter)
def linear_filter(operator, layout):
    """Any linear filter; those with one or two states have kernels of their own."""
    places = _places(operator, layout)
    if places is None:
        return None
    n = operator.input.size
    # Nengo's own discretization, of a step that filters a single number
    order = len(operator.state["X"].initial_value)
    step = operator.process.make_step((1,), (1,), layout.dt, None, {"X": np.zeros((order, 1))})
    A, B, C, D = step.A, step.B.ravel(), np.ravel(step.C), step.D.item()
    if isinstance(step, LinearFilter.NoX):
        return [Instruction(kernels.scale, (*places, n), (D,))]
    x = layout.address(operator.state["X"])
    if isinstance(step, LinearFilter.OneX):
        return [Instruction(kernels.lowpass, (*places, x, n), (step.a, step.b))]
    has_passthrough = isinstance(step, LinearFilter.General)
    if order == 2 and not has_passthrough:
        return [Instruction(kernels.second_order, (*places, x, n), (*A.ravel(), *B, *C))]
    operands = (*places, x, n, order, int(has_passthrough), layout.room(order))
    return [Instruction(kernels.state_space, operands, (*A.ravel(), *B, *C, D))]


@rule(Triangle)
def triangle(operator, layout):
    """A window of steps with weights that fall off linearly."""
    places = _places(operator, layout)
    if places is None:
        return None
    state = operator.state
    # the weights are those of the response to an impulse
    taps = len(state["X"].initial_value)
    values = np.arange(taps, 0, -1.0)
    values /= values.sum()
    operands = (
        *places,
        *(layout.address(state[name]) for name in ("Y", "X", "Xi")),
        operator.input.size,
        taps,
    )
    return [Instruction(kernels.triangle, operands, (values[0], values[-1]))]
