"""P1 table 1, P2 table 3: CIFAR-10 with one change after the other, all with one schedule."""

from __future__ import annotations

from benchmarks.markdown import table
from experiments import papers
from experiments.markdown import percent
from experiments.runs import rate_error, run_spikes

TITLE = "Effects of the modifications (P1 table 1, P2 table 3)"
TAU_S = 0.005
RATES = [f"cifar_row{row}" for row in range(6)]
OURS = "cifar_row_ours"
SPIKES = [*RATES[3:], OURS]
N_ITEMS = 1000  # images that are run in spikes, as in P1


def run(quick):
    """Test every network in rates, and those with soft LIF neurons in spikes.

    Returns
    -------
    result : dict
        Errors by network, in "rates"; runs in "spikes".
    """
    return {
        "tau_s": TAU_S,
        "rates": {name: rate_error(name, quick=quick) for name in (*RATES, OURS)},
        "spikes": {
            name: run_spikes(name, TAU_S, quick=quick, max_items=N_ITEMS) for name in SPIKES
        },
    }


def describe(result):
    """Put our errors beside those of both papers."""
    ours = [(percent(result["rates"][name]), "") for name in RATES]
    ours += [_in_spikes(result["spikes"][name]) for name in SPIKES[:-1]]
    rows = [
        (str(i), what, f"{p1} %", f"{p2} %", *found)
        for i, ((what, p1, p2), found) in enumerate(zip(papers.MODIFICATIONS, ours, strict=True))
    ]
    words = "row 3 with noise of filtered spike trains"
    rows += [
        ("9", words, "", "", percent(result["rates"][OURS]), ""),
        ("10", "row 9 in spikes", "", "", *_in_spikes(result["spikes"][OURS])),
    ]
    spikes = result["spikes"][OURS]
    return (
        f"All trained with one schedule of {spikes['epochs']} epochs, far shorter than that of the "
        "headline network or the papers', so that our rows compare with each other only. In "
        f"rates: all test images. In spikes: the first {spikes['n_items']:,}, 200 ms each, "
        "classified from 120 ms, alpha synapse of 5 ms, with the interval that holds the error of "
        "all with 95 % confidence. P1 ran its rows 6 to 8 on 1,000 images.\n\n"
        + table(("#", "modification", "P1", "P2", "ours", "95 % interval"), rows)
    )


def _in_spikes(run):
    low, high = run["error_interval"]
    return percent(run["error"]), f"{percent(low)} to {percent(high)}"
