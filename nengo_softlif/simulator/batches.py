"""Many items through one model, each on its own state, on all cores."""

from __future__ import annotations

import os
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral

import nengo
import numpy as np

from nengo_softlif.errors import BackendError
from nengo_softlif.simulator.execution import Execution
from nengo_softlif.simulator.plan import Plan
from nengo_softlif.simulator.profiling import profile
from nengo_softlif.simulator.recording import Accumulator, Player, Recorder, check_memory

__all__ = ["Batch", "checked_items", "checked_probes", "checked_threads"]

_PIECE = 200  # steps between looking whether to stop


class Batch:
    """A model compiled for presentations of items.

    Parameters
    ----------
    model : nengo.builder.Model
    operators : list of nengo.builder.Operator
        Of the model, in an order in which they can run.
    inputs : dict of hashable to Signal
        What each item sets.
    outputs : dict of hashable to Signal
        What is kept.
    dtype : numpy.dtype
        Precision, float32 or float64.
    summed : collection
        Those of the outputs of which only the sum over all steps is kept.
    played : collection
        Those of the inputs that change in every step; the others are constant.
    threads : int, optional
        Items that run at the same time; as many as there are cores by default.
    seed : int
        Of all that is random in the model, the same for each item.

    Raises
    ------
    BackendError
        If the number of threads is not a whole number of 1 or more.
    """

    def __init__(
        self,
        model,
        operators,
        inputs,
        outputs,
        dtype,
        *,
        summed=(),
        played=(),
        threads=None,
        seed=0,
    ):
        self.threads = checked_threads(threads)
        self.inputs = inputs
        self.seed = seed
        given = [signal for name, signal in inputs.items() if name not in played]
        moving = [signal for name, signal in inputs.items() if name in played]
        self.plan = Plan(model, operators, dtype, given=given, played=moving)
        layout = self.plan.layout
        for signal in inputs.values():
            layout.address(signal)
        self._players = {name: Player(inputs[name], layout) for name in played}
        self._keepers = {
            name: (Accumulator if name in summed else Recorder)(signal, layout)
            for name, signal in outputs.items()
        }
        self.plan.compile(
            first=[i for player in self._players.values() for i in player.instructions],
            last=[i for keeper in self._keepers.values() for i in keeper.instructions],
        )
        if self.plan.python:
            self.threads = 1  # the interpreter runs one at a time, and functions may have a state
        self._idle = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(self.threads)

    def run(self, items, n_steps):
        """Run items from the initial state.

        Parameters
        ----------
        items : dict of hashable to ndarray
            For each input (n_items, size), or (n_items, n_steps, size) for those that are played.
        n_steps : int

        Returns
        -------
        values : dict of hashable to ndarray
            For each output (n_items, n_steps, size), or (n_items, 1, size) of sums.

        Raises
        ------
        nengo.exceptions.SimulationError
            If the result would not fit into memory, or something in the model became NaN.
        """
        dtype = self.plan.layout.memory.dtype
        items = {name: np.ascontiguousarray(values, dtype) for name, values in items.items()}
        n_items = len(next(iter(items.values()))) if items else 1
        rows = {
            name: (1 if isinstance(keeper, Accumulator) else n_steps)
            for name, keeper in self._keepers.items()
        }
        shapes = {
            name: (n_items, rows[name], *keeper.shape) for name, keeper in self._keepers.items()
        }
        check_memory(
            sum(int(np.prod(shape)) for shape in shapes.values()) * dtype.itemsize,
            f"what is kept of {n_items} items",
            "run fewer items at a time, or keep sums",
        )
        values = {name: np.empty(shape, dtype) for name, shape in shapes.items()}
        stop = threading.Event()

        def run_item(index):
            execution = self._execution()
            try:
                item = {name: array[index] for name, array in items.items()}
                for name, kept in self._present(execution, item, n_steps, stop):
                    values[name][index] = kept
            finally:
                self._idle.put(execution)

        try:
            list(self._pool.map(run_item, range(n_items)))
        except BaseException:
            stop.set()  # the other threads end with their present piece
            raise
        return values

    def _execution(self):
        """One that nobody uses now; there are never more than threads."""
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return Execution(self.plan)

    def _present(self, execution, item, n_steps, stop):
        """Run one item; what is kept of it."""
        execution.reset(self.seed)
        for name, values in item.items():
            if name in self._players:
                self._players[name].start(execution.state, values)
            else:
                execution.signals[self.inputs[name]][...] = values
        kept = {
            name: keeper.start(execution.state, n_steps) for name, keeper in self._keepers.items()
        }
        for start in range(0, n_steps, _PIECE):
            if stop.is_set():
                return []
            execution.advance(min(_PIECE, n_steps - start))
        execution.check_numbers()
        return [(name, values()) for name, values in kept.items()]

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
        execution = self._execution()
        try:
            self._present(execution, item, 1, threading.Event())  # runs what is slow
            kept = [keeper.start(execution.state, n_steps) for keeper in self._keepers.values()]
            shares = profile(execution, n_steps)
            del kept  # where the kernels have written
            return shares
        finally:
            self._idle.put(execution)

    def close(self):
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)


