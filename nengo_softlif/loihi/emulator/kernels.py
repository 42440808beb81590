"""Many steps of the emulator in one compiled call."""

from typing import NamedTuple

import numpy as np

from nengo_softlif.loihi.emulator import floating, integer, problems
from nengo_softlif.simulator.compiling import compiled

__all__ = ["Drive", "Record", "run"]


class Drive(NamedTuple):
    """What comes from outside in each of some steps.

    In step ``k`` of them, the sources ``sources[first[k]:first[k + 1]]`` spike; ``noise[k]`` goes
    to the compartments, unless there is none; stochastic rounding uses the random numbers
    ``uniforms[first_uniform[k]:first_uniform[k + 1]]``; ``errors`` is what learning has to do.
    """

    first: np.ndarray
    sources: np.ndarray
    noise: np.ndarray
    uniforms: np.ndarray
    first_uniform: np.ndarray
    errors: np.ndarray


class Record(NamedTuple):
    """Compartments that are recorded, and arrays of ``(n_steps, n)`` for their values."""

    current_of: np.ndarray
    voltage_of: np.ndarray
    spiked_of: np.ndarray
    current: np.ndarray
    voltage: np.ndarray
    spiked: np.ndarray


def run(plan, state, drive, record, n_steps, *, strict):
    """Advance the state by some steps.

    Parameters
    ----------
    plan : Plan
    state : State
    drive : Drive
    record : Record
    n_steps : int
    strict : bool
        Whether to stop after a step with an error.

    Returns
    -------
    found : int
        Problems, see `problems`.
    """
    steps = _run_integer if plan.weights.dtype == np.int32 else _run_floating
    return steps(plan, state, drive, record, n_steps, strict)


@compiled
def _run_integer(plan, state, drive, record, n_steps, strict):
    found = 0
    for k in range(n_steps):
        found |= _receive(plan, state, drive, k)
        found |= integer.learn(
            state.clock[0] + 1,
            plan.learning,
            state,
            drive.errors,
            drive.uniforms[drive.first_uniform[k] : drive.first_uniform[k + 1]],
        )
        found |= integer.update(plan.compartments, state, drive.noise[k])
        _finish(state, record, k)
        if strict and found & problems.ERRORS:
            break
    return found


@compiled
def _run_floating(plan, state, drive, record, n_steps, strict):
    found = 0
    for k in range(n_steps):
        found |= _receive(plan, state, drive, k)
        floating.learn(state.clock[0] + 1, plan.learning, state, drive.errors)
        floating.update(plan.compartments, state, drive.noise[k])
        _finish(state, record, k)
        if strict and found & problems.ERRORS:
            break
    return found


@compiled
def _receive(plan, state, drive, k):
    """Deliver the spikes that came from outside, and those of the last step."""
    arriving = drive.sources[drive.first[k] : drive.first[k + 1]]
    active = state.active[: state.n_active[0]]
    for number in range(plan.routes.n_passes):
        _propagate(arriving, number, plan.routes, state.weights, state.input)
        _propagate(active, number, plan.routes, state.weights, state.input)
    found = 0
    if len(state.traces):
        found |= _tag(arriving, plan.learning, state.trace_spikes)
        found |= _tag(active, plan.learning, state.trace_spikes)
    return found


@compiled
def _propagate(active, number, routes, weights, inputs):
    first = routes.first[number * routes.n_sources :]
    for source in active:
        for r in range(first[source], first[source + 1]):
            target, start, n = routes.target[r], routes.start[r], routes.length[r]
            _add(weights[start : start + n], inputs[target : target + n])


@compiled
def _add(weights, inputs):
    for i in range(len(inputs)):
        inputs[i] += weights[i]


@compiled
def _tag(active, learning, trace_spikes):
    found = 0
    for source in active:
        for k in range(learning.tag_first[source], learning.tag_first[source + 1]):
            axon = learning.tag[k]
            if trace_spikes[axon]:
                found = problems.TRACE_SPIKES_LOST
            trace_spikes[axon] = True
    return found


@compiled
def _finish(state, record, k):
    """List who spiked, record, and count the step as done."""
    n = 0
    for i in range(len(state.spiked)):
        if state.spiked[i]:
            state.active[n] = i
            state.spike_count[i] += 1
            n += 1
    state.n_active[0] = n
    for j in range(len(record.current_of)):
        record.current[k, j] = state.current[record.current_of[j]]
    for j in range(len(record.voltage_of)):
        record.voltage[k, j] = state.voltage[record.voltage_of[j]]
    for j in range(len(record.spiked_of)):
        record.spiked[k, j] = state.spiked[record.spiked_of[j]]
    state.clock[0] += 1
