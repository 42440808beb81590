"""P1 table 2: a network of 500 and 200 spiking LIF neurons for MNIST."""

from __future__ import annotations

from experiments import papers
from experiments.markdown import hz, percent, table
from experiments.runs import rate_error, run_spikes

TITLE = "MNIST with two hidden layers (P1 table 2)"
NAME = "mnist_mlp"
TAU_S = 0.005


def run(quick):
    """Run the network in rates and in spikes.

    Returns
    -------
    result : dict
    """
    return {
        "rates": rate_error(NAME, quick=quick),
        "spikes": run_spikes(NAME, TAU_S, quick=quick),
    }


def describe(result):
    """Put our error and rates beside the paper's."""
    spikes = result["spikes"]
    rows = [(who, f"{error} %", *[""] * 3) for who, error in papers.MLP_OTHERS.items()]
    paper = [hz(rate) for rate in (*papers.MLP_RATES.values(), papers.MLP_MEAN_RATE)]
    rates = [*spikes["rates"].values(), spikes["mean_rate"]]
    rows += [
        ("P1", f"{papers.MLP_ERROR} %", *paper),
        ("ours", percent(spikes["error"]), *map(hz, rates)),
    ]
    return (
        "784 - 500 - 200 - 10, LIF neurons; 200 ms for each image, classified from 120 ms, alpha "
        f"synapse of 5 ms. Soft LIF: {percent(result['rates'])}.\n\n"
        + table(("", "error in spikes", "first layer", "second layer", "all neurons"), rows)
    )
