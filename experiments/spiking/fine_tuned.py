"""P3's ConvNet and VGG-16, trained as rates and then trained on in spikes for few steps."""

from __future__ import annotations

import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.markdown import percent
from experiments.runs import images, rate_error, trained
from nengo_softlif.conversion import compare_spikes

TITLE = "Trained on in spikes: few steps"
NETWORKS = {  # fine-tuned: its ReLUs, steps
    "convnet_in_spikes_t4": ("linear_convnet", 4),
    "convnet_in_spikes_t8": ("linear_convnet", 8),
    "vgg16_in_spikes_t4": ("linear_vgg16", 4),
    "vgg16_in_spikes_t8": ("linear_vgg16", 8),
}
N_COMPARED = 1000  # images


def run(quick):
    """Measure errors of rates, of spikes before and after training on.

    Returns
    -------
    result : dict
        By network: errors, spikes compared and differing.
    """
    return {"networks": {name: _measure(name, quick) for name in NETWORKS}}


def _measure(name, quick):
    from experiments.plans import PLANS
    from experiments.training import take_weights

    source, n_steps = NETWORKS[name]
    x, labels = images(source, "test", quick)
    model, info = trained(name)
    before = PLANS[name].model()
    take_weights(before, trained(source)[0])
    spiking = nsl.convert(model)
    after = spiking.evaluate(x, labels, progress=False)
    compared = compare_spikes(model, spiking, x[:N_COMPARED])
    return {
        "n_steps": n_steps,
        "n_items": len(x),
        "epochs": len(info["history"]),
        "rates": rate_error(source, quick=quick),
        "before": _error(before, x, labels),
        "keras": _error(model, x, labels),
        "after": after.error,
        "interval": list(after.error_interval),
        "compared": sum(layer.n_compared for layer in compared),
        "differing": compared.n_differing,
        "first_differing": sum(layer.n_origins for layer in compared),
    }


def _error(model, x, labels):
    predictions = model.predict(x, batch_size=50, verbose=0).argmax(axis=1)
    return float(np.mean(predictions != labels))


def describe(result):
    """List errors by steps."""
    rows = [
        (
            NETWORKS[name][0],
            str(run["n_steps"]),
            percent(run["rates"]),
            percent(run["before"]),
            percent(run["after"]),
            f"{100 * (run['after'] - run['rates']):+.2f}",
            f"{run['differing']:,} of {run['compared']:,}",
            f"{run['first_differing']:,}",
        )
        for name, run in result["networks"].items()
    ]
    first = next(iter(result["networks"].values()))
    return "\n\n".join(
        [
            "`to_spiking_model` swaps ReLUs for neurons that are reset by subtraction, with "
            "thresholds of `balanced_scales`; then the network is trained on in spikes: the "
            "ConvNet for 5 epochs. VGG-16 gets average pooling in the place of max pooling, then 5 "
            "epochs with quantised ReLUs (plan `vgg16_quantized_t8`, which end with 15.0 % error "
            "on validation images), then 8 epochs in spikes on a fifth of the training images, "
            "both on the lossless CIFAR-10, with convolutions in bfloat16; with 4 steps it goes on "
            "from there for 5 epochs. So it has been trained for longer than its ReLUs. Differing "
            "spikes are of the first "
            f"{N_COMPARED:,} test images, errors of {first['n_items']:,}. Sums in another order "
            "round otherwise; a tie is the first spike of an image that falls on the other side of "
            "the threshold by that, and the other differing spikes of the image follow from it.",
            table(
                (
                    "network",
                    "steps",
                    "ReLUs",
                    "in spikes, not trained on",
                    "trained on in spikes",
                    "points from ReLUs",
                    "differing spikes",
                    "ties",
                ),
                rows,
            ),
        ]
    )
