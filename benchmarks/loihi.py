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
    entries[OURS]["same_spikes"] = {
        key: bool(np.array_equal(expected, outputs[OURS][key][:n]))
        for key, expected in outputs[THEIRS].items()
        if key != "outputs"
    }
    # the host adds up what comes from the chip, in floating point and in another order
    theirs, ours = outputs[THEIRS]["outputs"], outputs[OURS]["outputs"][:n]
    entries[OURS]["relative_difference"] = float(np.abs(theirs - ours).max() / np.abs(theirs).max())
    return {"n_steps": N_STEPS, "entries": entries}


def _measure(row, n_images):
    """Time a simulator; returns the entry of the results, and outputs and spike counts."""
    import nengo

    import nengo_softlif as nsl

    warnings.simplefilter("ignore")
    import nengo_loihi

    network = networks.load("convnet")
    images, labels = networks.images(n_images)
    images = images.reshape(n_images, -1).astype(float)
    spiking = networks.spiking_network(network)
    shown = {"image": images[0]}
    spiking.input.output = lambda t: shown["image"]
    with spiking.net:
        probe = nengo.Probe(spiking.output)
        spikes = [nengo.Probe(layer.neurons) for layer in spiking.layers]
    start = time.perf_counter()
    simulator = {THEIRS: nengo_loihi.Simulator, OURS: nsl.loihi.Simulator}[row]
    sim = simulator(spiking.net, dt=networks.DT, target="sim", progress_bar=False)
    build = time.perf_counter() - start
    if row == OURS:
        times, values = _present_at_once(sim, spiking.input, images, spikes)
    else:
        times, values = _present_in_turn(sim, shown, images, [probe, *spikes])
    outputs = values[probe]
    entry = {
        "status": "measured",
        "build_seconds": build,
        "images": n_images,
        **times,
        "accuracy": float(np.mean(outputs.sum(axis=1).argmax(axis=1) == labels)),
    }
    found = {"outputs": outputs}
    for p, layer in zip(spikes, spiking.layers, strict=True):
        height = layer.amplitude / networks.DT
        found[layer.name] = np.rint(values[p].sum(axis=1) / height).astype(int)
    return entry, found


def _present_in_turn(sim, shown, images, probes):
    """One image after the other, with the reset that NengoLoihi itself doesn't have."""
    import nengo_softlif as nsl

    seconds, values = [], {probe: [] for probe in probes}
    for image in images:
        shown["image"] = image
        start = time.perf_counter()
        nsl.loihi.reset(sim)
        sim.run_steps(N_STEPS)
        seconds.append(time.perf_counter() - start)
        for probe in probes:
            values[probe].append(np.array(sim.data[probe]))
    each = float(np.median(seconds))
    times = {
        "seconds": seconds,
        "seconds_per_image": each,
        "seconds_per_image_of_set": each,
    }
    return times, {probe: np.array(value) for probe, value in values.items()}


def _present_at_once(sim, node, images, spikes):
    """All images on all cores, and a single one."""
    sim.run_batch({node: images[:2]}, N_STEPS, accumulated=spikes)  # compiles
    one, whole = [], []
    for _ in range(5):
        start = time.perf_counter()
        sim.run_batch({node: images[:1]}, N_STEPS, accumulated=spikes)
        one.append(time.perf_counter() - start)
        start = time.perf_counter()
        values = sim.run_batch({node: images}, N_STEPS, accumulated=spikes)
        whole.append((time.perf_counter() - start) / len(images))
    times = {
        "seconds": one,
        "seconds_of_set": whole,
        "seconds_per_image": float(np.median(one)),
        "seconds_per_image_of_set": float(np.median(whole)),
    }
    return times, values
