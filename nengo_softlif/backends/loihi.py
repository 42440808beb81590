"""The Loihi emulator, compiled: `nengo_softlif.loihi.Simulator`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import nengo
import numpy as np

from nengo_softlif.backends.session import OneByOneSession, Setup
from nengo_softlif.errors import BackendError
from nengo_softlif.loihi.emulator.simulator import Simulator
from nengo_softlif.loihi.extensions.split import (
    choose_split,
    refusals_of_placement,
    refusals_of_processes,
)
from nengo_softlif.loihi.latency import Latencies

__all__ = ["LoihiSession"]


class LoihiSession(OneByOneSession):
    """Samples in parallel, unless host and chip have to wait for each other in every step.

    Spikes take a step from layer to layer. If the setup asks for it, each sample is run for as many
    steps longer, and the first steps of what a layer does, before its input arrives, are left out.
    """

    supports_batches = True
    supports_threads = True
    default_batch_size = 128

    def __init__(self, setup: Setup) -> None:
        # sums over all steps would have those before the input arrives in them
        super().__init__(replace(setup, accumulated=()) if setup.aligned else setup)

    def make_simulator(self, net: nengo.Network, dt: float, seed: int) -> Simulator:
        """Build the compiled emulator."""
        reasons = [*refusals_of_placement(net), *refusals_of_processes(net)]
        if reasons:
            raise BackendError("\n".join(reasons))
        if not self.setup.aligned:
            self._lags = dict.fromkeys(self.probes, 0)
            return Simulator(net, dt=dt, seed=seed, progress_bar=False)
        latencies = Latencies(net, choose_split(net), list(self.setup.inputs.values()))
        self._lags = {name: latencies.of(probe.target) for name, probe in self.probes.items()}
        with _delayed(latencies.of_biases, dt):
            return Simulator(net, dt=dt, seed=seed, progress_bar=False)

    def build(self) -> None:
        """Build the emulator, and find out whether samples can run in parallel."""
        super().build()
        self._parallel = self.sim.precompute
        self.batch_size = self.fitting_batch_size(8) if self._parallel else 1

    def present(
        self, samples: Mapping[str, np.ndarray], n_steps: int
    ) -> Iterator[dict[str, np.ndarray]]:
        """Present a batch of samples, in parallel in one chunk or one sample in several."""
        longest = max(self._lags.values(), default=0)
        if not longest:
            yield from self._present(samples, n_steps)
            return
        longer = {
            name: np.pad(values, ((0, 0), (0, longest), (0, 0))) if values.ndim == 3 else values
            for name, values in samples.items()
        }
        chunks = list(self._present(longer, n_steps + longest))
        yield {
            name: np.concatenate([chunk[name] for chunk in chunks], axis=1)[:, lag : lag + n_steps]
            for name, lag in self._lags.items()
        }

    def _present(self, samples, n_steps):
        if not self._parallel:
            yield from super().present(samples, n_steps)
            return
        inputs = {self.setup.inputs[name]: values for name, values in samples.items()}
        accumulated = [self.probes[name] for name in self.setup.accumulated]
        values = self.sim.run_batch(
            inputs, n_steps, accumulated=accumulated, threads=self.setup.threads
        )
        yield {name: values[probe] for name, probe in self.probes.items()}


@contextmanager
def _delayed(nodes: Mapping[nengo.Node, int], dt: float) -> Iterator[None]:
    """Let nodes put out zeros for some steps first, in a simulator that is built meanwhile."""
    before = {node: node.output for node in nodes}
    try:
        for node, steps in nodes.items():
            node.output = _beginning_after(steps * dt, np.asarray(node.output), dt)
        yield
    finally:
        for node, output in before.items():
            node.output = output


def _beginning_after(start, value, dt):
    return lambda t: value if t > start + dt / 2 else 0 * value
