"""How exactly ours does what nengo.Simulator does."""

from __future__ import annotations

import nengo
import numpy as np

import nengo_softlif as nsl
from benchmarks import networks
from nengo_softlif import backends

NETWORKS = ("convnet", "convnet_lif")
N_STEPS = 100


def run(workers, quick):
    """Spike counts of one image in double precision; decisions on many in single precision.

    Parameters
    ----------
    workers : Workers
        Not needed.
    quick : bool
        20 images instead of 2,000.
    """
    n_images = 20 if quick else 2000
    return {
        "n_images": n_images,
        "networks": {name: _compare(networks.load(name), n_images) for name in NETWORKS},
    }


def _compare(network, n_images):
    images, labels = networks.images(n_images, network.input_shape)
    images = images.reshape(n_images, -1)
    spiking = networks.spiking_network(network)
    reference, ours = (_decisions(spiking, images, name) for name in ("nengo", "compiled"))
    measured = {
        **_one_image(spiking, images[0]),
        "same_decisions": float(np.mean(reference == ours)),
        "reference_error": float(np.mean(reference != labels)),
        "our_error": float(np.mean(ours != labels)),
    }
    print(f"  {network.name}: {measured}", flush=True)
    return measured


def _decisions(spiking, images, backend):
    decisions = []
    setup = backends.Setup(
        net=spiking.net,
        inputs={"image": spiking.input},
        probed={"output": spiking.output},
        dt=networks.DT,
    )
    with backends.get(backend).open(setup) as session:
        for start in range(0, len(images), session.batch_size):
            batch = {"image": images[start : start + session.batch_size]}
            outputs = sum(
                values["output"].sum(axis=1) for values in session.present(batch, N_STEPS)
            )
            decisions.append(outputs.argmax(axis=1))
    return np.concatenate(decisions)


def _one_image(spiking, image, n_steps=200):
    """Fraction of neurons with the same spike count, and how far outputs agree, in float64."""
    spiking.input.output = image
    with spiking.net:
        spikes = [nengo.Probe(layer.neurons) for layer in spiking.layers]
        output = nengo.Probe(spiking.output)
    data = []
    for simulator in (nengo.Simulator, nsl.Simulator):
        with simulator(spiking.net, progress_bar=False) as sim:
            sim.run_steps(n_steps)
        trains = np.concatenate([sim.data[probe] > 0 for probe in spikes], axis=1)
        data.append((trains, sim.data[output]))
    (reference, expected), (ours, got) = data
    differs = np.flatnonzero((reference != ours).any(axis=1))
    same_until = int(differs[0]) if len(differs) else n_steps
    worst = np.abs(got - expected)[:same_until].max(initial=0) / np.abs(expected).max()
    return {
        "same_counts": float(np.mean(reference.sum(axis=0) == ours.sum(axis=0))),
        "same_spikes_until_step": same_until,
        "relative_error_until_then": float(worst),
    }
