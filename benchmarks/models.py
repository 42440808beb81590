"""Ordinary Nengo models: `nengo.Simulator` and ours, in turn."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.competitors import OURS, REFERENCE
from benchmarks.measure import in_process


def integrator():
    """1,000 neurons that integrate a square wave."""
    import nengo

    with nengo.Network(seed=0) as net:
        signal = nengo.Node(lambda t: 1.0 if t % 0.8 < 0.4 else -1.0)
        ensemble = nengo.Ensemble(1000, dimensions=1)
        nengo.Connection(signal, ensemble, transform=0.1, synapse=0.1)
        nengo.Connection(ensemble, ensemble, synapse=0.1)
        probe = nengo.Probe(ensemble, synapse=0.01)
    return net, probe


def circular_convolution():
    """Two vectors of 64 dimensions convolved, 200 neurons for each of the products."""
    import nengo

    rng = np.random.RandomState(0)
    with nengo.Network(seed=0) as net:
        convolution = nengo.networks.CircularConvolution(200, dimensions=64)
        for target in (convolution.input_a, convolution.input_b):
            vector = rng.standard_normal(64)
            nengo.Connection(nengo.Node(vector / np.linalg.norm(vector)), target)
        probe = nengo.Probe(convolution.output, synapse=0.03)
    return net, probe


def learning():
    """PES learns to pass a signal of two dimensions on."""
    import nengo

    with nengo.Network(seed=0) as net:
        signal = nengo.Node(lambda t: [np.sin(6 * t), np.cos(6 * t)])
        before = nengo.Ensemble(200, dimensions=2)
        after = nengo.Ensemble(200, dimensions=2)
        error = nengo.Ensemble(200, dimensions=2)
        nengo.Connection(signal, before)
        learned = nengo.Connection(
            before, after, function=lambda x: [0, 0], learning_rule_type=nengo.PES()
        )
        nengo.Connection(after, error)
        nengo.Connection(before, error, transform=-1)
        nengo.Connection(error, learned.learning_rule)
        probe = nengo.Probe(after, synapse=0.03)
    return net, probe


MODELS = {
    "integrator, 1,000 neurons": integrator,
    "circular convolution, 64 dimensions": circular_convolution,
    "PES learning": learning,
}


def run(workers, quick):
    """Steps a second of each model on both simulators.

    Parameters
    ----------
    workers : Workers
        Not needed: these models run in a process of this experiment.
    quick : bool
    """
    return {"models": {name: in_process(_measure, name, quick) for name in MODELS}}


def _measure(name, quick):
    import nengo

    import nengo_softlif as nsl

    simulators = {REFERENCE: nengo.Simulator, OURS: nsl.Simulator}
    entries, running, data = {}, {}, {}
    for row, simulator in simulators.items():
        net, probe = MODELS[name]()
        start = time.perf_counter()
        sim = simulator(net, progress_bar=False)
        build = time.perf_counter() - start
        sim.run_steps(500, progress_bar=False)  # warms up
        data[row] = np.array(sim.data[probe])
        running[row] = sim
        entries[row] = {"status": "measured", "build_seconds": build, "rounds": []}
    n_steps = _steps_of_a_round(running[REFERENCE], 0.2 if quick else 1.0)
    for _ in range(2 if quick else 5):
        for row, sim in running.items():
            sim.clear_probes()
            start = time.perf_counter()
            sim.run_steps(n_steps, progress_bar=False)
            seconds = time.perf_counter() - start
            entries[row]["rounds"].append({"steps": n_steps, "seconds": seconds})
    for row, entry in entries.items():
        speeds = [r["steps"] / r["seconds"] for r in entry["rounds"]]
        entry["steps_per_second"] = float(np.median(speeds))
        difference = np.abs(data[row] - data[REFERENCE]).max() / np.abs(data[REFERENCE]).max()
        entry["largest_difference"] = float(difference)
        print(f"  {name}, {row}: {entry['steps_per_second']:.4g} steps/s", flush=True)
    return entries


def _steps_of_a_round(sim, seconds):
    start = time.perf_counter()
    sim.run_steps(500, progress_bar=False)
    return max(100, int(seconds * 500 / (time.perf_counter() - start)))
