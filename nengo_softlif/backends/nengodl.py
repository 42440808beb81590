"""`nengo_dl.Simulator`: TensorFlow on CPU or GPU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import nengo_dl
import numpy as np

import nengo_softlif.nengodl  # noqa: F401  (builders of our neuron types)
from nengo_softlif.backends.python_steps import PythonSteps
from nengo_softlif.backends.session import Session
from nengo_softlif.compat import check_tensorflow_not_forked

__all__ = ["NengoDLSession"]


class NengoDLSession(Session):
    """Samples side by side in TensorFlow's arrays."""

    supports_batches = True
    default_batch_size = 50

    def build(self) -> None:
        """Build a `nengo_dl.Simulator` for batches of one size."""
        check_tensorflow_not_forked("the backend 'nengo_dl'")
        self.sim = nengo_dl.Simulator(
            self.net,
            dt=self.setup.dt,
            seed=self.setup.seed,
            minibatch_size=self.batch_size,
            progress_bar=False,
        )
        self._python_steps = PythonSteps(self.sim)

    def present(
        self, samples: Mapping[str, np.ndarray], n_steps: int
    ) -> Iterator[dict[str, np.ndarray]]:
        """Present a batch; a smaller one is filled up with its last sample."""
        setup = self.setup
        n_samples = len(next(iter(samples.values())))
        order = np.minimum(np.arange(self.batch_size), n_samples - 1)
        batch = {name: values[order].astype(np.float32) for name, values in samples.items()}
        # NengoDL counts weights that a learning rule changes as trainable
        self.sim.reset(include_trainable=True)
        start = 0
        for steps in self.chunks(n_steps):
            data = {
                setup.inputs[name]: values[:, start : start + steps]
                if name in setup.time_varying
                else np.repeat(values[:, np.newaxis], steps, axis=1)
                for name, values in batch.items()
            }
            start += steps
            with self._python_steps.named_errors():
                result = self.sim.predict_on_batch(data, n_steps=steps, stateful=True)
            yield {name: result[probe][:n_samples] for name, probe in self.probes.items()}
