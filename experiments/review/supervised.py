"""Rows of the review for networks that are trained with labels, and what spikes save in them."""

from __future__ import annotations

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.markdown import percent
from experiments.runs import images, rate_error, trained

TITLE = "Trained with labels: accuracy and operations"
# network; what it is, how it was trained, the network of rates with as many connections, if there
# is one, and the review's accuracy
NETWORKS = {
    "mnist_loihi_convnet": (
        "ConvNet, T = 8",
        "errors back through time, in the arithmetic of Loihi",
        None,
        "99.05 % (deep ConvNet)",
    ),
    "convnet_in_spikes_t8": (
        "ConvNet of P3, T = 8",
        "converted from ReLUs, trained on in spikes",
        "linear_convnet",
        "99.05 % (deep ConvNet)",
    ),
    "bondarev_bptt_seed0": (
        "784-300-300-10, T = 20",
        "errors back through time",
        "bondarev_relu",
        "98.88 % (membrane potentials), 97.93 % (spike trains)",
    ),
}


def run(quick):
    """Evaluate in spikes, and count operations.

    Returns
    -------
    result : dict
        By network: accuracy with its interval, error of the rates, and operations for an image.
    """
    return {"networks": {name: _measure(name, quick) for name in NETWORKS}}


def _measure(name, quick):
    x, labels = images(name, "test", quick)
    found = nsl.convert(trained(name)[0]).evaluate(x, labels, seed=0, progress=False)
    work, rates = found.workload, NETWORKS[name][2]
    return {
        "n_items": len(x),
        "accuracy": found.accuracy,
        "interval": [1 - error for error in reversed(found.error_interval)],
        "rates": None if rates is None else rate_error(rates, quick=quick),
        "products": work.n_connections,
        "synops": work.synops,
        "input_products": work.input_products,
        "updates": work.n_updates,
    }


def describe(result):
    """List accuracies and operations."""
    accuracies, operations = [], []
    for name, run in result["networks"].items():
        what, how, _, published = NETWORKS[name]
        low, high = run["interval"]
        accuracies.append(
            (
                what,
                how,
                f"{percent(run['accuracy'])} ({percent(low)} to {percent(high)})",
                "" if run["rates"] is None else percent(1 - run["rates"]),
                published,
            )
        )
        operations.append(
            (
                what,
                f"{run['products']:,}",
                f"{run['synops']:,.0f}",
                f"{run['input_products']:,.0f}",
                f"{run['updates']:,}",
                f"{run['products'] / (run['synops'] + run['input_products']):.2f}",
            )
        )
    n_items = next(iter(result["networks"].values()))["n_items"]
    return "\n\n".join(
        [
            f"MNIST, {n_items:,} test images, in spikes, with 95 % Wilson intervals, beside the "
            "review. It gives 99.05 % for a deep spiking ConvNet without saying whose it is; we "
            "take it for the convolutional autoencoder of Panda & Roy (2016), whose abstract "
            "(arXiv:1602.01510) has an error of 0.92 %. 98.88 % are those of Lee, Delbruck & "
            "Pfeiffer (2016), 97.93 % those of O'Connor & Welling (2016).",
            table(("network", "trained by", "in spikes", "ReLUs", "review"), accuracies),
            "Operations for an image: a dense network multiplies and adds at each connection, the "
            "spiking one adds at each synaptic event, and multiplies at the connections from "
            "inputs that are numbers. The review says that spiking networks need fewer; neuron "
            "updates, of which a network of rates has one for each neuron, come on top.",
            table(
                (
                    "network",
                    "products, dense",
                    "synaptic events",
                    "products at the input",
                    "neuron updates",
                    "dense by spiking",
                ),
                operations,
            ),
        ]
    )
