"""What a run adds up: outputs in the readout window, firing rates, and whole series if kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nengo_softlif.analysis.accuracy import RunningClassification
from nengo_softlif.analysis.firing_rates import RateCounter
from nengo_softlif.networks import Layer

__all__ = ["Chunk", "Tally"]

Chunk = Mapping["tuple[str, str]", np.ndarray]  # by ("output" or "spikes", name)


class Tally:
    """Accumulates the results of a run, batch by batch.

    Nothing is recorded before a batch is complete, so that an interrupt leaves whole samples.

    Parameters
    ----------
    layers : sequence of Layer
    outputs : dict of str to tuple of int
        Shape of each output of a sample.
    n_steps, start_step : int
        Time steps of a presentation, and the first that counts.
    dt : float
        Seconds.
    keep : collection of str
        "spikes", "outputs".
    labels : (n_samples,) ndarray of int, optional
        With them, the predictions of every step are compared; there is a single output then.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        outputs: Mapping[str, tuple[int, ...]],
        *,
        n_steps: int,
        start_step: int,
        dt: float,
        keep: Iterable[str] = (),
        labels: np.ndarray | None = None,
    ) -> None:
        self.layers, self.output_shapes = layers, outputs
        self.n_steps, self.start_step, self.dt = n_steps, start_step, dt
        self.labels = labels
        self.counters = {
            layer.name: RateCounter(layer.n_neurons, n_steps, dt, layer.max_rate)
            for layer in layers
        }
        keys = {"outputs": [("output", name) for name in outputs]}
        keys["spikes"] = [("spikes", layer.name) for layer in layers]
        self.keep = set(keep)
        self.series: dict[tuple[str, str], list[np.ndarray]] = {
            key: [] for kind in self.keep for key in keys[kind]
        }
        self.means: dict[str, list[np.ndarray]] = {name: [] for name in outputs}
        self.n_correct = np.zeros(n_steps)
        self.n_samples = 0

    def take(self, indices: np.ndarray, chunks: Iterable[Chunk]) -> None:
        """Take what a batch of samples gave.

        Parameters
        ----------
        indices : (n,) ndarray of int
            Numbers of the samples.
        chunks : iterable of dict
            Of ("output", name) or ("spikes", name) to (n, n_steps, size) ndarray.
        """
        n = len(indices)
        running = {
            name: RunningClassification(n, int(np.prod(shape)), self.start_step)
            for name, shape in self.output_shapes.items()
        }
        counts: dict[str, Any] = {layer.name: 0.0 for layer in self.layers}
        series: dict[tuple[str, str], list[np.ndarray]] = {key: [] for key in self.series}
        predictions = []
        for values in chunks:
            for name, summed in running.items():
                found = summed.update(values["output", name], predict=self.labels is not None)
                if found is not None:
                    predictions.append(found)
                if ("output", name) in series:
                    series["output", name].append(values["output", name].astype(np.float32))
            for layer in self.layers:
                # a spike has the height amplitude / dt
                spikes = values["spikes", layer.name] * (self.dt / layer.amplitude)
                counts[layer.name] = counts[layer.name] + spikes.sum(axis=1)
                if ("spikes", layer.name) in series:
                    series["spikes", layer.name].append(spikes > 0.5)
        if self.labels is not None:
            right = np.concatenate(predictions, axis=1) == self.labels[indices][:, np.newaxis]
            self.n_correct += right.sum(axis=0)
        for name, summed in running.items():
            self.means[name].append(summed.means)
        for layer in self.layers:
            self.counters[layer.name].add(counts[layer.name])
        for key, parts in series.items():
            self.series[key].append(np.concatenate(parts, axis=1))
        self.n_samples += n

    def facts(self) -> dict[str, Any]:
        """Return the fields of a `Prediction` that the run has given."""
        return {
            "outputs": {
                name: np.concatenate(
                    [np.empty((0, int(np.prod(shape)))), *self.means[name]]
                ).reshape(-1, *shape)
                for name, shape in self.output_shapes.items()
            },
            "firing_rates": {name: c.statistics() for name, c in self.counters.items()},
            "mean_rates": {name: c.mean_rates for name, c in self.counters.items()},
            "spikes": self._kept(
                "spikes", "spikes", {ly.name: (ly.n_neurons,) for ly in self.layers}
            ),
            "outputs_over_time": self._kept("outputs", "output", self.output_shapes),
        }

    @property
    def accuracy_over_time(self) -> np.ndarray:
        """Fraction of samples classified correctly at each step; NaN without samples."""
        return self.n_correct / self.n_samples if self.n_samples else self.n_correct * np.nan

    def _kept(
        self, kept: str, kind: str, shapes: Mapping[str, tuple[int, ...]]
    ) -> dict[str, np.ndarray] | None:
        if kept not in self.keep:
            return None
        dtype = bool if kind == "spikes" else np.float32
        return {
            name: np.concatenate(
                [
                    np.empty((0, self.n_steps, int(np.prod(shape))), dtype),
                    *self.series[kind, name],
                ]
            ).reshape(-1, self.n_steps, *shape)
            for name, shape in shapes.items()
        }
