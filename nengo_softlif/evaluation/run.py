"""Present samples to a network on a backend: what `predict` and `evaluate` share."""

from __future__ import annotations

import time
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from nengo_softlif import backends
from nengo_softlif.errors import ParameterError
from nengo_softlif.evaluation.presentation import Presentation
from nengo_softlif.evaluation.tally import Chunk, Tally
from nengo_softlif.evaluation.targets import Targets
from nengo_softlif.functional.encoding import Encoding
from nengo_softlif.networks import RunnableNetwork, Samples
from nengo_softlif.validation import check_integer, check_seed, check_type

__all__ = ["Run", "checked_network", "checked_samples"]

KEEP = ("outputs", "spikes")


def checked_network(network: Any) -> RunnableNetwork:
    """Refuse what can't be run, with advice on how to make a network that can."""
    if not isinstance(network, RunnableNetwork):
        raise ParameterError(
            f"the network must be a spiking network (got {type(network).__name__}); make one with "
            "nengo_softlif.convert(model), or with nengo_softlif.wrap(net, ...) from a Nengo "
            "network of your own"
        )
    return network


def checked_samples(network: RunnableNetwork, x: Any) -> Samples:
    """Check samples against a network; warn of values far from those that it was made for."""
    samples = Samples.check(network.input_shapes, x)
    for name, (low, high) in samples.ranges.items():
        expected = network.input_ranges.get(name)
        if expected is None:
            continue
        width = max(expected[1] - expected[0], np.finfo(float).tiny)
        if low < expected[0] - width or high > expected[1] + width:
            warnings.warn(
                f"{name}: values are from {low:.4g} to {high:.4g}, but the network was verified or "
                f"calibrated with values from {expected[0]:.4g} to {expected[1]:.4g}; scale the "
                "samples as in training",
                stacklevel=4,
            )
    return samples


class Run:
    """Samples and everything that says how they are run.

    Parameters
    ----------
    network : RunnableNetwork
    samples : Samples
    outputs : collection of str
        Outputs to record.
    backend : str
    presentation : Presentation, optional
    keep : str or collection of str
    seed : int
    batch_size, threads : int, optional
    progress : bool

    Attributes
    ----------
    tally : Tally
        What has been added up so far.
    presentation : Presentation
        With all times filled in.
    """

    def __init__(
        self,
        network: RunnableNetwork,
        samples: Samples,
        outputs: Collection[str],
        *,
        backend: str,
        presentation: Presentation | None,
        keep: str | Collection[str],
        seed: int,
        batch_size: int | None,
        threads: int | None,
        progress: bool,
        targets: Mapping[str, Targets] | None = None,
    ) -> None:
        shown = Presentation() if presentation is None else presentation
        check_type("presentation", shown, Presentation, "make one with nengo_softlif.Presentation")
        if shown.encoding is not None and samples.time_varying:
            raise ParameterError(
                f"encoding must be None for samples that change over time (got {shown.encoding}); "
                "encode constant samples, or pass their spikes"
            )
        if batch_size is not None:
            check_integer("batch_size", batch_size, minimum=1)
        if threads is not None:
            check_integer("threads", threads, minimum=1)
        n_steps = shown.n_steps(samples.n_steps)
        start_step = shown.start_step(n_steps)
        self.presentation = replace(
            shown,
            time=round(n_steps * shown.dt, 12),
            classify_from=round(start_step * shown.dt, 12),
        )
        self.network, self.samples = network, samples
        self.backend, self.seed = backend, check_seed("seed", seed)
        self.batch_size, self.threads, self.progress = batch_size, threads, progress
        self.keep = _checked_keep(keep)
        self.n_steps = n_steps
        self.tally = Tally(
            network.layers,
            {name: tuple(network.output_shapes[name]) for name in outputs},
            n_steps=n_steps,
            start_step=start_step,
            dt=shown.dt,
            keep=self.keep,
            targets=targets,
        )
        self._start = self._built = time.perf_counter()

    def __call__(self) -> None:
        """Run all samples; after an interrupt the tally has those of complete batches."""
        opened = backends.get(self.backend)
        self._start = self._built = time.perf_counter()
        with opened.open(self._setup()) as session:
            self._built = time.perf_counter()
            for indices, batch in self._progress(session.batch_size):
                self.tally.take(indices, self._chunks(session, indices, batch))

    def progress_so_far(self) -> str:
        """Describe an interrupted run."""
        return f"interrupted after {self.tally.n_samples} of {len(self.samples)} samples"

    def facts(self) -> dict[str, Any]:
        """Return the fields of a `Prediction`."""
        return {
            "network": self.network,
            "backend": self.backend,
            "presentation": self.presentation,
            "n_samples": self.tally.n_samples,
            "build_time": self._built - self._start,
            "wall_time": time.perf_counter() - self._built,
            "interrupted": self.tally.n_samples < len(self.samples),
            **self.tally.facts(),
        }

    def _setup(self) -> backends.Setup:
        network = self.network
        spikes = {f"spikes of {layer.name}": layer.neurons for layer in network.layers}
        outputs = {f"output {name}": network.outputs[name] for name in self.tally.output_shapes}
        encoded = self.presentation.encoding is not None
        return backends.Setup(
            net=network.net,
            inputs=network.inputs,
            probed={**outputs, **spikes},
            dt=self.presentation.dt,
            seed=self.seed,
            batch_size=self.batch_size,
            threads=self.threads,
            accumulated=() if "spikes" in self.keep else tuple(spikes),
            time_varying=tuple(network.inputs) if encoded else self.samples.time_varying,
        )

    def _chunks(
        self, session: backends.Session, indices: np.ndarray, batch: dict[str, np.ndarray]
    ) -> Iterator[Chunk]:
        shown = self.presentation
        if shown.encoding is not None:
            batch = {
                name: _encoded(shown.encoding, values, indices, self.n_steps, shown.dt, self.seed)
                for name, values in batch.items()
            }
        for values in session.present(batch, self.n_steps):
            chunk: dict[tuple[str, str], np.ndarray] = {
                ("output", name): values[f"output {name}"] for name in self.tally.output_shapes
            }
            for layer in self.network.layers:
                chunk["spikes", layer.name] = values[f"spikes of {layer.name}"]
            yield chunk

    def _progress(self, batch_size: int) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """Go through batches of samples, with a progress bar."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, transient=True, disable=not self.progress) as bar:
            task = bar.add_task("samples", total=len(self.samples))
            for indices, batch in self.samples.batches(batch_size):
                yield indices, batch
                bar.advance(task, len(indices))


def _encoded(
    encoding: Encoding, values: np.ndarray, numbers: np.ndarray, n_steps: int, dt: float, seed: int
) -> np.ndarray:
    """Samples as spikes, each drawn by its own number, so that batches make no difference."""
    trains = [
        encoding.encode(value[np.newaxis], n_steps, dt=dt, seed=(seed, int(number)))[0]
        for value, number in zip(values, numbers, strict=True)
    ]
    return np.multiply(trains, encoding.amplitude / dt, dtype=np.float32)


def _checked_keep(keep: str | Collection[str]) -> frozenset[str]:
    kept = frozenset([keep] if isinstance(keep, str) else keep)
    if not kept <= set(KEEP):
        raise ParameterError(
            f"keep must be any of {', '.join(map(repr, KEEP))} (got {keep!r}); outputs are kept "
            "over time, spikes for every neuron"
        )
    return kept
