"""Run labelled data through a spiking network on any backend."""

from __future__ import annotations

import time
from numbers import Integral, Real

import numpy as np

from nengo_softlif import backends
from nengo_softlif.analysis.accuracy import RunningClassification
from nengo_softlif.analysis.firing_rates import RateCounter
from nengo_softlif.errors import BackendError, DatasetError, SoftLIFError
from nengo_softlif.evaluation.results import Evaluation
from nengo_softlif.functional.encoding import Encoding
from nengo_softlif.networks.samples import checked_arrays

__all__ = ["Evaluation", "evaluate"]


def evaluate(
    spiking,
    x,
    y,
    *,
    backend="nengo",
    presentation_time=0.2,
    classify_from=None,
    dt=0.001,
    batch_size=None,
    max_items=None,
    random_subset=False,
    seed=0,
    threads=None,
    encoding=None,
    output=None,
    keep_spikes=False,
    keep_outputs=False,
    progress=True,
):
    """Classify a labelled data set with a spiking network.

    Every item is presented for the same time, starting from the same initial state, and
    classified by the output summed from ``classify_from`` to the end.

    Parameters
    ----------
    spiking : SpikingNetwork or WrappedNetwork
        From `nengo_softlif.convert`, or a Nengo network of your own from
        `nengo_softlif.wrap`.
    x : (n_items, ...) array_like, or list or dict of those for several inputs
        Items, shaped as the Keras model takes them.
    y : (n_items,) array_like of int
        Labels, from 0 to the number of outputs less one.
    backend : str
        "nengo", "compiled", "nengo_dl" or "loihi"; see `nengo_softlif.backends.registry`.
    presentation_time : float
        Seconds for which an item is shown.
    classify_from : float, optional
        Seconds after which the output counts; 60 % of the presentation by default.
    dt : float
        Step of the simulation in seconds.
    batch_size : int, optional
        Items run at a time, on backends that can.
    max_items : int, optional
        Run so many items only: the first, or a random subset.
    random_subset : bool
        Draw the ``max_items`` at random, by ``seed``.
    seed : int
        Of the random subset, and of random processes in the network. (Initial voltages go by
        the seed of the network, see `nengo_softlif.convert`.)
    threads : int, optional
        Items run at the same time by the backends ``compiled`` and ``loihi``; all cores by
        default. The result does not depend on it.
    encoding : Encoding, optional
        Show items as spikes instead of constant currents, such as
        ``nengo_softlif.RegularSpikes(max_rate=200)``; values are then from 0 to 1. What is random
        goes by ``seed`` and the number of the item. See docs/encoding.md.
    output : str, optional
        Name of the output to classify by; needed if there are several.
    keep_spikes : bool
        Keep the spikes of every layer. Memory then grows with the number of items.
    keep_outputs : bool
        Keep the output of every step, so that the result knows the error of any shorter
        presentation and any start of classification. Takes 4 bytes for each item, step and output.
    progress : bool
        Show a progress bar with the time left.

    Returns
    -------
    result : Evaluation
        After Ctrl-C, of the items that were done.

    Raises
    ------
    DatasetError
        If items or labels don't fit the network, or values the encoding.
    BackendError
        If the backend is unknown or not installed, or its simulator refuses the network.
    SoftLIFError
        If an option is out of range.

    Examples
    --------
    >>> result = evaluate(spiking, x_test, y_test, backend="nengo_dl")  # doctest: +SKIP
    >>> print(result.summary())  # doctest: +SKIP
    """
    if not hasattr(spiking, "input_shapes"):
        raise SoftLIFError(
            f"evaluate takes a spiking network (got {type(spiking).__name__}); make one with "
            "nengo_softlif.convert(model), or with nengo_softlif.wrap(net, ...) from a Nengo "
            "network of your own"
        )
    n_steps, start_step = _steps(presentation_time, classify_from, dt)
    node = _output(spiking, output)
    arrays = checked_arrays(spiking.input_shapes, x)
    labels = _labels(y, len(next(iter(arrays.values()))), node.size_out)
    indices = _indices(len(labels), max_items, random_subset, seed)
    if batch_size is not None and (not isinstance(batch_size, Integral) or batch_size < 1):
        raise BackendError(f"batch_size must be a whole number of 1 or more (got {batch_size!r})")
    if encoding is not None and not isinstance(encoding, Encoding):
        raise SoftLIFError(
            "encoding must be one of nengo_softlif.functional.encoding, such as "
            f"nengo_softlif.RegularSpikes(max_rate=200) (got {encoding!r})"
        )
    probed = {"": node, **{layer.name: layer.neurons for layer in spiking.layers}}

    kept = [name for name in probed if (keep_spikes if name else keep_outputs)]
    tally = _Tally(spiking.layers, labels, n_steps, start_step, dt, node.size_out, kept)
    interrupted = False
    start = built = time.perf_counter()
    try:
        with backends.get(backend).open(
            spiking.net,
            spiking.inputs,
            probed,
            dt=dt,
            seed=seed,
            batch_size=batch_size,
            summed=() if keep_spikes else [layer.name for layer in spiking.layers],
            threads=threads,
            played=() if encoding is None else list(arrays),
        ) as session:
            built = time.perf_counter()
            for batch in _progress(_batches(indices, session.batch_size), len(indices), progress):
                items = {name: array[batch] for name, array in arrays.items()}
                if encoding is not None:
                    items = {
                        name: _encoded(encoding, values, batch, n_steps, dt, seed)
                        for name, values in items.items()
                    }
                tally.take(batch, session.present(items, n_steps))
    except KeyboardInterrupt:
        interrupted = True
    return tally.result(
        network=spiking,
        backend=backend,
        classify_from=round(start_step * dt, 12),
        build_time=built - start,
        wall_time=time.perf_counter() - built,
        interrupted=interrupted,
    )


