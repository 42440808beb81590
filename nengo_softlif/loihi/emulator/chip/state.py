"""What changes in a step."""

from typing import NamedTuple

import numpy as np

from nengo_softlif.compiled.memory import aligned

__all__ = ["State", "new_state"]


class State(NamedTuple):
    """State of all compartments and synapses of a model.

    ``collected`` is a part of the input, in units of the plan's load. ``spiked`` is longer than
    the others, to have a multiple of 8.
    ``clock[0]`` is the number of steps done. ``active[: n_active[0]]`` are the compartments that
    spiked in the last. Traces, and whether a spike waits to be added to them, are those of all
    axons at synapses that learn.
    """

    clock: np.ndarray
    collected: np.ndarray
    input: np.ndarray
    current: np.ndarray
    membrane_input: np.ndarray
    voltage: np.ndarray
    ref_count: np.ndarray
    spiked: np.ndarray
    spike_count: np.ndarray
    active: np.ndarray
    n_active: np.ndarray
    weights: np.ndarray
    traces: np.ndarray
    trace_spikes: np.ndarray


def new_state(plan):
    """Make the state at the beginning.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    state : State
        The weights are those of the plan itself unless some of them learn.
    """
    n, dtype = len(plan.compartments.bias), plan.compartments.bias.dtype
    n_traces = len(plan.learning.row)
    return State(
        clock=np.zeros(1, dtype=np.int64),
        collected=aligned(n, plan.weights.dtype),
        input=np.zeros(n, dtype=dtype),
        current=np.zeros(n, dtype=dtype),
        membrane_input=np.zeros(n, dtype=dtype),
        voltage=np.zeros(n, dtype=dtype),
        ref_count=np.zeros(n, dtype=np.int32),
        spiked=np.zeros(-(-n // 8) * 8, dtype=bool),
        spike_count=np.zeros(n, dtype=np.int32),
        active=np.zeros(n, dtype=np.int64),
        n_active=np.zeros(1, dtype=np.int64),
        weights=plan.weights.copy() if n_traces else plan.weights,
        traces=np.zeros(n_traces, dtype=dtype),
        trace_spikes=np.zeros(n_traces, dtype=bool),
    )
