"""P1 table 2: a network of 500 and 200 spiking LIF neurons for MNIST."""

from __future__ import annotations

import numpy as np

from benchmarks.markdown import table
from experiments import papers
from experiments.markdown import hz, spread
from experiments.runs import rate_error, run_spikes

TITLE = "MNIST with two hidden layers (P1 table 2)"
TAU_S = 0.005
NETWORKS = {
    "pretrained": [f"mnist_mlp_pretrained_seed{seed}" for seed in range(3)],
    "not pretrained": [f"mnist_mlp_seed{seed}" for seed in range(3)],
}


def run(quick):
    """Run the networks of all training seeds, those that began with autoencoders and the others.

    Returns
    -------
    result : dict
        By network, its error in "rates", and its run in "spikes".
    """
    return {
        name: {
            "rates": rate_error(name, quick=quick),
            "spikes": run_spikes(name, TAU_S, quick=quick),
        }
        for names in NETWORKS.values()
        for name in names
    }


def describe(result):
    """Put our errors and rates beside the paper's."""
    rows = [(who, "", f"{error} %", *[""] * 3) for who, error in papers.MLP_OTHERS.items()]
    paper = [hz(rate) for rate in (*papers.MLP_RATES.values(), papers.MLP_MEAN_RATE)]
    rows += [
        ("P1, pretrained", "", f"{papers.MLP_ERROR} %", *paper),
        *(
            _row(f"ours, {how}", [result[name] for name in names])
            for how, names in NETWORKS.items()
        ),
    ]
    header = ("", "soft LIF", "in spikes", "first layer", "second layer", "all neurons")
    return (
        "784 - 500 - 200 - 10, LIF neurons; 200 ms for each image, classified from 120 ms, alpha "
        "synapse of 5 ms. Ours are of three training seeds; pretraining is by denoising "
        "autoencoders, layer by layer, as in P1.\n\n" + table(header, rows)
    )


def _row(who, found):
    runs = [network["spikes"] for network in found]
    rates = [[*run["rates"].values(), run["mean_rate"]] for run in runs]
    return (
        who,
        spread([network["rates"] for network in found]),
        spread([run["error"] for run in runs]),
        *map(hz, np.mean(rates, axis=0)),
    )
