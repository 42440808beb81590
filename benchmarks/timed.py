"""Times networks on the compiled simulators of one source tree; `benchmarks.against` starts it.

Run as a file, from the root of the tree that is to be timed. It uses only what older commits have,
too. It reads names of networks from standard input, one a line, and answers each with a line of
JSON.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import sys
import time
import warnings

sys.path.insert(0, os.getcwd())
warnings.simplefilter("ignore")

import nengo  # noqa: E402
import numpy as np  # noqa: E402

import nengo_softlif as nsl  # noqa: E402
from benchmarks import models, networks  # noqa: E402

N_STEPS = 100
NETWORKS = {
    "convnet 50 Hz": ("convnet", 50.0, 128),
    "convnet 10 Hz": ("convnet", 10.0, 128),
    "convnet 1 Hz": ("convnet", 1.0, 128),
    "convnet LIF, alpha synapse": ("convnet_lif", 50.0, 64),
    "one image at a time": ("convnet", 50.0, 1),
    "27,088 neurons 10 Hz": ("large", 10.0, 32),
    "Loihi emulator": ("convnet", None, 32),
}


def main():
    """Serve until the input ends."""
    ready = {}
    for line in sys.stdin:
        name = line.strip()
        if name not in ready:
            ready[name] = prepared(name)
            ready[name]()  # compiles
        wall, cpu = time.perf_counter(), time.process_time()
        values, n = ready[name]()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        digest = hashlib.sha256(np.ascontiguousarray(values)).hexdigest()
        print(json.dumps({"wall": wall / n, "cpu": cpu / n, "digest": digest}), flush=True)


def prepared(name):
    """Build what a name stands for; a function that returns (results, number of images)."""
    if name in models.MODELS:
        return of_model(models.MODELS[name])
    source, rate, n_images = NETWORKS[name]
    network = networks.load(source, rate=rate)
    spiking = networks.spiking_network(network)
    images = networks.images(n_images)[0].reshape(n_images, -1).astype(float)
    with spiking.net:
        probes = [nengo.Probe(layer.neurons) for layer in spiking.layers]
    on_chip = name == "Loihi emulator"
    simulator = nsl.loihi.Simulator if on_chip else nsl.Simulator
    if not on_chip:
        nengo.rc.set("precision", "bits", "32")
    sim = simulator(spiking.net, progress_bar=False)
    nengo.rc.set("precision", "bits", "64")
    is_older = "summed" in inspect.signature(sim.run_batch).parameters
    kept = {"summed" if is_older else "accumulated": probes}

    def run():
        values = sim.run_batch({spiking.input: images}, N_STEPS, **kept)
        return np.concatenate([values[probe].ravel() for probe in probes]), n_images

    return run


def of_model(make):
    net, probe = make()
    sim = nsl.Simulator(net, progress_bar=False)

    def run():
        sim.reset()
        sim.run_steps(1000, progress_bar=False)
        return np.array(sim.data[probe]), 1

    return run


if __name__ == "__main__":
    main()
