"""Arithmetic of the chip, in 32 bits: what compartments do in a step, and how weights learn.

Each function arrives, to the last bit, at what NengoLoihi computes with arrays of 64 bits.
"""

import math

import numpy as np

from nengo_softlif.compiled.compiler import compiled
from nengo_softlif.loihi.emulator.chip import problems
from nengo_softlif.loihi.emulator.chip.spiking import fire

__all__ = ["learn", "update"]

# Bits, without sign, of the sum of weights that arrives, and of current and membrane input.
_Q_BITS = 21
_U_BITS = 23
_HIGHEST_TRACE = 127
_WHOLE = 4096  # what is kept where nothing decays


@compiled
def update(compartments, state, noise):
    """Advance current, voltage and refractory count of all compartments.

    Parameters
    ----------
    compartments : Compartments
    state : State
    noise : (n_compartments,) or (0,) ndarray
        Of this step.

    Returns
    -------
    found : int
        Problems, see `problems`.
    """
    found = 0
    for s in compartments.segments:
        here = slice(s.begin, s.end)
        inputs, membrane_input = state.input[here], state.membrane_input[here]
        if len(noise) and not s.noise_at_membrane:
            inputs += noise[here]
        current, bias = state.current[here], compartments.bias[here]
        found |= _advance_current(inputs, current, bias, s.keep_u, membrane_input)
        if len(noise) and s.noise_at_membrane:
            membrane_input += noise[here]
        voltage = state.voltage[here]
        found |= _advance_voltage(membrane_input, voltage, s.keep_v, s.lowest, s.highest)
        fire(s, compartments.threshold[here], state.ref_count[here], voltage, state.spiked[here])
    return found


@compiled
def _decay(x, keep):
    """Leave ``keep`` / 4096 of each; nothing and all of it are most common."""
    if keep == 0:
        x[:] = 0
    elif keep != _WHOLE:
        for i in range(len(x)):
            x[i] = _decayed(x[i], keep)


@compiled
def _decayed(x, keep):
    """Sign of ``x``, times its magnitude times ``keep`` / 4096, rounded down.

    The magnitude is split so that no product needs more than 32 bits.
    """
    size = np.int32(-x) if x < 0 else x
    high = np.int32(size >> np.int32(12))
    low = np.int32(size & np.int32(4095))
    rest = np.int32(np.int32(low * keep) >> np.int32(12))
    result = np.int32(np.int32(high * keep) + rest)
    return np.int32(-result) if x < 0 else result


@compiled
def _wrapped(x, bits):
    """What is left of ``x`` in so many bits and a sign."""
    sign = np.int32(np.int32(1) << np.int32(bits))
    return np.int32(np.int32(x & np.int32(sign - np.int32(1))) - np.int32(x & sign))


@compiled
def _advance_current(inputs, current, bias, keep, membrane_input):
    _decay(current, keep)
    q_lost, u_lost = np.int32(0), np.int32(0)
    for i in range(len(inputs)):
        q = _wrapped(inputs[i], _Q_BITS)
        q_lost |= q ^ inputs[i]
        inputs[i] = 0
        total = np.int32(current[i] + q)
        u = _wrapped(total, _U_BITS)
        u_lost |= u ^ total
        current[i] = u
        membrane_input[i] = u + bias[i]
    return (problems.Q_OVERFLOW if q_lost else 0) | (problems.CURRENT_OVERFLOW if u_lost else 0)


@compiled
def _advance_voltage(membrane_input, voltage, keep, lowest, highest):
    _decay(voltage, keep)
    lost = np.int32(0)
    for i in range(len(voltage)):
        u = _wrapped(membrane_input[i], _U_BITS)
        lost |= u ^ membrane_input[i]
        v = np.int32(voltage[i] + u)
        voltage[i] = min(max(v, lowest), highest)
    return problems.MEMBRANE_OVERFLOW if lost else 0


@compiled
def learn(learning, state, errors, uniforms):
    """Update traces, then weights, of the synapses that learn.

    Parameters
    ----------
    learning : Learning
    state : State
    errors : (n,) ndarray
        Error of each compartment that synapses with learning target.
    uniforms : (n,) ndarray
        Random numbers of this step, for stochastic rounding.

    Returns
    -------
    found : int
        Problems, see `problems`.
    """
    t = state.clock[0] + 1
    found = 0
    used = 0
    for s in learning.synapses:
        if t % s.train_epoch == 0:
            for axon in range(s.first_axon, s.last_axon):
                x = s.decay * state.traces[axon]
                if state.trace_spikes[axon]:
                    x += s.magnitude
                    state.trace_spikes[axon] = False
                trace = _rounded(x, uniforms[used])
                used += 1
                if trace > _HIGHEST_TRACE:
                    trace = _HIGHEST_TRACE
                    found |= problems.CLIPPED_TRACE
                state.traces[axon] = trace
    for s in learning.synapses:
        if t % s.learn_epoch == 0:
            n = s.last_error - s.first_error
            for axon in range(s.first_axon, s.last_axon):
                row = learning.row[axon]
                found |= _learn_row(
                    state.weights[row : row + n],
                    state.traces[axon],
                    errors[s.first_error : s.last_error],
                    uniforms[used : used + n],
                    s,
                )
                used += n
    return found


@compiled
def _learn_row(weights, trace, errors, uniforms, synapse):
    found = 0
    for i in range(len(weights)):
        change = np.int32(np.int32(trace * errors[i]) * synapse.rate)
        change = _shifted(change, synapse.shift_change)
        w = np.int32(_shifted(weights[i], synapse.shift_weight) + change)
        rounded = _rounded(w * synapse.fraction, uniforms[i])
        size = abs(rounded)
        if size > synapse.highest:
            size = synapse.highest
            found |= problems.CLIPPED_WEIGHTS
        w = np.int32(-size if rounded < 0 else size)
        weights[i] = _shifted(w, synapse.shift_back)
    return found


@compiled
def _rounded(x, uniform):
    """Round towards or away from zero, the more often the closer it is."""
    size = math.floor(abs(x))
    size += abs(x) - size > uniform
    return -size if x < 0 else size


@compiled
def _shifted(x, by):
    """``x`` times ``2 ** by``, in 32 bits, rounded down."""
    if by >= 32:
        return np.int32(0)
    if by >= 0:
        return np.int32(x << by)
    return np.int32(x >> min(-by, 31))
