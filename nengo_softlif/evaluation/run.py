"""Present samples to a network on a backend: what `predict` and `evaluate` share."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from nengo_softlif import backends
from nengo_softlif.analysis.firing_rates import ALMOST
from nengo_softlif.errors import BackendError, DatasetError, ParameterError, add_note, warn
from nengo_softlif.evaluation.presentation import Presentation
from nengo_softlif.evaluation.tally import Chunk, Tally
from nengo_softlif.evaluation.targets import Targets
from nengo_softlif.networks import RunnableNetwork, Samples
from nengo_softlif.networks.streams import blocks, is_stream
from nengo_softlif.validation import check_bool, check_integer, check_seed, check_type

__all__ = ["Block", "Run", "checked_network"]

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


@dataclass(frozen=True, eq=False)
class Block:
    """Samples, and what their outputs are compared with.

    Parameters
    ----------
    samples : Samples
    targets : dict of str to Targets
        By output; empty without labels.
    is_whole : bool
        Whether there are no other blocks, as far as is known.
    """

    samples: Samples
    targets: Mapping[str, Targets]
    is_whole: bool

    @classmethod
    def of_all(
        cls,
        network: RunnableNetwork,
        x: Any,
        y: Any = None,
        targets_of: Callable[[Any, int], Mapping[str, Targets]] | None = None,
    ) -> Iterator[Block]:
        """Check data and labels block by block; an array is a single block.

        Parameters
        ----------
        network : RunnableNetwork
        x, y
            As for `nengo_softlif.networks.blocks`.
        targets_of : callable, optional
            Makes targets of the labels of a block and its number of samples; without it there are
            no labels.

        Yields
        ------
        block : Block
        """
        is_whole = not is_stream(x)
        parts = blocks(network.input_shapes, x, y, has_labels=targets_of is not None)
        first = 0
        for part, labels in parts:
            try:
                samples = Samples.check(network.input_shapes, part, first=first)
                targets = targets_of(labels, len(samples)) if targets_of is not None else {}
            except DatasetError as error:
                if first:
                    add_note(error, f"in the part of the stream that begins with sample {first}")
                raise
            _warn_of_range(network, samples)
            yield cls(samples, targets, is_whole)
            first += len(samples)


def _warn_of_range(network: RunnableNetwork, samples: Samples) -> None:
    """Warn of values far from those that the network was made for."""
    for name, (low, high) in samples.ranges.items():
        expected = network.input_ranges.get(name)
        if expected is None:
            continue
        width = max(expected[1] - expected[0], np.finfo(float).tiny)
        if low < expected[0] - width or high > expected[1] + width:
            warn(
                f"{name}: values are from {low:.4g} to {high:.4g}, but the network was verified or "
                f"calibrated with values from {expected[0]:.4g} to {expected[1]:.4g}; scale the "
                "samples as in training"
            )


def _is_converted_from_rates(network: RunnableNetwork) -> bool:
    """Whether activations were scaled to rates; networks trained in spikes have a presentation."""
    return getattr(network, "presentation", network) is None


def _warn_of_saturation(network: RunnableNetwork, rates: Mapping[str, Any], dt: float) -> None:
    """Warn of layers in which many neurons fire as fast as they can, which cuts activations off."""
    for layer in network.layers:
        limit = layer.max_rate(dt)
        if rates[layer.name].percentiles[95] >= ALMOST * limit:
            warn(
                f"{layer.name}: for more than 5 % of neurons and samples the firing rate is at its "
                f"limit of {limit:g} Hz, so that larger activations are cut off; convert with "
                "target_rates and calibration samples"
            )


def _of_network(network: RunnableNetwork, samples: Samples) -> Presentation:
    """The presentation that a network was trained with, or else the usual one."""
    trained = getattr(network, "presentation", None)
    if trained is None:
        return Presentation()
    if samples.n_steps is None:
        return trained
    if (samples.n_steps != trained.n_steps()).any():
        raise ParameterError(
            f"presentation must be given for samples of other than the {trained.n_steps()} time "
            f"steps that the network was trained with (got {samples.n_steps.min()} to "
            f"{samples.n_steps.max()}); pass presentation=nengo_softlif.Presentation("
            "classify_from=...), with the time in seconds from when the output counts"
        )
    return replace(trained, encoding=None)


class Run:
    """Blocks of samples and everything that says how they are run.

    Parameters
    ----------
    network : RunnableNetwork
    blocks : iterator of Block
        At least one; all of the same kind.
    outputs : collection of str, optional
        Outputs to record; by default those that have targets.
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
    """

    def __init__(
        self,
        network: RunnableNetwork,
        blocks: Iterator[Block],
        outputs: Collection[str] | None = None,
        *,
        backend: str,
        presentation: Presentation | None,
        keep: str | Collection[str],
        seed: int,
        batch_size: int | None,
        threads: int | None,
        progress: bool,
    ) -> None:
        if presentation is not None:
            advice = "make one with nengo_softlif.Presentation"
            check_type("presentation", presentation, Presentation, advice)
        if batch_size is not None:
            check_integer("batch_size", batch_size, minimum=1)
        if threads is not None:
            check_integer("threads", threads, minimum=1)
        check_bool("progress", progress)
        self.network = network
        self.backend, self.seed = backend, check_seed("seed", seed)
        self.batch_size, self.threads, self.progress = batch_size, threads, progress
        self.keep = _checked_keep(keep)
        self._first = next(blocks)  # has the number of time steps
        self._rest = blocks
        samples = self._first.samples
        shown = _of_network(network, samples) if presentation is None else presentation
        if shown.encoding is not None and samples.time_varying:
            raise ParameterError(
                f"encoding must be None for samples that change over time (got {shown.encoding}); "
                "encode constant samples, or pass their spikes"
            )
        self._shown = shown
        self._planned = self._steps_of(self._first, 0)
        shown.start_step(int(self._planned.min()))  # the readout window of none may be empty
        self.tally = Tally(
            network.layers,
            network.input_shapes,
            {name: tuple(network.output_shapes[name]) for name in outputs or self._first.targets},
            presentation=shown,
            longest=int(self._planned.max()),
            keep=self.keep,
        )
        self.interrupted = True
        self._start = self._built = time.perf_counter()

    def __call__(self) -> None:
        """Run all samples; after an interrupt the tally has those of complete batches."""
        opened = backends.get(self.backend)
        self._start = self._built = time.perf_counter()
        with opened.open(self._setup()) as session, self._bar() as advance:
            self._built = time.perf_counter()
            first = 0
            for block in chain([self._first], self._rest):
                self._check_kind(block.samples)
                steps = self._steps_of(block, first)
                for indices, batch in block.samples.batches(session.batch_size, steps):
                    targets = {name: t.part(indices) for name, t in block.targets.items()}
                    numbers, n_steps = first + indices, int(steps[indices[0]])
                    sent = self._encoded(batch, numbers, n_steps)
                    chunks = self._chunks(session, sent, len(indices), n_steps)
                    self.tally.take(numbers, n_steps, chunks, targets, sent)
                    advance(len(indices))
                first += len(block.samples)
            if self._shown.time is not None:  # of which there may be one for each sample
                self._shown.steps_of(first)
        self.interrupted = False

    def progress_so_far(self) -> str:
        """Describe an interrupted run."""
        total = f" of {len(self._first.samples):,}" if self._first.is_whole else ""
        return f"interrupted after {self.tally.n_samples:,}{total} samples"

    def facts(self) -> dict[str, Any]:
        """Return the fields of a `Prediction`."""
        facts = self.tally.facts()
        if _is_converted_from_rates(self.network) and self.tally.n_samples:
            _warn_of_saturation(self.network, facts["firing_rates"], self._shown.dt)
        return {
            "network": self.network,
            "backend": self.backend,
            "presentation": self._filled_in(),
            "build_time": self._built - self._start,
            "wall_time": time.perf_counter() - self._built,
            "interrupted": self.interrupted,
            **facts,
        }

    @property
    def first_targets(self) -> Mapping[str, Targets]:
        """Targets of the first block, by output."""
        return self._first.targets

    def _steps_of(self, block: Block, first: int) -> np.ndarray:
        """Time steps for which each sample of a block is shown, which starts at the ``first``."""
        samples = block.samples
        n = len(samples)
        shown = self._shown if block.is_whole else self._shown.part(first, first + n)
        return shown.steps_of(n, samples.n_steps)

    def _filled_in(self) -> Presentation:
        """The presentation with the times of the samples that were run."""
        shown, n_steps = self._shown, self.tally.n_steps
        if not len(n_steps):
            n_steps = self._planned
        times = np.round(n_steps * shown.dt, 12).tolist()
        if n_steps.min() < n_steps.max():
            return replace(shown, time=times)
        start = round(shown.start_step(int(n_steps[0])) * shown.dt, 12)
        return replace(shown, time=times[0], classify_from=start)

    def _check_kind(self, samples: Samples) -> None:
        first = self._first.samples
        if samples.time_varying != first.time_varying:
            raise DatasetError(
                "the same inputs must change over time in all samples of a stream (got "
                f"{', '.join(first.time_varying) or 'none'} first, then "
                f"{', '.join(samples.time_varying) or 'none'})"
            )

    def _setup(self) -> backends.Setup:
        network = self.network
        spikes = {f"spikes of {layer.name}": layer.neurons for layer in network.layers}
        outputs = {f"output {name}": network.outputs[name] for name in self.tally.output_shapes}
        encoded = self._shown.encoding is not None
        return backends.Setup(
            net=network.net,
            inputs=network.inputs,
            probed={**outputs, **spikes},
            dt=self._shown.dt,
            seed=self.seed,
            batch_size=self.batch_size,
            threads=self.threads,
            accumulated=() if "spikes" in self.keep else tuple(spikes),
            time_varying=tuple(network.inputs) if encoded else self._first.samples.time_varying,
            aligned=getattr(network, "presentation", None) is not None,
        )

    def _chunks(
        self,
        session: backends.Session,
        sent: dict[str, np.ndarray],
        n_samples: int,
        n_steps: int,
    ) -> Iterator[Chunk]:
        encoding = self._shown.encoding
        if encoding is not None:
            height = encoding.amplitude / self._shown.dt
            sent = {
                name: np.multiply(trains, height, dtype=np.float32) for name, trains in sent.items()
            }
        for values in session.present(sent, n_steps):
            self._check_values(values, n_samples)
            chunk: dict[tuple[str, str], np.ndarray] = {
                ("output", name): values[f"output {name}"] for name in self.tally.output_shapes
            }
            for layer in self.network.layers:
                chunk["spikes", layer.name] = values[f"spikes of {layer.name}"]
            yield chunk

    def _check_values(self, values: Any, n_samples: int) -> None:
        """Raise unless a session, which may be another package's, has yielded arrays."""
        sizes = {f"output {n}": prod(shape) for n, shape in self.tally.output_shapes.items()}
        sizes |= {f"spikes of {layer.name}": layer.n_neurons for layer in self.network.layers}
        found = values if isinstance(values, Mapping) else {}
        for name, size in sizes.items():
            got = found.get(name)
            what = type(got if found else values).__name__
            if isinstance(got, np.ndarray):
                is_right = got.ndim == 3 and (got.shape[0], got.shape[2]) == (n_samples, size)
                if is_right and got.dtype.kind in "fiub":
                    continue
                what = f"shape {got.shape} of {got.dtype}"
            raise BackendError(
                f"the session of backend {self.backend!r} must yield a dict of numpy arrays, of "
                f"the shape ({n_samples}, n_steps, {size}) for {name!r} (got {what}); make its "
                "method present do so"
            )

    def _encoded(
        self, batch: dict[str, np.ndarray], numbers: np.ndarray, n_steps: int
    ) -> dict[str, np.ndarray]:
        """Samples as spikes, each drawn by its own number, so that batches make no difference."""
        encoding, dt = self._shown.encoding, self._shown.dt
        if encoding is None:
            return batch
        return {
            name: np.array(
                [
                    encoding.encode(value[np.newaxis], n_steps, dt=dt, seed=(self.seed, int(i)))[0]
                    for i, value in zip(numbers, values, strict=True)
                ]
            )
            for name, values in batch.items()
        }

    @contextmanager
    def _bar(self) -> Iterator[Callable[[int], None]]:
        """Show a progress bar; yields the function that advances it by a number of samples."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, transient=True, disable=not self.progress) as bar:
            total = len(self._first.samples) if self._first.is_whole else None
            task = bar.add_task("samples", total=total)
            yield lambda n: bar.advance(task, n)


def _checked_keep(keep: str | Collection[str]) -> frozenset[str]:
    given = [keep] if isinstance(keep, str) else keep
    if not isinstance(given, Collection) or any(name not in KEEP for name in given):
        raise ParameterError(
            f"keep must be any of {', '.join(map(repr, KEEP))} (got {keep!r}); outputs are kept "
            "over time, spikes for every neuron"
        )
    return frozenset(given)
