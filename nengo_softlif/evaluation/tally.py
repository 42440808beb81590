"""What a run adds up: outputs in the readout window, firing rates, and whole series if kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nengo_softlif.analysis.firing_rates import RateCounter
from nengo_softlif.analysis.input_activity import InputCounter
from nengo_softlif.analysis.readout import Readout
from nengo_softlif.errors import BackendError
from nengo_softlif.evaluation.presentation import Presentation
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
    inputs : dict of str to tuple of int
        Shape of each input of a sample.
    outputs : dict of str to tuple of int
        Shape of each output of a sample.
    presentation : Presentation
        Its time step and the start of the readout window.
    longest : int
        Time steps of the longest presentation that is planned.
    keep : collection of str
        "spikes", "outputs".
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        inputs: Mapping[str, tuple[int, ...]],
        outputs: Mapping[str, tuple[int, ...]],
        *,
        presentation: Presentation,
        longest: int,
        keep: Iterable[str] = (),
    ) -> None:
        self.layers, self.output_shapes = layers, outputs
        self.presentation = presentation
        self.counters = {
            layer.name: RateCounter(
                layer.n_neurons, presentation.dt, layer.max_rate(presentation.dt)
            )
            for layer in layers
        }
        self._sends_constants = (
            presentation.encoding is not None and presentation.encoding.is_constant
        )
        sends_spikes = presentation.encoding is not None and not self._sends_constants
        self.inputs = {
            name: InputCounter(int(np.prod(shape)), sends_spikes) for name, shape in inputs.items()
        }
        keys = {"outputs": [("output", name) for name in outputs]}
        keys["spikes"] = [("spikes", layer.name) for layer in layers]
        self.keep = set(keep)
        self.series: dict[tuple[str, str], list[np.ndarray]] = {
            key: [] for kind in self.keep for key in keys[kind]
        }
        self.means: dict[str, list[np.ndarray]] = {name: [] for name in outputs}
        self._scores = {name: np.zeros(1) for name in outputs}
        self._targets: dict[str, list[Targets]] = {name: [] for name in outputs}
        self._planned = longest
        self._indices: list[np.ndarray] = []
        self._n_steps: list[np.ndarray] = []

    def take(
        self,
        indices: np.ndarray,
        n_steps: int,
        chunks: Iterable[Chunk],
        targets: Mapping[str, Targets],
        sent: Mapping[str, np.ndarray],
    ) -> None:
        """Take what a batch of samples gave.

        Parameters
        ----------
        indices : (n_samples,) ndarray of int
            Which samples of the data they are.
        n_steps : int
            Time steps for which they were shown.
        chunks : iterable of dict
            Of ("output", name) or ("spikes", name) to (n_samples, n_steps, size) ndarray.
        targets : dict of str to Targets
            Of these samples, by output: compared with the outputs in every step.
        sent : dict of str to (n_samples, size) or (n_samples, n_steps, size) ndarray
            Constant values of inputs, values in each step, or numbers of spikes of an encoding.
        """
        start_step = self.presentation.start_step(n_steps)
        readouts = {
            name: Readout(len(indices), self.n_outputs(name), start_step)
            for name in self.output_shapes
        }
        scores = {name: np.zeros(n_steps) for name in targets}
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
                spikes = values["spikes", layer.name] * (self.presentation.dt / layer.amplitude)
                counts[layer.name] = counts[layer.name] + spikes.sum(axis=1)
                if ("spikes", layer.name) in series:
                    series["spikes", layer.name].append(_as_counts(spikes))
        for name, readout in readouts.items():
            _check_finite(f"output {name!r}", readout.means)
        for name, found in counts.items():
            _check_finite(f"layer {name!r}", found)
        for name, found in scores.items():
            self._scores[name] = _held_sum(self._scores[name], found)
            self._targets[name].append(targets[name])
        for name, readout in readouts.items():
            self.means[name].append(readout.means)
        for layer in self.layers:
            self.counters[layer.name].add(counts[layer.name], n_steps)
        for name, values in sent.items():
            self.inputs[name].add(values[:, 0] if self._sends_constants else values)
        for key, parts in series.items():
            self.series[key].append(np.concatenate(parts, axis=1))
        self._indices.append(indices)
        self._n_steps.append(np.full(len(indices), n_steps))

    @property
    def n_samples(self) -> int:
        """Samples so far."""
        return sum(map(len, self._indices))

    @property
    def indices(self) -> np.ndarray:
        """Which samples of the data have been taken, (n_samples,), in ascending order."""
        return np.sort(np.concatenate([np.zeros(0, int), *self._indices]))

    @property
    def n_steps(self) -> np.ndarray:
        """Time steps for which each of these samples was shown, (n_samples,)."""
        return self._in_order(self._n_steps, (), int)

    @property
    def longest(self) -> int:
        """Time steps of results over time."""
        return int(self.n_steps.max()) if self.n_samples else self._planned

    def facts(self) -> dict[str, Any]:
        """Return the fields of a `Prediction` that the run has given."""
        outputs = {
            name: self._in_order(self.means[name], (self.n_outputs(name),)).reshape(-1, *shape)
            for name, shape in self.output_shapes.items()
        }
        mean_rates = {name: c.mean_rates for name, c in self.counters.items()}
        neurons = {layer.name: (layer.n_neurons,) for layer in self.layers}
        return {
            "n_samples": self.n_samples,
            "indices": self.indices,
            "n_steps": self.n_steps,
            "outputs": ByName("output", outputs),
            "firing_rates": ByName(
                "layer", {name: c.statistics() for name, c in self.counters.items()}
            ),
            "mean_rates": ByName("layer", mean_rates),
            "input_activity": ByName("input", {n: c.activity() for n, c in self.inputs.items()}),
            "spikes": self._kept("spikes", "spikes", "layer", neurons),
            "outputs_over_time": self._kept("outputs", "output", "output", self.output_shapes),
        }

    def n_outputs(self, name: str) -> int:
        """Number of values of an output of a sample."""
        return int(np.prod(self.output_shapes[name]))

    def targets_after(self, name: str, first: Targets) -> Targets:
        """Targets of an output of all samples so far; ``first`` says of which kind they are."""
        taken = first.part(np.arange(0)).followed_by(self._targets[name])
        return taken.part(np.argsort(np.concatenate([np.zeros(0, int), *self._indices])))

    def score_over_time(self, name: str) -> np.ndarray:
        """Mean score of an output at each step, (longest,); NaN without samples.

        The score of a sample that is no longer shown is that of its last step.
        """
        if not self.n_samples:
            return np.full(self.longest, np.nan)
        return self._scores[name] / self.n_samples

    def _kept(
        self, kept: str, kind: str, of: str, shapes: Mapping[str, tuple[int, ...]]
    ) -> dict[str, np.ndarray] | None:
        if kept not in self.keep:
            return None
        lowest = bool if kind == "spikes" else np.float32
        series = {}
        for name, shape in shapes.items():
            parts = self.series[kind, name]
            dtype = np.result_type(lowest, *parts)
            whole = self._in_order(parts, (self.longest, int(np.prod(shape))), dtype)
            series[name] = whole.reshape(-1, self.longest, *shape)
        return ByName(of, series)

    def _in_order(
        self, parts: Sequence[np.ndarray], shape: tuple[int, ...], dtype: Any = float
    ) -> np.ndarray:
        """Parts for each batch as one array in the order of the samples.

        What a part has not, since its samples were shown for a shorter time, is NaN or False.
        """
        filling = np.nan if np.issubdtype(dtype, np.floating) else 0
        whole = np.full((self.n_samples, *shape), filling, dtype)
        in_order = self.indices
        for indices, part in zip(self._indices, parts, strict=True):
            rows = np.searchsorted(in_order, indices)
            if len(shape) == 2:
                whole[rows, : part.shape[1]] = part
            else:
                whole[rows] = part
        return whole


def _as_counts(spikes: np.ndarray) -> np.ndarray:
    """Spikes of each step as booleans, or as integers if there are several or negative ones."""
    counts = np.rint(spikes)
    if np.all((counts == 0) | (counts == 1)):
        return counts.astype(bool)
    return counts.astype(np.int16 if np.abs(counts).max() < 2**15 else np.int64)


def _check_finite(what: str, values: np.ndarray) -> None:
    """Raise if a simulation overflowed, as it does in silence."""
    if not np.isfinite(values).all():
        raise BackendError(
            f"{what} became infinite or NaN: values of the network are too large for the precision "
            "of the backend; scale samples and weights down"
        )


def _held_sum(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Sum of two series, the shorter one with its last value held."""
    longest = max(len(a), len(b))
    a, b = (np.pad(x, (0, longest - len(x)), mode="edge") for x in (a, b))
    return a + b
