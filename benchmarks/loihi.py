"""The ConvNet on NengoLoihi's emulator and on ours: one image, a data set, bit by bit."""

from __future__ import annotations

import time
import warnings

import numpy as np

from benchmarks import networks
from benchmarks.competitors import _found
from benchmarks.measure import in_process

N_STEPS = 100
THEIRS, OURS = "NengoLoihi's emulator", "nengo_softlif.loihi"
NEEDS = {THEIRS: ("nengo_loihi",), OURS: ("nengo_loihi", "nengo_softlif.loihi.simulator")}


def run(workers, quick):
    """Seconds an image.

    Parameters
    ----------
    workers : Workers
        Not needed: each emulator runs in a process of this experiment.
    quick : bool
    """
    n_images = {THEIRS: 1 if quick else 3, OURS: 64 if quick else 512}
    entries, outputs = {}, {}
    for row, needs in NEEDS.items():
        missing = [name for name in needs if not _found(name)]
        if missing:
            entries[row] = {"status": "not installed", "missing": missing}
            continue
        entries[row], outputs[row] = in_process(_measure, row, n_images[row])
        print(f"  {row}: {entries[row]['seconds_per_image']:.3g} s an image", flush=True)
    if len(outputs) == 2:
        n = len(outputs[THEIRS]["outputs"])
        entries[OURS]["bit_exact"] = {
            key: bool(np.array_equal(outputs[THEIRS][key], outputs[OURS][key][:n]))
            for key in outputs[THEIRS]
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
    sim = nengo_loihi.Simulator(spiking.net, dt=networks.DT, target="sim", progress_bar=False)
    build = time.perf_counter() - start
    seconds, outputs, counts = [], [], []
    for image in images:
        shown["image"] = image.ravel().astype(float)
        start = time.perf_counter()
        nsl.loihi.reset(sim)
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
