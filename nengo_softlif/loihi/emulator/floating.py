"""Arithmetic of blocks that are not discretized, in float32 and in NengoLoihi's order."""

from nengo_softlif.loihi.emulator.spiking import reset_to_zero, subtract_threshold
from nengo_softlif.simulator.compiling import compiled

__all__ = ["learn", "update"]


@compiled
def update(compartments, state, noise):
    """Advance current, voltage and refractory count of all compartments.

    Parameters
    ----------
    compartments : Compartments
    state : State
    noise : (n_compartments,) or (0,) ndarray
        Of this step.
    """
    c = compartments
    zero = state.input.dtype.type(0)
    for k in range(len(c.begin)):
        begin, end = c.begin[k], c.end[k]
        current, voltage, membrane_input = state.current, state.voltage, state.membrane_input
        if len(noise) and not c.noise_at_membrane[k]:
            for i in range(begin, end):
                state.input[i] += noise[i]
        for i in range(begin, end):
            current[i] = c.keep_u[k] * current[i] + c.scale_u[k] * state.input[i]
            state.input[i] = zero
            membrane_input[i] = current[i] + c.bias[i]
        if len(noise) and c.noise_at_membrane[k]:
            for i in range(begin, end):
                membrane_input[i] += noise[i]
        for i in range(begin, end):
            v = c.keep_v[k] * voltage[i] + c.scale_v[k] * membrane_input[i]
            v = c.lowest[k] if v < c.lowest[k] else v
            voltage[i] = c.highest[k] if v > c.highest[k] else v
        if c.subtracts[k]:
            subtract_threshold(begin, end, c, state)
        else:
            reset_to_zero(begin, end, c, k, state)


@compiled
def learn(t, learning, state, errors):
    """Update traces, then weights, of the synapses that learn.

    Parameters
    ----------
    t : int
        Number of the step, from 1.
    learning : Learning
    state : State
    errors : (n,) ndarray
        Error of each compartment that synapses with learning target.
    """
    for k in range(len(learning.decay)):
        first, last = learning.first_axon[k], learning.first_axon[k + 1]
        if t % learning.train_epoch[k] == 0:
            for axon in range(first, last):
                trace = learning.decay[k] * state.traces[axon]
                if state.trace_spikes[axon]:
                    trace += learning.magnitude[k]
                    state.trace_spikes[axon] = False
                state.traces[axon] = trace
    for k in range(len(learning.decay)):
        first, last = learning.first_axon[k], learning.first_axon[k + 1]
        if t % learning.learn_epoch[k] == 0:
            for axon in range(first, last):
                row = learning.row[axon] - learning.first_error[k]
                for i in range(learning.first_error[k], learning.last_error[k]):
                    change = state.traces[axon] * errors[i]
                    state.weights[row + i] += learning.rate[k] * change
