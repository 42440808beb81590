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
        here = slice(c.begin[k], c.end[k])
        inputs, membrane_input = state.input[here], state.membrane_input[here]
        if len(noise) and not c.noise_at_membrane[k]:
            inputs += noise[here]
        current, bias = state.current[here], c.bias[here]
        for i in range(len(inputs)):
            current[i] = c.keep_u[k] * current[i] + c.scale_u[k] * inputs[i]
            inputs[i] = zero
            membrane_input[i] = current[i] + bias[i]
        if len(noise) and c.noise_at_membrane[k]:
            membrane_input += noise[here]
        voltage, threshold, spiked = state.voltage[here], c.threshold[here], state.spiked[here]
        for i in range(len(voltage)):
            v = c.keep_v[k] * voltage[i] + c.scale_v[k] * membrane_input[i]
            v = c.lowest[k] if v < c.lowest[k] else v
            voltage[i] = c.highest[k] if v > c.highest[k] else v
        if c.subtracts[k]:
            subtract_threshold(voltage, threshold, spiked)
        else:
            reset_to_zero(voltage, threshold, c.refractory[k], state.ref_count[here], spiked)


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
