"""Many steps of the emulator in one compiled call."""

from typing import NamedTuple

import numpy as np

from nengo_softlif.compiled.compiler import compiled
from nengo_softlif.compiled.simd import LINE, add_line
from nengo_softlif.loihi.emulator.chip import floating, integer, problems

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
    steps = _run_integer if state.input.dtype == np.int32 else _run_floating
    return steps(plan, state, drive, record, n_steps, strict)


@compiled
def _run_integer(plan, state, drive, record, n_steps, strict):
    found = 0
    for k in range(n_steps):
        found |= _arrive(plan, state, drive, k)
        if len(state.traces):
            uniforms = drive.uniforms[drive.first_uniform[k] : drive.first_uniform[k + 1]]
            found |= integer.learn(plan.learning, state, drive.errors, uniforms)
        found |= integer.update(plan.compartments, state, drive.noise[k])
        _finish(state, record, k)
        if strict and found & problems.ERRORS:
            break
    return found


@compiled
def _run_floating(plan, state, drive, record, n_steps, strict):
    found = 0
    for k in range(n_steps):
        found |= _arrive(plan, state, drive, k)
        if len(state.traces):
            floating.learn(plan.learning, state, drive.errors)
        floating.update(plan.compartments, state, drive.noise[k])
        _finish(state, record, k)
        if strict and found & problems.ERRORS:
            break
    return found


@compiled
def _arrive(plan, state, drive, k):
    """Deliver the spikes of a step, and mark the axons that carried them to learning synapses."""
    arriving = drive.sources[drive.first[k] : drive.first[k + 1]]
    active = state.active[: state.n_active[0]]
    _deliver(arriving, active, plan.routes, plan.load, state)
    if not len(state.traces):
        return 0
    first, tag = plan.learning.tag_first, plan.learning.tag
    found = _tag(arriving, first, tag, state.trace_spikes)
    return found | _tag(active, first, tag, state.trace_spikes)


@compiled
def _finish(state, record, k):
    """Count and record what a step has led to."""
    _count(state.spiked, state.spike_count, state.active, state.n_active)
    _record(record, k, state.current, state.voltage, state.spiked)
    state.clock[0] += 1


@compiled
def _deliver(arriving, active, routes, load, state):
    """Deliver the spikes that came from outside, and those of the last step."""
    n_added = 0
    for number in range(routes.n_passes):
        first = routes.first[number * routes.n_sources :]
        for sources in (arriving, active):
            n_added = _add(
                sources,
                first,
                routes.target,
                routes.start,
                routes.length,
                state.weights,
                state.collected,
                load.limit,
                load.unit,
                state.input,
                n_added,
            )
    if n_added:
        _unload(state.collected, load.unit, state.input)


@compiled
def _add(sources, first, target, start, length, weights, collected, limit, unit, inputs, n_added):
    """Add the weights of all runs of some sources to what is collected.

    Whoever calls a function with an array, or takes one out of a tuple, counts a reference to it,
    and for each run that would take longer than to add its weights.

    Returns
    -------
    n_added : int
        Number of sources that have been collected.
    """
    width = LINE // weights.itemsize
    for source in sources:
        if n_added == limit:
            _unload(collected, unit, inputs)
            n_added = 0
        n_added += 1
        for r in range(first[source], first[source + 1]):
            i, j, end = start[r], target[r], start[r] + length[r]
            while i + width <= end:
                add_line(weights, i, collected, j)
                i += width
                j += width
            while i < end:
                collected[j] += weights[i]
                i += 1
                j += 1
    return n_added


@compiled
def _unload(collected, unit, inputs):
    """Add what was collected to the input, before it could overflow."""
    for i in range(len(inputs)):
        inputs[i] += collected[i] * unit
        collected[i] = 0


@compiled
def _tag(active, first, tag, trace_spikes):
    """Mark the axons that carried a spike to synapses that learn."""
    found = 0
    for source in active:
        for axon in tag[first[source] : first[source + 1]]:
            if trace_spikes[axon]:
                found = problems.TRACE_SPIKES_LOST
            trace_spikes[axon] = True
    return found


@compiled
def _count(spiked, spike_count, active, n_active):
    """Count the spikes, and list where they are."""
    n = 0
    eights = spiked.view(np.uint64)
    for k in range(len(eights)):
        if eights[k]:
            for i in range(8 * k, 8 * k + 8):
                if spiked[i]:
                    active[n] = i
                    spike_count[i] += 1
                    n += 1
    n_active[0] = n


@compiled
def _record(record, k, current, voltage, spiked):
    for j in range(len(record.current_of)):
        record.current[k, j] = current[record.current_of[j]]
    for j in range(len(record.voltage_of)):
        record.voltage[k, j] = voltage[record.voltage_of[j]]
    for j in range(len(record.spiked_of)):
        record.spiked[k, j] = spiked[record.spiked_of[j]]
