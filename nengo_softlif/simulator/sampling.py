"""Probes with `sample_every`: which steps they keep, and how."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from nengo.builder.signal import Signal

from nengo_softlif.simulator.layout import Layout
from nengo_softlif.simulator.memory import State
from nengo_softlif.simulator.recording import Accumulator, Recorder

__all__ = ["Sampler", "keeper_of", "n_sampled", "sampled_steps"]

_CHUNK = 2**16  # steps


def sampled_steps(sample_every: float | None, dt: float, done: int, n_steps: int) -> np.ndarray:
    """Find the steps that a probe keeps, by Nengo's rule.

    Parameters
    ----------
    sample_every : float or None
        Period of the probe in seconds; None keeps every step.
    dt : float
        Length of a step in seconds.
    done : int
        Number of steps that were run before.
    n_steps : int
        Number of steps to choose from.

    Returns
    -------
    steps : (n_kept,) int ndarray
        Counted from 0, the first step after those that are done.

    Examples
    --------
    >>> sampled_steps(0.002, 0.001, done=1, n_steps=5)
    array([0, 2, 4])
    """
    steps = np.arange(n_steps)
    if sample_every is None:
        return steps
    return steps[(done + 1 + steps) % (sample_every / dt) < 1]


def n_sampled(sample_every: float | None, dt: float, n_steps: int) -> int:
    """Number of the first steps that a probe keeps, without memory for each.

    Parameters
    ----------
    sample_every, dt, n_steps
        As for `sampled_steps`.

    Returns
    -------
    n_kept : int

    Examples
    --------
    >>> n_sampled(0.01, 0.001, n_steps=1000)
    100
    """
    if sample_every is None:
        return n_steps
    starts = range(0, n_steps, _CHUNK)
    return sum(len(sampled_steps(sample_every, dt, t, min(_CHUNK, n_steps - t))) for t in starts)


class Sampler:
    """Keeps the values of a signal in some of the steps, or the sum of those values.

    Parameters
    ----------
    signal : nengo.builder.Signal
        Any view.
    layout : Layout
    sample_every : float
        Period in seconds.
    accumulated : bool
        Whether to keep the sum only, as one row.

    Attributes
    ----------
    instructions : list of Instruction
        To be run at the end of every step.
    """

    def __init__(
        self, signal: Signal, layout: Layout, sample_every: float, accumulated: bool
    ) -> None:
        self._recorder = Recorder(signal, layout)
        self._every, self._dt, self._accumulated = sample_every, layout.dt, accumulated
        self.shape, self.size = self._recorder.shape, self._recorder.size
        self.instructions = self._recorder.instructions

    def start(self, state: State, n_steps: int) -> Callable[[], np.ndarray]:
        """Make room for the next steps; parameters and result as for `Recorder.start`."""
        sampled = sampled_steps(self._every, self._dt, 0, n_steps)
        recorded = self._recorder.start(state, n_steps, sampled)
        if self._accumulated:
            return lambda: recorded().sum(axis=0, keepdims=True)
        return recorded


def keeper_of(
    signal: Signal, layout: Layout, *, accumulated: bool, sample_every: float | None
) -> Recorder | Accumulator | Sampler:
    """Make what keeps the values that a probe wants of a run.

    Parameters
    ----------
    signal : nengo.builder.Signal
        Any view.
    layout : Layout
    accumulated : bool
        Whether to keep only the sum of the values, as one row.
    sample_every : float or None
        Period of the probe in seconds; None for every step.

    Returns
    -------
    keeper : Recorder, Accumulator or Sampler
    """
    if sample_every is not None:
        return Sampler(signal, layout, sample_every, accumulated)
    return (Accumulator if accumulated else Recorder)(signal, layout)
