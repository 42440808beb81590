"""NengoDL: TensorFlow on the CPU, minibatches."""

from __future__ import annotations

import warnings
from functools import cache

import nengo
import numpy as np

import nengo_softlif  # noqa: F401  (makes NengoDL work on today's TensorFlow)
from benchmarks.networks import DT, spiking_network


def build(network, n_steps, batch_size, unroll=1):
    """Make a function that presents a minibatch; see `benchmarks.competitors`."""
    import nengo_dl

    warnings.filterwarnings("ignore", message="No GPU support detected")
    warnings.filterwarnings("ignore", message=".*deallocated while open")

    @cache
    def simulator(count):
        spiking = spiking_network(network)
        with spiking.net:
            nengo_dl.configure_settings(inference_only=True, stateful=False)
            probe = nengo.Probe(spiking.output)
            spikes = [nengo.Probe(layer.neurons) for layer in spiking.layers] if count else []
        sim = nengo_dl.Simulator(
            spiking.net,
            dt=DT,
            minibatch_size=batch_size,
            unroll_simulation=unroll,
            progress_bar=False,
        )
        return spiking, sim, probe, spikes

    def present(images, count=False):
        spiking, sim, probe, spikes = simulator(count)
        x = images.reshape(len(images), 1, -1).astype(np.float32)
        data = sim.predict_on_batch({spiking.input: np.repeat(x, n_steps, axis=1)})
        outputs = data[probe].sum(axis=1)
        if not count:
            return outputs, None
        return outputs, [
            np.rint(data[p].sum(axis=1) * (DT / layer.amplitude)).astype(np.int32)
            for p, layer in zip(spikes, spiking.layers, strict=True)
        ]

    simulator(False)
    return present