def _encoded(encoding, values, numbers, n_steps, dt, seed):
    """Items as spikes, each drawn by its own number, so that batches make no difference."""
    trains = [
        encoding.encode(value[np.newaxis], n_steps, dt=dt, seed=(seed, number))[0]
        for value, number in zip(values, numbers, strict=True)
    ]
    return np.multiply(trains, encoding.amplitude / dt, dtype=np.float32)


class _Tally:
    """Accumulates what is asked for, batch by batch."""

    def __init__(self, layers, labels, n_steps, start_step, dt, n_outputs, kept):
        self.layers = layers
        self.labels = labels
        self.n_steps, self.start_step, self.dt = n_steps, start_step, dt
        self.n_outputs = n_outputs
        self.counters = {
            layer.name: RateCounter(layer.n_neurons, n_steps, dt, layer.max_rate)
            for layer in layers
        }
        self.kept = {name: [] for name in kept}  # whole series; "" is the output
        self.indices, self.predictions, self.outputs = [], [], []
        self.n_correct = np.zeros(n_steps)

    def take(self, batch, pieces):
        running = RunningClassification(len(batch), self.n_outputs, self.start_step)
        counts = {layer.name: 0.0 for layer in self.layers}
        series = {name: [] for name in self.kept}
        winners = []
        for values in pieces:
            winners.append(running.update(values[""]))
            if "" in series:
                series[""].append(values[""].astype(np.float32))
            for layer in self.layers:
                # a spike has the height amplitude / dt
                spikes = values[layer.name] * (self.dt / layer.amplitude)
                counts[layer.name] = counts[layer.name] + spikes.sum(axis=1)
                if layer.name in series:
                    series[layer.name].append(spikes > 0.5)
        # nothing is recorded before the whole batch is done, so that an interrupt leaves
        # whole items behind
        winners = np.concatenate(winners, axis=1)
        self.n_correct += (winners == self.labels[batch][:, np.newaxis]).sum(axis=0)
        self.indices.append(batch)
        self.predictions.append(running.means.argmax(axis=1))
        self.outputs.append(running.means)
        for layer in self.layers:
            self.counters[layer.name].add(counts[layer.name])
        for name, parts in series.items():
            self.kept[name].append(np.concatenate(parts, axis=1))

    def result(self, **facts):
        indices = np.concatenate([np.empty(0, int), *self.indices])
        n_items = len(indices)
        return Evaluation(
            indices=indices,
            labels=self.labels[indices],
            predictions=np.concatenate([np.empty(0, int), *self.predictions]),
            outputs=np.concatenate([np.empty((0, self.n_outputs)), *self.outputs]),
            accuracy_over_time=self.n_correct / n_items if n_items else self.n_correct * np.nan,
            times=self.dt * np.arange(1, self.n_steps + 1),
            firing_rates={name: c.statistics() for name, c in self.counters.items()},
            mean_rates={name: c.mean_rates for name, c in self.counters.items()},
            spikes=self._spikes(),
            outputs_over_time=self._series("", np.float32, self.n_outputs),
            **facts,
        )

    def _spikes(self):
        if not any(layer.name in self.kept for layer in self.layers):
            return None
        return {
            layer.name: self._series(layer.name, bool, layer.n_neurons) for layer in self.layers
        }

    def _series(self, name, dtype, size):
        if name not in self.kept:
            return None
        return np.concatenate([np.empty((0, self.n_steps, size), dtype), *self.kept[name]])


