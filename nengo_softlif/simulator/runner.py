"""Samples presented to a model, each from its initial state and on a state of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from nengo.builder import Model
from nengo.builder.operator import Operator

from nengo_softlif.simulator.execution import Execution
from nengo_softlif.simulator.layout import Layout
from nengo_softlif.simulator.plan import Plan
from nengo_softlif.simulator.profiling import profile
from nengo_softlif.simulator.recording import Player

__all__ = ["Presenter"]

_CHUNK = 200  # steps between looking whether to stop


class Presenter:
    """A model compiled for presentations. Several threads may present at the same time.

    Parameters
    ----------
    model : nengo.builder.Model
    operators : list of nengo.builder.Operator
        Of the model, in an order in which they can run.
    inputs : dict of hashable to Signal
        What each sample sets.
    keep : callable
        Makes, for a `Layout`, a dict of what is to keep something of each sample: a `Recorder`, an
        `Accumulator`, or what has ``instructions`` and ``start`` like those.
    dtype : numpy.dtype
        Precision, float32 or float64.
    time_varying : collection
        Those of the inputs that change in every step; the others are constant.
    threads : int
        How many samples may be presented at the same time.
    seed : int
        Of all that is random in the model, the same for each sample.
    optimize : bool
    values : dict of Signal to (ndarray or sparse matrix), optional
        As for `Plan`.

    Attributes
    ----------
    keepers : dict
        What ``keep`` made.
    n_parallel : int
        How many samples are presented at the same time: one, if some of the model runs in Python.
    """

    def __init__(
        self,
        model: Model,
        operators: Sequence[Operator],
        inputs: Mapping,
        keep: Callable[[Layout], dict],
        dtype: np.dtype,
        *,
        time_varying: Collection,
        threads: int,
        seed: int,
        optimize: bool = True,
        values: dict | None = None,
    ) -> None:
        self._inputs, self._seed = inputs, seed
        self.plan = Plan(
            model,
            operators,
            dtype,
            given=[signal for name, signal in inputs.items() if name not in time_varying],
            time_varying=[inputs[name] for name in time_varying],
            optimize=optimize,
            values=values,
        )
        layout = self.plan.layout
        for signal in inputs.values():
            layout.address(signal)
        self._players = {name: Player(inputs[name], layout) for name in time_varying}
        self.keepers = keep(layout)
        self.plan.compile(
            first=[i for player in self._players.values() for i in player.instructions],
            last=[i for keeper in self.keepers.values() for i in keeper.instructions],
        )
        # functions in Python may have a state, so that they are not called from two threads
        self.n_parallel = 1 if self.plan.steps_in_python else threads
        self._room = threading.BoundedSemaphore(self.n_parallel)
        self._idle = queue.SimpleQueue()

    def run(self, item, n_steps, stop):
        """Present one sample.

        Parameters
        ----------
        item : dict of hashable to ndarray
            For each input (size,), or (n_steps, size) for those that are time-varying; others are
            ignored.
        n_steps : int
        stop : threading.Event
            Ends the presentation early.

        Returns
        -------
        values : dict
            What each of the keepers has kept; empty after a stop.

        Raises
        ------
        nengo.exceptions.SimulationError
            If something became NaN.
        """
        with self._execution() as execution:
            rows = self._show(execution, item)
            kept = self._start(execution, n_steps)
            for start in range(0, n_steps, _CHUNK):
                if stop.is_set():
                    return {}
                execution.advance(min(_CHUNK, n_steps - start))
            del rows  # which kernels have read until now
            execution.check_numbers()
            return {name: values() for name, values in kept.items()}

    def profile(self, item, n_steps):
        """Measure how the time of compiled steps is spent, on one thread.

        Parameters
        ----------
        item : dict of hashable to (size,) ndarray
            Constant inputs.
        n_steps : int

        Returns
        -------
        shares : list of nengo_softlif.simulator.profiling.Share
            The greatest first.
        """
        with self._execution() as execution:
            self._show(execution, item)
            warm = self._start(execution, 1)
            execution.advance(1)  # which runs what is hoisted
            kept = self._start(execution, n_steps)
            shares = profile(execution, n_steps)
            del warm, kept  # where kernels have written
            return shares

    @contextmanager
    def _execution(self):
        """An execution that no other thread uses."""
        with self._room:
            try:
                execution = self._idle.get_nowait()
            except queue.Empty:
                execution = Execution(self.plan)
            try:
                yield execution
            finally:
                self._idle.put(execution)

    def _show(self, execution, item):
        """Set the inputs; returns the arrays that have to be kept until they have been read."""
        execution.reset(self._seed)
        for name, signal in self._inputs.items():
            if name not in self._players:
                execution.signals[signal][...] = item[name]
        state = execution.state
        return {name: player.start(state, item[name]) for name, player in self._players.items()}

    def _start(self, execution, n_steps):
        state = execution.state
        return {name: keeper.start(state, n_steps) for name, keeper in self.keepers.items()}
