"""Arithmetic of the chip, in 32 bits: what compartments do in a step, and how weights learn.

Each function arrives, to the last bit, at what NengoLoihi computes with arrays of 64 bits.
"""

import math

import numpy as np

from nengo_softlif.loihi.emulator import problems
from nengo_softlif.loihi.emulator.spiking import reset_to_zero, subtract_threshold
from nengo_softlif.simulator.compiling import compiled

__all__ = ["learn", "update"]

# Bits, without sign, of the sum of weights that arrives, and of current and membrane input.
_Q_BITS = 21
_U_BITS = 23
_HIGHEST_TRACE = 127


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
    c = compartments
    for k in range(len(c.begin)):
        here = slice(c.begin[k], c.end[k])
        inputs, membrane_input = state.input[here], state.membrane_input[here]
        if len(noise) and not c.noise_at_membrane[k]:
            inputs += noise[here]
        current, bias = state.current[here], c.bias[here]
        found |= _advance_current(inputs, current, bias, c.keep_u[k], membrane_input)
        if len(noise) and c.noise_at_membrane[k]:
            membrane_input += noise[here]
        voltage, threshold, spiked = state.voltage[here], c.threshold[here], state.spiked[here]
        found |= _advance_voltage(membrane_input, voltage, c.keep_v[k], c.lowest[k], c.highest[k])
        if c.subtracts[k]:
            subtract_threshold(voltage, threshold, spiked)
        else:
            reset_to_zero(voltage, threshold, c.refractory[k], state.ref_count[here], spiked)
    return found


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
    q_lost, u_lost = np.int32(0), np.int32(0)
    for i in range(len(inputs)):
        q = _wrapped(inputs[i], _Q_BITS)
        q_lost |= q ^ inputs[i]
        inputs[i] = 0
        total = np.int32(_decayed(current[i], keep) + q)
        u = _wrapped(total, _U_BITS)
        u_lost |= u ^ total
        current[i] = u
        membrane_input[i] = u + bias[i]
    return (problems.Q_OVERFLOW if q_lost else 0) | (problems.CURRENT_OVERFLOW if u_lost else 0)


@compiled
def _advance_voltage(membrane_input, voltage, keep, lowest, highest):
    lost = np.int32(0)
    for i in range(len(voltage)):
        u = _wrapped(membrane_input[i], _U_BITS)
        lost |= u ^ membrane_input[i]
        v = np.int32(_decayed(voltage[i], keep) + u)
        voltage[i] = min(max(v, lowest), highest)
    return problems.MEMBRANE_OVERFLOW if lost else 0


@compiled
def learn(t, learning, state, errors, uniforms):
    """Update traces, then weights, of the synapses that learn.

    Parameters
    ----------
    t : int
        Number of the step, from 1.
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
    found = 0
    used = 0
    for k in range(len(learning.decay)):
        if t % learning.train_epoch[k] == 0:
            for axon in range(learning.first_axon[k], learning.first_axon[k + 1]):
                x = learning.decay[k] * state.traces[axon]
                if state.trace_spikes[axon]:
                    x += learning.magnitude[k]
                    state.trace_spikes[axon] = False
                rounded = _rounded(x, uniforms[used])
                used += 1
                if rounded > _HIGHEST_TRACE:
                    rounded = _HIGHEST_TRACE
                    found |= problems.CLIPPED_TRACE
                state.traces[axon] = rounded
    for k in range(len(learning.decay)):
        if t % learning.learn_epoch[k] == 0:
            n = learning.last_error[k] - learning.first_error[k]
            for axon in range(learning.first_axon[k], learning.first_axon[k + 1]):
                found |= _learn_row(
                    learning.row[axon],
                    n,
                    k,
                    learning,
                    state.weights,
                    state.traces[axon],
                    errors[learning.first_error[k] : learning.last_error[k]],
                    uniforms[used : used + n],
                )
                used += n
    return found


@compiled
def _learn_row(row, n, k, learning, weights, trace, errors, uniforms):
    found = 0
    highest = learning.highest[k]
    for i in range(n):
        change = np.int32(np.int32(trace * errors[i]) * np.int32(learning.rate[k]))
        change = _shifted(change, learning.shift_change[k])
        w = np.int32(_shifted(weights[row + i], learning.shift_weight[k]) + change)
        rounded = _rounded(w * learning.fraction[k], uniforms[i])
        size = abs(rounded)
        if size > highest:
            size = highest
            found |= problems.CLIPPED_WEIGHTS
        w = np.int32(-size if rounded < 0 else size)
        weights[row + i] = _shifted(w, learning.shift_back[k])
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
