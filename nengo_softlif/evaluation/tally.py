"""What a run adds up: outputs in the readout window, firing rates, and whole series if kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nengo_softlif.analysis.firing_rates import RateCounter
from nengo_softlif.analysis.readout import Readout
from nengo_softlif.evaluation.targets import Targets
from nengo_softlif.networks import Layer
from nengo_softlif.networks.names import ByName

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
    ) -> None:
        self.layers, self.output_shapes = layers, outputs
        self.n_steps, self.start_step, self.dt = n_steps, start_step, dt
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
        self._scores = {name: np.zeros(n_steps) for name in outputs}
        self._targets: dict[str, list[Targets]] = {name: [] for name in outputs}
        self.n_samples = 0

    def take(self, n_samples: int, chunks: Iterable[Chunk], targets: Mapping[str, Targets]) -> None:
        """Take what a batch of samples gave.

        Parameters
        ----------
        n_samples : int
        chunks : iterable of dict
            Of ("output", name) or ("spikes", name) to (n_samples, n_steps, size) ndarray.
        targets : dict of str to Targets
            Of these samples, by output: compared with the outputs in every step.
        """
        readouts = {
            name: Readout(n_samples, self.n_outputs(name), self.start_step)
            for name in self.output_shapes
        }
        scores = {name: np.zeros(self.n_steps) for name in targets}
        counts: dict[str, Any] = {layer.name: 0.0 for layer in self.layers}
        series: dict[tuple[str, str], list[np.ndarray]] = {key: [] for key in self.series}
        for values in chunks:
            for name, readout in readouts.items():
                outputs = values["output", name]
                for sums, n_summed in readout.take(outputs):
                    if name in scores:
                        found = targets[name].score(sums, n_summed)
                        scores[name][readout.step - 1] = found.sum()
                if ("output", name) in series:
                    series["output", name].append(outputs.astype(np.float32))
            for layer in self.layers:
                # a spike has the height amplitude / dt
                spikes = values["spikes", layer.name] * (self.dt / layer.amplitude)
                counts[layer.name] = counts[layer.name] + spikes.sum(axis=1)
                if ("spikes", layer.name) in series:
                    series["spikes", layer.name].append(spikes > 0.5)
        for name, found in scores.items():
            self._scores[name] += found
            self._targets[name].append(targets[name])
        for name, readout in readouts.items():
            self.means[name].append(readout.means)
        for layer in self.layers:
            self.counters[layer.name].add(counts[layer.name])
        for key, parts in series.items():
            self.series[key].append(np.concatenate(parts, axis=1))
        self.n_samples += n_samples

    def facts(self) -> dict[str, Any]:
        """Return the fields of a `Prediction` that the run has given."""
        outputs = {
            name: np.concatenate([np.empty((0, self.n_outputs(name))), *self.means[name]]).reshape(
                -1, *shape
            )
            for name, shape in self.output_shapes.items()
        }
        mean_rates = {name: c.mean_rates for name, c in self.counters.items()}
        neurons = {layer.name: (layer.n_neurons,) for layer in self.layers}
        return {
            "outputs": ByName("output", outputs),
            "firing_rates": ByName(
                "layer", {name: c.statistics() for name, c in self.counters.items()}
            ),
            "mean_rates": ByName("layer", mean_rates),
            "spikes": self._kept("spikes", "spikes", "layer", neurons),
            "outputs_over_time": self._kept("outputs", "output", "output", self.output_shapes),
        }

    def n_outputs(self, name: str) -> int:
        """Number of values of an output of a sample."""
        return int(np.prod(self.output_shapes[name]))

    def targets_after(self, name: str, first: Targets) -> Targets:
        """Targets of an output of all samples so far; ``first`` says of which kind they are."""
        return first.part(np.arange(0)).followed_by(self._targets[name])

    def score_over_time(self, name: str) -> np.ndarray:
        """Mean score of an output at each step, (n_steps,); NaN without samples."""
        return (
            self._scores[name] / self.n_samples if self.n_samples else self._scores[name] * np.nan
        )

    def _kept(
        self, kept: str, kind: str, of: str, shapes: Mapping[str, tuple[int, ...]]
    ) -> dict[str, np.ndarray] | None:
        if kept not in self.keep:
            return None
        dtype = bool if kind == "spikes" else np.float32
        series = {
            name: np.concatenate(
                [
                    np.empty((0, self.n_steps, int(np.prod(shape))), dtype),
                    *self.series[kind, name],
                ]
            ).reshape(-1, self.n_steps, *shape)
            for name, shape in shapes.items()
        }
        return ByName(of, series)
