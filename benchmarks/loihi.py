"""The ConvNet on NengoLoihi's emulator and on ours: one image, a data set, bit by bit."""

from __future__ import annotations

import time
import warnings
from functools import partial

import numpy as np

from benchmarks import networks
from benchmarks.competitors import _found
from benchmarks.measure import in_process

N_STEPS = 100
THEIRS, OURS = "NengoLoihi's emulator", "nengo_softlif.loihi"


def run(workers, quick):
    """Seconds an image.

    Parameters
    ----------
    workers : Workers
        Not needed: each emulator runs in a process of this experiment.
    quick : bool
    """
    n_images = {THEIRS: 1 if quick else 3, OURS: 8 if quick else 64}
    if not _found("nengo_loihi"):
        entry = {"status": "not installed", "missing": ["nengo_loihi"]}
        return {"n_steps": N_STEPS, "entries": dict.fromkeys(n_images, entry)}
    entries, outputs = {}, {}
    for row in n_images:
        entries[row], outputs[row] = in_process(_measure, row, n_images[row])
        print(f"  {row}: {entries[row]['seconds_per_image']:.3g} s an image", flush=True)
    n = n_images[THEIRS]
    entries[OURS]["bit_exact"] = {
        key: bool(np.array_equal(expected, outputs[OURS][key][:n]))
        for key, expected in outputs[THEIRS].items()
    }
    return {"n_steps": N_STEPS, "entries": entries}


def _measure(row, n_images):
    import nengo

    import nengo_softlif as nsl

    warnings.simplefilter("ignore")
    import nengo_loihi

    network = networks.load("convnet")
    images, labels = networks.images(n_images)
    spiking = networks.spiking_network(network)
    shown = {"image": images[0].ravel().astype(float)}
    spiking.input.output = lambda t: shown["image"]
    with spiking.net:
        probe = nengo.Probe(spiking.output)
        spikes = [nengo.Probe(layer.neurons) for layer in spiking.layers]
    start = time.perf_counter()
    simulator = {THEIRS: nengo_loihi.Simulator, OURS: nsl.loihi.Simulator}[row]
    sim = simulator(spiking.net, dt=networks.DT, target="sim", progress_bar=False)
    build = time.perf_counter() - start
    # theirs can't be reset, which would leave nothing but to build it again for each image
    reset = sim.reset if row == OURS else partial(nsl.loihi.reset, sim)
    seconds, outputs, counts = [], [], []
    for image in images:
        shown["image"] = image.ravel().astype(float)
        start = time.perf_counter()
        reset()
        sim.run_steps(N_STEPS)
        seconds.append(time.perf_counter() - start)
        outputs.append(np.array(sim.data[probe]))
        counts.append([np.array(sim.data[p]).sum(axis=0) for p in spikes])
    entry = {
        "status": "measured",
        "build_seconds": build,
        "images": n_images,
        "seconds": seconds,
        "seconds_per_image": float(np.median(seconds)),
        "accuracy": float(
            np.mean([o.sum(axis=0).argmax() == y for o, y in zip(outputs, labels, strict=True)])
        ),
    }
    found = {"outputs": np.array(outputs)}
    for index, layer in enumerate(spiking.layers):
        found[layer.name] = np.array([c[index] for c in counts])
    return entry, found
