"""Event data: N-MNIST and spoken digits as spikes, in Keras and converted."""

from __future__ import annotations

import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.markdown import percent
from experiments.runs import images, trained
from nengo_softlif.conversion import compare_spikes

TITLE = "Event data: N-MNIST and spoken digits"
NETWORKS = {
    "nmnist_convnet": "N-MNIST small, 1,000 training recordings, 10 frames of 30 ms",
    "speech_recurrent": "spoken digits, 40 frames of 20 ms, 64 channels",
}


def run(quick):
    """Measure accuracy and compare spikes.

    Returns
    -------
    result : dict
        By network: accuracies, with their interval; spikes compared and differing; spikes of a
        neuron in a sample, by layer.
    """
    return {"networks": {name: _measure(name, quick) for name in NETWORKS}}


def _measure(name, quick):
    model, info = trained(name)
    x, labels = images(name, "test", quick)
    spiking = nsl.convert(model)
    result = spiking.evaluate(x, labels, progress=False)
    compared = compare_spikes(model, spiking, x)
    return {
        "n_weights": model.count_params(),
        "n_items": len(x),
        "keras": float(np.mean(model.predict(x, verbose=0).argmax(axis=1) == labels)),
        "spikes": result.accuracy,
        "interval": [1 - error for error in reversed(result.error_interval)],
        "validation": info["history"][-1]["val_accuracy"] if info["history"] else None,
        "spikes_per_neuron": {
            layer.name: layer.n_spikes * x.shape[1] / layer.n_compared for layer in compared
        },
        "compared": sum(layer.n_compared for layer in compared),
        "differing": sum(layer.n_differing for layer in compared),
    }


def describe(result):
    """List accuracies."""
    rows = [
        (
            NETWORKS[name],
            f"{run['n_weights']:,}",
            percent(run["validation"]),
            f"{percent(run['keras'])} of {run['n_items']:,}",
            percent(run["spikes"]),
            f"{percent(run['interval'][0], 1)} to {percent(run['interval'][1], 1)}",
            f"{run['differing']:,} of {run['compared']:,}",
            ", ".join(f"{count:.1f}" for count in run["spikes_per_neuron"].values()),
        )
        for name, run in result["networks"].items()
    ]
    return "\n\n".join(
        [
            "Trained in spikes on the small sets alone, which were distorted at random. For "
            "comparison: the network that sinabs publishes for N-MNIST, trained on all 60,000 "
            "recordings, is right for 96 to 100 of these 100, depending on how it is read. SHD, "
            "another data set of spoken digits, has 71 to 87 % with recurrent spiking networks; "
            "here the test takes are of speakers that are in the training set.",
            table(
                (
                    "data",
                    "weights",
                    "validation",
                    "Keras, test",
                    "converted",
                    "95 % interval",
                    "differing spikes",
                    "spikes of a neuron, by layer",
                ),
                rows,
            ),
        ]
    )
