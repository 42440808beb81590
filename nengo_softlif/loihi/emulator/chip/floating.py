"""Arithmetic of blocks that are not discretized, in float32 and in NengoLoihi's order."""

from nengo_softlif.compiled.compiler import compiled
from nengo_softlif.compiled.simd import part
from nengo_softlif.loihi.emulator.chip.spiking import fire

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
    zero = state.input.dtype.type(0)
    for s in compartments.segments:
        here = slice(s.begin, s.end)
        inputs, membrane_input = state.input[here], state.membrane_input[here]
        if len(noise) and not s.noise_at_membrane:
            inputs += noise[here]
        current, bias = state.current[here], compartments.bias[here]
        keep, scale = s.keep_u, s.scale_u
        for i in range(len(inputs)):
            current[i] = keep * current[i] + scale * inputs[i]
            inputs[i] = zero
            membrane_input[i] = current[i] + bias[i]
        if len(noise) and s.noise_at_membrane:
            membrane_input += noise[here]
        voltage = state.voltage[here]
        keep, scale, lowest, highest = s.keep_v, s.scale_v, s.lowest, s.highest
        for i in range(len(voltage)):
            v = keep * voltage[i] + scale * membrane_input[i]
            v = lowest if v < lowest else v
            voltage[i] = highest if v > highest else v
        fire(s, compartments.threshold[here], state.ref_count[here], voltage, state.spiked[here])


@compiled
def learn(learning, state, errors):
    """Update traces, then weights, of the synapses that learn.

    Parameters
    ----------
    learning : Learning
    state : State
    errors : (n,) ndarray
        Error of each compartment that synapses with learning target.
    """
    t = state.clock[0] + 1
    for s in learning.synapses:
        if t % s.train_epoch == 0:
            for axon in range(s.first_axon, s.last_axon):
                trace = s.decay * state.traces[axon]
                if state.trace_spikes[axon]:
                    trace += s.magnitude
                    state.trace_spikes[axon] = False
                state.traces[axon] = trace
    for s in learning.synapses:
        if t % s.learn_epoch == 0:
            for axon in range(s.first_axon, s.last_axon):
                n_errors = s.last_error - s.first_error
                weights = part(state.weights, learning.row[axon], n_errors)
                of_synapse = part(errors, s.first_error, n_errors)
                for i in range(n_errors):
                    weights[i] += s.rate * (state.traces[axon] * of_synapse[i])