def checked_items(model, inputs, n_steps):
    """Check what nodes are to put out.

    Parameters
    ----------
    model : nengo.builder.Model
    inputs : dict of nengo.Node to array_like
    n_steps : int

    Returns
    -------
    items : dict of nengo.Node to ndarray
        Their arrays.
    played : list of nengo.Node
        Those whose arrays have a row for each step.

    Raises
    ------
    BackendError
        If an array does not fit its node, the others or the number of steps, or is not finite.
    """
    if not isinstance(n_steps, Integral) or n_steps < 1:
        raise BackendError(f"n_steps must be a whole number of 1 or more (got {n_steps!r})")
    if not isinstance(inputs, dict) or not inputs:
        raise BackendError("run_batch needs the items of at least one input node, {node: array}")
    items, played = {}, []
    for node, values in inputs.items():
        if not isinstance(node, nengo.Node) or model.sig.get(node, {}).get("out") is None:
            raise BackendError(f"{node} is no node with an output in the model of this simulator")
        size = model.sig[node]["out"].size
        try:
            array = np.asarray(values, dtype=float)
        except ValueError as err:
            raise BackendError(f"the items of {node} are not an array of numbers: {err}") from err
        if array.ndim == 3:
            played.append(node)
        if array.shape[1:] not in ((size,), (n_steps, size)):
            raise BackendError(
                f"the items of {node} must have shape (n_items, {size}), or (n_items, {n_steps}, "
                f"{size}) for values of every step (got {array.shape})"
            )
        bad = ~np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
        if bad.any():
            raise BackendError(
                f"item {bad.argmax()} of {node} has values that are not finite numbers; there are "
                f"{bad.sum()} such items of {len(array)}"
            )
        items[node] = array
    lengths = {len(array) for array in items.values()}
    if len(lengths) > 1:
        raise BackendError(
            "all inputs must have the same number of items (got "
            + ", ".join(f"{len(array)} of {node}" for node, array in items.items())
            + ")"
        )
    return items, played


def checked_probes(summed, probes):
    """Check what is to be summed.

    Parameters
    ----------
    summed : collection of nengo.Probe
    probes : collection of nengo.Probe
        Those that there are.

    Returns
    -------
    summed : list of nengo.Probe

    Raises
    ------
    BackendError
        If one of them isn't there, or it is no collection.
    """
    if not hasattr(summed, "__iter__"):
        raise BackendError(f"summed must be a list of probes (got {summed!r})")
    for probe in summed:
        if probe not in probes:
            raise BackendError(f"{probe} is to be summed, but is no probe of this simulator")
    return list(summed)


def checked_threads(threads):
    """Number of threads to use.

    Parameters
    ----------
    threads : int or None
        None for as many as there are cores to run on.

    Raises
    ------
    BackendError
        If it is not a whole number of 1 or more.
    """
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if not isinstance(threads, Integral) or threads < 1:
        raise BackendError(
            f"threads must be a whole number of 1 or more, or None for all cores (got {threads!r})"
        )
    return int(threads)
