"""Networks trained in the arithmetic of Loihi, on its emulator."""

from __future__ import annotations

import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.markdown import percent
from experiments.papers import SLAYER_ACCURACY, SPYTORCH_ACCURACY
from experiments.runs import images, trained
from experiments.spiking.data import N_FOLDS
from nengo_softlif.conversion import compare_spikes

TITLE = "Trained in the arithmetic of Loihi"
CONVNET = "mnist_loihi_convnet"
LETTERS = tuple(f"braille_loihi_fold{fold}" for fold in range(N_FOLDS))
N_COMPARED = 1000  # samples whose spikes are compared with the Keras model


def run(quick):
    """Measure accuracy in Keras and on the emulator, and compare spikes.

    Returns
    -------
    result : dict
        By network: accuracies, numbers of weights and of samples, spikes compared and differing,
        cores.
    """
    names = (CONVNET, *LETTERS[: 1 if quick else None])
    return {"networks": {name: _measure(name, quick) for name in names}}


def _measure(name, quick):
    model, _ = trained(name)
    x, labels = images(name, "test", quick)
    spiking = nsl.convert(model, target="loihi")
    on_chip = spiking.evaluate(x, labels, backend="loihi", progress=False)
    compared = compare_spikes(model, spiking, x[:N_COMPARED], backend="loihi")
    return {
        "n_weights": model.count_params(),
        "n_items": len(x),
        "n_cores": nsl.loihi.check(spiking).n_cores,
        "keras": _accuracy(model, x, labels),
        "loihi": on_chip.accuracy,
        "interval": [1 - error for error in reversed(on_chip.error_interval)],
        "n_compared_items": min(N_COMPARED, len(x)),
        "compared": sum(layer.n_compared for layer in compared),
        "differing": sum(layer.n_differing for layer in compared),
    }


def _accuracy(model, x, labels):
    return float(np.mean(model.predict(x, batch_size=250, verbose=0).argmax(axis=1) == labels))


def describe(result):
    """List accuracies and spikes."""
    networks = result["networks"]
    letters = [run for name, run in networks.items() if name in LETTERS]
    rows = [_row("MNIST, ConvNet, T = 8", SLAYER_ACCURACY, [networks[CONVNET]])]
    rows.append(_row("letters in Braille, 200 recurrent", SPYTORCH_ACCURACY, letters))
    low, high = networks[CONVNET]["interval"]
    return "\n\n".join(
        [
            '8-bit weights, 12-bit decays, integer voltages while training (`quantize="loihi"`), '
            "run on our compiled Loihi emulator. The ConvNet takes grey values of 8 bits as "
            "constant currents; its first layer is on the host, in the same arithmetic. Letters: "
            f"mean of {len(letters)} splits, every fifth repetition is in the test set; others had "
            "270 test trials too, from another split. The nearest neighbour of the raw signals is "
            "right for all of these letters: they are easy, and from one finger.",
            table(
                (
                    "network",
                    "weights",
                    "cores",
                    "others",
                    "Keras",
                    "Loihi emulator",
                    "spikes compared",
                    "differing",
                ),
                rows,
            ),
            f"95 % Wilson interval of the ConvNet on {networks[CONVNET]['n_items']:,} test images: "
            f"{percent(low)} to {percent(high)}. Spikes are compared for "
            f"{networks[CONVNET]['n_compared_items']:,} test images, and all test letters. Others: "
            "SLAYER with bootstrapping (lava-dl tutorial), and SpyTorch's tutorial 5.",
        ]
    )


def _row(what, others, runs):
    return (
        what,
        f"{runs[0]['n_weights']:,}",
        str(runs[0]["n_cores"]),
        percent(others, 1),
        percent(np.mean([run["keras"] for run in runs])),
        percent(np.mean([run["loihi"] for run in runs])),
        f"{sum(run['compared'] for run in runs):,}",
        f"{sum(run['differing'] for run in runs):,}",
    )
