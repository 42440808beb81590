"""`nengo.Simulator`, the reference: one image after the other."""

from __future__ import annotations

from functools import cache

import nengo
import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.networks import DT, spiking_network


def build(network, n_steps, batch_size=1, threads=1):
    """Make a function that presents images; see `benchmarks.competitors`.

    ``threads`` are those of NumPy's products of matrices; more than one seldom help, and harm where
    something else needs a core.
    """
    threadpool_limits(threads)
    shown = {}

    @cache
    def simulator(count):
        spiking = spiking_network(network)
        shown["image"] = np.zeros(spiking.input.size_out)
        spiking.input.output = lambda t: shown["image"]
        with spiking.net:
            probe = nengo.Probe(spiking.output)
            spikes = [nengo.Probe(layer.neurons) for layer in spiking.layers] if count else []
        return spiking, nengo.Simulator(spiking.net, dt=DT, progress_bar=False), probe, spikes

    def present(images, count=False):
        spiking, sim, probe, spikes = simulator(count)
        outputs, counts = [], [[] for _ in spikes]
        for image in images:
            shown["image"] = image.ravel().astype(float)
            sim.reset()
            sim.run_steps(n_steps, progress_bar=False)
            outputs.append(sim.data[probe].sum(axis=0))
            for index, spike_probe in enumerate(spikes):
                height = spiking.layers[index].amplitude / DT
                n_spikes = sim.data[spike_probe].sum(axis=0) / height
                counts[index].append(np.rint(n_spikes).astype(np.int32))
        return np.array(outputs), [np.array(kept) for kept in counts] if count else None

    simulator(False)
    return present
