"""Firing rates by layer, as section 3 of P1 and section 3.1 of P2 report them."""

from __future__ import annotations

from benchmarks.markdown import table
from experiments import papers
from experiments.markdown import hz
from experiments.runs import run_spikes

TITLE = "Firing rates (P1 section 3, P2 section 3.1)"
TAU_S = 0.005
NETWORKS = {
    "mnist27k_lif_seed0": (papers.RATES["mnist"], papers.MEAN_RATES["mnist"]),
    "cifar50k_lif": (papers.RATES["cifar10"], papers.MEAN_RATES["cifar10"]),
    "mnist_mlp_pretrained_seed0": (papers.MLP_RATES, papers.MLP_MEAN_RATE),
}


def run(quick):
    """Run the headline networks.

    Returns
    -------
    result : dict
        Runs by network.
    """
    return {name: run_spikes(name, TAU_S, quick=quick) for name in NETWORKS}


def describe(result):
    """List all layers with the paper's rates beside ours."""
    rows = []
    for name, (paper, paper_mean) in NETWORKS.items():
        found = result[name]
        for layer, rate in found["rates"].items():
            percentiles = found["percentiles"][layer]
            rows.append(
                (
                    name,
                    layer,
                    f"{found['n_neurons'][layer]:,}",
                    hz(paper[layer]),
                    hz(rate),
                    hz(percentiles["50"]),
                    hz(percentiles["99"]),
                    f"{found['silent'][layer]:.1%}",
                )
            )
        n_all = f"{sum(found['n_neurons'].values()):,}"
        rows.append((name, "all", n_all, hz(paper_mean), hz(found["mean_rate"]), "", "", ""))
    header = ("network", "layer", "neurons", "paper", "ours", "median", "99 %", "never fired")
    return "Over all neurons and test images, 200 ms each.\n\n" + table(header, rows)
