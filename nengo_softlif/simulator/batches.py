"""Many items through one model, each on its own state, on all cores."""

from __future__ import annotations

import os
from numbers import Integral

import nengo
import numpy as np

from nengo_softlif.compiled.workers import Workers
from nengo_softlif.errors import BackendError
from nengo_softlif.simulator.recording import Accumulator, Recorder, check_memory
from nengo_softlif.simulator.runner import Presenter

__all__ = [
    "Batch",
    "LastUsed",
    "checked_items",
    "checked_probes",
    "checked_threads",
    "room_for",
]


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

    Attributes
    ----------
    presenter : Presenter
        Of a single item.
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
        def keep(layout):
            return {
                name: (Accumulator if name in summed else Recorder)(signal, layout)
                for name, signal in outputs.items()
            }

        self._dtype = np.dtype(dtype)
        self.presenter = Presenter(
            model,
            operators,
            inputs,
            keep,
            dtype,
            played=played,
            threads=checked_threads(threads),
            seed=seed,
        )
        self._workers = Workers(self.presenter.n_parallel)

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
        items = {name: np.ascontiguousarray(v, self._dtype) for name, v in items.items()}
        n_items = len(next(iter(items.values()))) if items else 1
        values = room_for(
            {
                name: ((1 if isinstance(keeper, Accumulator) else n_steps), *keeper.shape)
                for name, keeper in self.presenter.keepers.items()
            },
            n_items,
            self._dtype,
        )

        def present(index, stop):
            item = {name: array[index] for name, array in items.items()}
            for name, kept in self.presenter.run(item, n_steps, stop).items():
                values[name][index] = kept

        self._workers.run(present, n_items)
        return values

    def close(self):
        """End the threads."""
        self._workers.close()


def room_for(shapes, n_items, dtype):
    """Arrays for what is kept of items.

    Parameters
    ----------
    shapes : dict of hashable to tuple of int
        Of one item.
    n_items : int
    dtype : numpy.dtype

    Returns
    -------
    values : dict of hashable to (n_items, *shape) ndarray
        To be filled.

    Raises
    ------
    nengo.exceptions.SimulationError
        If they would not fit into memory.
    """
    check_memory(
        n_items * sum(int(np.prod(shape)) for shape in shapes.values()) * dtype.itemsize,
        f"what is kept of {n_items} items",
        "run fewer items at a time, or keep sums",
    )
    return {name: np.empty((n_items, *shape), dtype) for name, shape in shapes.items()}


class LastUsed:
    """Keeps the batch that was used last; each has threads, and a state for each of them."""

    def __init__(self):
        self._key = self._batch = None

    def get(self, key, make):
        """The batch of a key; another is closed, and this one made, if that is not the last.

        Parameters
        ----------
        key : hashable
        make : callable
            Returns the batch.
        """
        if key != self._key:
            self.close()
            self._batch, self._key = make(), key
        return self._batch

    def close(self):
        """Close the batch, if there is one."""
        if self._batch is not None:
            self._batch.close()
        self._key = self._batch = None


def checked_items(signal_of, inputs, n_steps):
    """Check what nodes are to put out.

    Parameters
    ----------
    signal_of : callable
        Returns the signal that a node puts out, or None.
    inputs : dict of nengo.Node to array_like
        (n_items, size), or (n_items, n_steps, size) for values of every step.
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
        signal = signal_of(node) if isinstance(node, nengo.Node) else None
        if signal is None:
            raise BackendError(f"{node} is no node with an output in the model of this simulator")
        size = signal.size
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
