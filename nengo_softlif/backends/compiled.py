"""The compiled simulator of this package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from nengo.builder import Model

from nengo_softlif.backends.session import Session
from nengo_softlif.simulator.batches import Batch
from nengo_softlif.simulator.plan import in_order

__all__ = ["CompiledSession"]


class CompiledSession(Session):
    """Samples in parallel, in single precision, all steps in one go; sums are made on the fly."""

    supports_batches = True
    supports_threads = True
    default_batch_size = 128

    _dtype = np.dtype(np.float32)

    def build(self) -> None:
        """Compile the model for presentations."""
        setup = self.setup
        model = Model(dt=setup.dt)
        model.build(self.net)
        operators, _ = in_order(model)
        self.sim = Batch(
            model,
            operators,
            {name: model.sig[node]["out"] for name, node in setup.inputs.items()},
            {name: model.sig[probe]["in"] for name, probe in self.probes.items()},
            self._dtype,
            accumulated=setup.accumulated,
            time_varying=setup.time_varying,
            threads=setup.threads,
            seed=setup.seed,
        )
        self.batch_size = self.fitting_batch_size(self._dtype.itemsize)

    def present(
        self, samples: Mapping[str, np.ndarray], n_steps: int
    ) -> Iterator[dict[str, np.ndarray]]:
        """Present a batch of samples in one chunk."""
        yield self.sim.run(samples, n_steps)

    def close(self) -> None:
        """Free the memory of the simulator."""
        self.sim = None
