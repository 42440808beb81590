"""P3 figure 16, table VI: a ConvNet with max pooling for MNIST, in neurons with linear reset."""

from __future__ import annotations

import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments import papers
from experiments.linear_lif.chain import DT, confusion
from experiments.markdown import percent
from experiments.runs import N_QUICK, images, trained

TITLE = "MNIST ConvNet with max pooling (P3 figure 16, table VI)"
NETWORK = "linear_convnet"
MAX_RATE, TIME = 10.0, 2.0  # Hz, s
N_AGREEMENT = 2000  # images of P3's figure


def run(quick):
    """Decide with spikes and with ReLUs on all test images.

    Returns
    -------
    result : dict
        "errors" as fractions; "agreement" and "confusion" over the first 2,000 images, and
        "agreement_all".
    """
    model, _ = trained(NETWORK)
    x, labels = images(NETWORK, "test", quick)
    decisions = model.predict(x, batch_size=500, verbose=0).argmax(axis=1)
    spiking = nsl.convert(model, synapse=None, scale=MAX_RATE, max_pool="spiking")
    result = nsl.evaluate(
        spiking,
        x,
        labels,
        presentation=nsl.Presentation(
            time=TIME, dt=DT, classify_from=0.0, encoding=nsl.RegularSpikes(MAX_RATE)
        ),
    )
    first = slice(N_QUICK if quick else N_AGREEMENT)
    agrees = result.predictions == decisions
    return {
        "max_rate": MAX_RATE,
        "time": TIME,
        "dt": DT,
        "n_items": len(x),
        "n_agreement": len(decisions[first]),
        "agreement": float(np.mean(agrees[first])),
        "agreement_all": float(np.mean(agrees)),
        "confusion": confusion(decisions[first], result.predictions[first], 10),
        "errors": {"relu": float(np.mean(decisions != labels)), "spikes": result.error},
        "rates": {name: found.mean for name, found in result.firing_rates.items()},
        "seconds": round(result.wall_time, 1),
    }


def describe(result):
    """Put errors and agreement beside the paper's."""
    paper = papers.LINEAR_CONVNET
    errors = result["errors"]
    rows = [
        (
            f"agreement, first {result['n_agreement']:,} images",
            f"{paper['agreement']:g} %",
            percent(result["agreement"]),
        ),
        ("agreement, all", "", percent(result["agreement_all"])),
        ("error, ReLUs", f"{paper['errors'][0]:g} %", percent(errors["relu"])),
        ("error, spikes", f"{paper['errors'][1]:g} %", percent(errors["spikes"])),
        ("points lost", "0.0", f"{100 * (errors['spikes'] - errors['relu']):+.2f}"),
    ]
    rates = ", ".join(f"{rate:.1f}" for rate in result["rates"].values())
    return (
        "conv 12@5x5 - max pool - conv 64@5x5 - max pool - 100 - 10, without biases; spiking max "
        f"pooling; pixels as regular spikes of up to {result['max_rate']:g} Hz for "
        f"{result['time']:g} s in steps of {1000 * result['dt']:g} ms, {result['n_items']:,} test "
        f"images. Mean rates {rates} Hz.\n\n" + table(("", "P3", "ours"), rows)
    )
