"""Sequential MNIST: neurons with adaptive thresholds beside plain ones, and beside an LSTM."""

from __future__ import annotations

import keras
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.markdown import percent
from experiments.runs import images, trained
from nengo_softlif.conversion import compare_spikes

TITLE = "Sequential MNIST: LSNN, LIF and LSTM"
LSNN, LSTM = "sequential_mnist_lsnn", "sequential_mnist_lstm"
NETWORKS = {  # neurons; the accuracy of Bellec et al. (2018)
    LSNN: ("120 LIF, 100 with adaptive thresholds", "94.7 to 96.4 %"),
    "sequential_mnist_lif": ("220 LIF", "63 %"),
    LSTM: ("128 units of an LSTM, which do not spike", "98.5 %"),
}
N_COMPARED, N_AT_ONCE = 1000, 100  # images; sequences are long


def run(quick):
    """Measure accuracy, and compare spikes of the converted networks.

    Returns
    -------
    result : dict
        By network: accuracies, the history of the training; if it spikes, spikes compared and
        differing, firing rate in Hz.
    """
    return {"networks": {name: _measure(name, quick) for name in NETWORKS}}


def _measure(name, quick):
    model, info = trained(name)
    x, labels = images(name, "test", quick)
    predicted = model.predict(x, batch_size=250, verbose=0).argmax(axis=1)
    found = {
        "n_weights": model.count_params(),
        "n_items": len(x),
        "keras": float(np.mean(predicted == labels)),
        "validation": [epoch["val_accuracy"] for epoch in info["history"]],
    }
    if name == LSTM:
        return found
    return found | _converted(model, x[:N_COMPARED], labels[:N_COMPARED])


def parted(model):
    """Part a network into the layer that finds crossings, and what is behind it.

    Parameters
    ----------
    model : keras.Sequential

    Returns
    -------
    crossings : keras.layers.Layer
    spiking_part : keras.Sequential
    """
    crossings, *parts = model.layers
    return crossings, keras.Sequential([keras.Input(crossings.output.shape[1:]), *parts])


def _converted(model, x, labels):
    """What the network behind the encoding does as a network of Nengo."""
    crossings, spiking_part = parted(model)
    network = nsl.convert(spiking_part)
    n_right = n_spikes = n_compared = n_differing = 0
    for start in range(0, len(x), N_AT_ONCE):
        part = slice(start, start + N_AT_ONCE)
        spikes = keras.ops.convert_to_numpy(crossings(x[part]))
        (layer,) = compare_spikes(spiking_part, network, spikes)
        output = network.predict(spikes, progress=False).output
        n_right += int(np.sum(output.argmax(axis=1) == labels[part]))
        n_spikes += layer.n_spikes
        n_compared += layer.n_compared
        n_differing += layer.n_differing
    return {
        "converted": n_right / len(x),
        "n_converted": len(x),
        "rate": 1000 * n_spikes / n_compared,
        "compared": n_compared,
        "differing": n_differing,
    }


def describe(result):
    """List accuracies by network."""
    return "\n\n".join(
        [
            "Images come pixel after pixel, 784 steps of 1 ms, as spikes of 80 channels: one for "
            "each of 40 levels of grey that is crossed upwards, and one downwards. Networks and "
            "constants of Bellec et al. (2018), whose figures the table has, with errors that also "
            "go through the reset. The LSTM gets the same spikes; it was still learning when its "
            "passes were over. Converted: the same spikes, on the first test images.",
            table(
                (
                    "neurons",
                    "weights",
                    "epochs",
                    "validation",
                    "Keras, test",
                    "converted",
                    "Hz",
                    "differing spikes",
                    "Bellec et al.",
                ),
                [_row(name, run) for name, run in result["networks"].items()],
            ),
        ]
    )


def _row(name, run):
    neurons, published = NETWORKS[name]
    spiking = ("", "", "")
    if "converted" in run:
        spiking = (
            f"{percent(run['converted'])} of {run['n_converted']:,}",
            f"{run['rate']:.1f}",
            f"{run['differing']:,} of {run['compared']:,}",
        )
    return (
        neurons,
        f"{run['n_weights']:,}",
        str(len(run["validation"])),
        percent(run["validation"][-1]) if run["validation"] else "",
        f"{percent(run['keras'])} of {run['n_items']:,}",
        *spiking,
        published,
    )
