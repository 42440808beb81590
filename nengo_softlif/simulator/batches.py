"""Many samples through one model, each on its own state, on all cores."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from nengo.builder import Model
from nengo.builder.operator import Operator

from nengo_softlif.compiled.workers import present_all
from nengo_softlif.errors import BackendError
from nengo_softlif.simulator.checks import checked_threads
from nengo_softlif.simulator.recording import check_memory
from nengo_softlif.simulator.runner import Presenter
from nengo_softlif.simulator.sampling import keeper_of, n_sampled

__all__ = ["Batch", "LastUsed", "room_for"]


class Batch:
    """A model compiled for presentations of samples.

    Parameters
    ----------
    model : nengo.builder.Model
    operators : list of nengo.builder.Operator
        Of the model, in an order in which they can run.
    inputs : dict of hashable to Signal
        What each sample sets.
    outputs : dict of hashable to Signal
        What is kept.
    dtype : numpy.dtype
        Precision, float32 or float64.
    accumulated : collection
        Those of the outputs of which only the sum is kept.
    sample_every : dict of hashable to float, optional
        Period in seconds of those of the outputs that are not kept, or added up, in every step.
    time_varying : collection
        Those of the inputs that change in every step; the others are constant.
    threads : int, optional
        Samples that run at the same time; as many as there are cores by default.
    seed : int
        Of all that is random in the model, the same for each sample.
    optimize : bool
    values : dict of Signal to (ndarray or sparse matrix), optional
        As for `Plan`.

    Raises
    ------
    ParameterError
        If the number of threads is not an integer of 1 or more.

    Attributes
    ----------
    presenter : Presenter
        Of a single sample.
    """

    def __init__(
        self,
        model: Model,
        operators: Sequence[Operator],
        inputs: Mapping,
        outputs: Mapping,
        dtype: np.dtype,
        *,
        accumulated: Collection = (),
        sample_every: Mapping | None = None,
        time_varying: Collection = (),
        threads: int | None = None,
        seed: int = 0,
        optimize: bool = True,
        values: dict | None = None,
    ) -> None:
        self._every = {} if sample_every is None else sample_every
        self._accumulated = accumulated
        self._dt = model.dt

        def keep(layout):
            return {
                name: keeper_of(
                    signal,
                    layout,
                    accumulated=name in accumulated,
                    sample_every=self._every.get(name),
                )
                for name, signal in outputs.items()
            }

        self._dtype = np.dtype(dtype)
        self.presenter = Presenter(
            model,
            operators,
            inputs,
            keep,
            dtype,
            time_varying=time_varying,
            threads=checked_threads(threads),
            seed=seed,
            optimize=optimize,
            values=values,
        )

    def run(self, samples: Mapping, n_steps: int) -> dict:
        """Run samples from the initial state.

        Parameters
        ----------
        samples : dict of hashable to ndarray
            For each input (n_samples, size), or (n_samples, n_steps, size) for those that are
            time_varying.
        n_steps : int

        Returns
        -------
        values : dict of hashable to ndarray
            For each output (n_samples, n_kept, size), with a row for each step that is kept, or
            one for the sum.

        Raises
        ------
        BackendError
            If an input is too large for the precision.
        nengo.exceptions.SimulationError
            If the result would not fit into memory, or something in the model became NaN.
        """
        samples = {name: self._rounded(name, values) for name, values in samples.items()}
        n_samples = len(next(iter(samples.values()))) if samples else 1
        keepers = self.presenter.keepers
        values = room_for(
            {name: (self._n_rows(name, n_steps), *k.shape) for name, k in keepers.items()},
            n_samples,
            self._dtype,
        )

        def present(index, stop):
            sample = {name: array[index] for name, array in samples.items()}
            for name, kept in self.presenter.run(sample, n_steps, stop).items():
                values[name][index] = kept

        present_all(present, n_samples, self.presenter.n_parallel)
        return values

    def _rounded(self, name, values):
        with np.errstate(over="ignore"):
            rounded = np.ascontiguousarray(values, self._dtype)
        if not np.isfinite(rounded).all():
            raise BackendError(
                f"the samples of {name} have values beyond the largest number of {self._dtype}, "
                f"{np.finfo(self._dtype).max:.2g}"
            )
        return rounded

    def _n_rows(self, name, n_steps):
        if name in self._accumulated:
            return 1
        return n_sampled(self._every.get(name), self._dt, n_steps)


def room_for(shapes: Mapping, n_samples: int, dtype: np.dtype) -> dict:
    """Arrays for what is kept of samples.

    Parameters
    ----------
    shapes : dict of hashable to tuple of int
        Of one sample.
    n_samples : int
    dtype : numpy.dtype

    Returns
    -------
    values : dict of hashable to (n_samples, *shape) ndarray
        To be filled.

    Raises
    ------
    nengo.exceptions.SimulationError
        If they would not fit into memory.
    """
    check_memory(
        n_samples * sum(int(np.prod(shape)) for shape in shapes.values()) * dtype.itemsize,
        f"what is kept of {n_samples} samples",
        "run fewer samples at a time, or keep sums",
    )
    return {name: np.empty((n_samples, *shape), dtype) for name, shape in shapes.items()}


class LastUsed:
    """Keeps the batch that was used last; each has a state for each of its threads.

    Callers on several threads take turns. A process that was forked has a batch of its own, since
    threads of its parent, which it has not, may have been using the parent's.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Free the batch, if there is one."""
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._key = self._batch = None

    @contextmanager
    def using(self, key: Any, make: Callable[[], Any]) -> Iterator:
        """The batch of a key, which nobody else uses meanwhile.

        Parameters
        ----------
        key : object
            Compared with that of the last batch.
        make : callable
            Returns the batch, if the last one has another key.
        """
        if self._process != os.getpid():
            self.forget()
        with self._lock:
            if key != self._key:
                self._key = self._batch = None  # before there is another, to save memory
                self._batch, self._key = make(), key
            yield self._batch
