"""P3 table IV: two classes of pictures, 600 hidden neurons; the confusion of spikes and ReLUs."""

from __future__ import annotations

import numpy as np

from benchmarks.markdown import table
from experiments import papers
from experiments.data import TWO_CLASSES
from experiments.linear_lif.chain import DT, confusion, dense_weights, run_chain
from experiments.markdown import percent
from experiments.runs import images, trained

TITLE = "Two classes of pictures (P3 table IV)"
NETWORK = "linear_two_classes"
MAX_RATE, TIME = 10.0, 3.0  # Hz, s


def run(quick):
    """Decide with spikes and with ReLUs.

    Returns
    -------
    result : dict
        "confusion", with the decisions of the ReLUs in rows; "errors" as shares.
    """
    model, _ = trained(NETWORK)
    x, labels = images(NETWORK, "test", quick)
    x = x.reshape(len(x), -1)
    hidden, out = dense_weights(model)
    decisions = (np.maximum(x @ hidden.T, 0) @ out.T).argmax(axis=1)
    spiking = run_chain([hidden, out], x, max_rate=MAX_RATE, time=TIME)[1].argmax(axis=1)
    return {
        "max_rate": MAX_RATE,
        "time": TIME,
        "dt": DT,
        "n_items": len(x),
        "agreement": float(np.mean(spiking == decisions)),
        "confusion": confusion(decisions, spiking, len(TWO_CLASSES)),
        "errors": {
            "relu": float(np.mean(decisions != labels)),
            "spikes": float(np.mean(spiking != labels)),
        },
    }


def describe(result):
    """Show the table of confusion beside the paper's."""
    rows = [
        (f"ReLUs: {name}", *counts)
        for name, counts in zip(TWO_CLASSES, result["confusion"], strict=True)
    ]
    return (
        f"P3 tells faces from motorbikes (Caltech 101), {papers.TWO_CLASSES_AGREEMENT} % as the "
        "ReLUs do. In their place stand two classes of CIFAR-10, 3072 - 600 - 2 without biases, "
        f"{result['n_items']:,} test images as regular spikes of up to {result['max_rate']:g} Hz "
        f"for {result['time']:g} s in steps of {1000 * result['dt']:g} ms. Agreement "
        f"{percent(result['agreement'])}; error of the ReLUs {percent(result['errors']['relu'])}, "
        f"of the spikes {percent(result['errors']['spikes'])}. As in P3 the larger number of "
        "spikes decides; of equal numbers, mostly none at all, the first class wins.\n\n"
        + table(("", *(f"spikes: {name}" for name in TWO_CLASSES)), rows)
    )
