"""Rules of synapses."""

import numpy as np
from nengo.synapses import Alpha, LinearFilter, Lowpass, Synapse, Triangle

from nengo_softlif.simulator.kernels import synapses as kernels
from nengo_softlif.simulator.layout import Layout
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = ["filter_of"]


def _signals(operator, layout):
    """Operands of input and output; None if there are none such, or they are added to."""
    if operator.input is None or operator.mode == "inc":
        return None
    places = layout.addresses(operator.input, operator.output)
    if places is None:
        return None
    u, y = places
    return {"u": u, "y": y, "n": operator.input.size}


@rule(Lowpass, Alpha, LinearFilter, Triangle)
def synapse(operator, layout):
    """A filter of all elements of a signal."""
    signals = _signals(operator, layout)
    if signals is None:
        return None
    return filter_of(operator.process, signals, operator.state, layout)


def filter_of(synapse: Synapse, signals: dict, state: dict, layout: Layout) -> list | None:
    """Instructions that filter an array.

    Parameters
    ----------
    synapse : nengo.synapses.Synapse
    signals : dict
        Operands: the addresses u of the input and y of the output, and their size n.
    state : dict of str to Signal
        Of the synapse, by Nengo's names.
    layout : Layout

    Returns
    -------
    instructions : list of Instruction or None
        None if there is no kernel for this type of synapse.
    """
    if type(synapse) is Triangle:
        return _triangle(signals, state, layout)
    if type(synapse) in (Lowpass, Alpha, LinearFilter):
        return _linear_filter(synapse, signals, state, layout)
    return None


def _linear_filter(synapse, signals, state, layout):
    """Any linear filter; those with one or two states have kernels of their own."""
    # Nengo's own discretization, of a step that filters a single number
    order = len(state["X"].initial_value)
    step = synapse.make_step((1,), (1,), layout.dt, None, {"X": np.zeros((order, 1))})
    A, B, C, D = step.A, step.B.ravel(), np.ravel(step.C), step.D.item()
    if isinstance(step, LinearFilter.NoX):
        return [Instruction(kernels.scale, **signals, d=D)]
    x = layout.address(state["X"])
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


def _triangle(signals, state, layout):
    """A window of steps with weights that fall off linearly."""
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
