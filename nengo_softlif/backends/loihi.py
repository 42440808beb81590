"""The Loihi emulator, compiled: `nengo_softlif.loihi.Simulator`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import nengo
import numpy as np

from nengo_softlif.backends.session import OneByOneSession
from nengo_softlif.errors import BackendError
from nengo_softlif.loihi.emulator.simulator import Simulator
from nengo_softlif.loihi.extensions.split import refusals_of_placement, refusals_of_pooling

__all__ = ["LoihiSession"]


class LoihiSession(OneByOneSession):
    """Samples in parallel, unless host and chip have to wait for each other in every step."""

    supports_batches = True
    supports_threads = True
    default_batch_size = 128

    def make_simulator(self, net: nengo.Network, dt: float, seed: int) -> Simulator:
        """Build the compiled emulator."""
        reasons = [*refusals_of_placement(net), *refusals_of_pooling(net)]
        if reasons:
            raise BackendError("\n".join(reasons))
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
        if not self._parallel:
            yield from super().present(samples, n_steps)
            return
        inputs = {self.setup.inputs[name]: values for name, values in samples.items()}
        accumulated = [self.probes[name] for name in self.setup.accumulated]
        values = self.sim.run_batch(
            inputs, n_steps, accumulated=accumulated, threads=self.setup.threads
        )
        yield {name: values[probe] for name, probe in self.probes.items()}