def _steps(presentation_time, classify_from, dt):
    times = {"dt": dt, "presentation_time": presentation_time, "classify_from": classify_from}
    for name, value in times.items():
        if name == "classify_from" and (value is None or value == 0):
            continue
        if not isinstance(value, Real) or not 0 < value < np.inf:
            raise SoftLIFError(f"{name} must be a time in seconds greater than 0 (got {value!r})")
    if presentation_time < dt:
        raise SoftLIFError(
            f"presentation_time must be at least one step of dt = {dt:g} s (got "
            f"{presentation_time:g} s)"
        )
    n_steps = round(presentation_time / dt)
    if classify_from is None:
        return n_steps, min(round(0.6 * n_steps), n_steps - 1)
    start_step = round(classify_from / dt)
    if start_step >= n_steps:
        raise SoftLIFError(
            f"classify_from must be before the end of the presentation at "
            f"{presentation_time:g} s (got {classify_from:g} s)"
        )
    return n_steps, start_step


def _output(spiking, name):
    if name is None and len(spiking.outputs) > 1:
        raise SoftLIFError(
            f"the network has several outputs, {', '.join(spiking.outputs)}; pass output=name"
        )
    if name is not None and name not in spiking.outputs:
        raise SoftLIFError(
            f"output {name!r} is unknown; the network has {', '.join(spiking.outputs)}"
        )
    return spiking.output if name is None else spiking.outputs[name]


def _labels(y, n_items, n_outputs):
    labels = np.asarray(y)
    if labels.shape != (n_items,):
        raise DatasetError(
            f"labels must be one number for each of the {n_items} items (got shape "
            f"{labels.shape}); turn one-hot labels into numbers with y.argmax(axis=1)"
        )
    if labels.dtype.kind not in "iuf" or not np.array_equal(labels, np.rint(labels)):
        raise DatasetError(f"labels must be whole numbers (got dtype {labels.dtype})")
    labels = labels.astype(int)
    if labels.min() < 0 or labels.max() >= n_outputs:
        raise DatasetError(
            f"labels must be from 0 to {n_outputs - 1}, the network has {n_outputs} outputs (got "
            f"{labels.min()} to {labels.max()})"
        )
    return labels


def _indices(n_items, max_items, random_subset, seed):
    if not isinstance(seed, Integral) or not 0 <= seed < 2**31:
        raise SoftLIFError(f"seed must be a whole number from 0 to 2**31 - 1 (got {seed!r})")
    if max_items is None:
        return np.arange(n_items)
    if not isinstance(max_items, Integral) or max_items < 1:
        raise DatasetError(f"max_items must be a whole number of 1 or more (got {max_items!r})")
    if random_subset and max_items < n_items:
        rng = np.random.default_rng(seed)
        return np.sort(rng.choice(n_items, size=max_items, replace=False))
    return np.arange(min(max_items, n_items))


def _batches(indices, size):
    for start in range(0, len(indices), size):
        yield indices[start : start + size]


def _progress(batches, n_items, show):
    """Pass batches on, with a progress bar around them."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True, disable=not show) as bar:
        task = bar.add_task("items", total=n_items)
        for batch in batches:
            yield batch
            bar.advance(task, len(batch))
