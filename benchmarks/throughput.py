"""Images a second of all competitors on the four networks, and the latency of one image."""

from __future__ import annotations

import numpy as np

from benchmarks import networks
from benchmarks.competitors import COMPETITORS, OURS, one_at_a_time
from benchmarks.measure import FULL, QUICK, compare

N_STEPS = 100
N_IMAGES = 1024


def run(name, workers, quick):
    """All competitors on one network.

    Parameters
    ----------
    name : str
        Of `benchmarks.networks.NETWORKS`.
    workers : Workers
    quick : bool

    Returns
    -------
    result : dict
    """
    effort = QUICK if quick else FULL
    network = networks.load(name)
    images, labels = networks.images(N_IMAGES, network.input_shape)
    rows = {
        row: (competitor, workers.get(row, competitor))
        for row, competitor in COMPETITORS.items()
        if not (quick and row == "NengoDL, minibatch 128")  # in small it is that of 32
    }
    entries, counts = compare(rows, network, images, labels, n_steps=N_STEPS, effort=effort)
    return {"n_steps": N_STEPS, "network": facts(network, counts), "entries": entries}


def run_latency(workers, quick):
    """One image at a time on the ConvNet."""
    effort = QUICK if quick else FULL
    network = networks.load("convnet")
    images, labels = networks.images(N_IMAGES, network.input_shape)
    rows = {}
    for row in (OURS, "nengo.Simulator", "NengoDL, minibatch 1", "PyTorch by hand"):
        competitor = one_at_a_time(row)
        rows[row.removesuffix(", minibatch 1")] = (competitor, workers.get(row, competitor))
    entries, counts = compare(rows, network, images, labels, n_steps=N_STEPS, effort=effort)
    return {"n_steps": N_STEPS, "network": facts(network, counts), "entries": entries}


def facts(network, counts):
    """Size and activity of a network.

    Parameters
    ----------
    network : Network
    counts : list of (n_neurons,) ndarray, or None
        Mean spikes of each neuron in `N_STEPS` steps.
    """
    found = {
        "name": network.name,
        "neurons": network.n_neurons,
        "shapes": [list(map(int, shape)) for shape in network.shapes],
        "neuron": network.neuron,
        "synapse_seconds": network.tau,
        "weights": int(sum(np.size(s.weights) for s in network.stages) + network.readout.size),
    }
    if counts is not None:
        seconds = N_STEPS * networks.DT
        fan_out = networks.fan_out(network)
        found["mean_rates_hz"] = [float(c.mean() / seconds) for c in counts]
        found["spiking_share"] = [float(c.mean() / N_STEPS) for c in counts]
        found["silent_share"] = [float(np.mean(c == 0)) for c in counts]
        found["events_per_step"] = float(
            sum(c @ f.ravel() for c, f in zip(counts, fan_out, strict=True)) / N_STEPS
        )
        reached = [float(f.sum()) for f in fan_out]
        found["dense_events_per_step"] = float(sum(reached))
    return found
