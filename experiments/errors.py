"""P2 tables 1 and 2: ReLU network, soft LIF network, and the same in spikes."""

from __future__ import annotations

import numpy as np

from benchmarks.markdown import table
from experiments import papers
from experiments.markdown import percent, spread, times
from experiments.runs import efficiency, rate_error, run_spikes, trained

TITLE = "Errors in rates and in spikes (P2 tables 1 and 2)"
TAU_S = 0.005
NETWORKS = {
    "mnist": tuple(
        [f"mnist27k_{kind}_seed{seed}" for seed in range(3)] for kind in ("relu", "lif")
    ),
    "cifar10": (["cifar50k_relu"], ["cifar50k_lif"]),
}


def run(quick):
    """Run all networks on all test images.

    Returns
    -------
    result : dict
        By data set: error of each ReLU network, and for each LIF network its errors in rates and
        in spikes.
    """
    return {
        "tau_s": TAU_S,
        "data": {
            data: {
                "relu": {name: rate_error(name, quick=quick) for name in relus},
                "epochs_relu": trained(relus[0])[1]["plan"].epochs,
                "lif": {
                    name: {
                        "rates": rate_error(name, quick=quick),
                        "spikes": run_spikes(name, TAU_S, quick=quick),
                    }
                    for name in lifs
                },
            }
            for data, (relus, lifs) in NETWORKS.items()
        },
    }


def describe(result):
    """Put our errors beside the paper's."""
    trained = "; ".join(
        f"{data}, {found['epochs_relu']} epochs with ReLUs and "
        f"{next(iter(found['lif'].values()))['spikes']['epochs']} with soft LIF neurons"
        for data, found in result["data"].items()
    )
    parts = [
        "200 ms for each image, classified from 120 ms, alpha synapse of 5 ms. Trained for: "
        f"{trained}. tau_rc = 20 ms, tau_ref = 4 ms; noise while training is that of filtered "
        "spike trains, and the soft LIF network for CIFAR-10 is normalised by batches meanwhile, "
        "the ReLU network isn't, so that these two don't compare neurons (docs/experiments.md)."
    ]
    rows = []
    for data, found in result["data"].items():
        relu, soft, spikes = papers.ERRORS[data]
        runs = list(found["lif"].values())
        ours = [[r["rates"] for r in runs], [r["spikes"]["error"] for r in runs]]
        losses = [100 * (b - a) for a, b in zip(*ours, strict=True)]
        rows += [
            (data, "P2", f"{relu} %", f"{soft} %", f"{spikes} %", f"{spikes - soft:+.2f}", ""),
            (
                data,
                "ours" + f", {len(runs)} seeds" * (len(runs) > 1),
                spread(list(found["relu"].values())),
                *(spread(errors) for errors in ours),
                f"{np.mean(losses):+.2f}",
                times(float(np.mean([efficiency(r["spikes"]) for r in runs]))),
            ),
        ]
    header = ("", "", "ReLU", "soft LIF", "spiking LIF", "points lost in spikes", "efficiency")
    parts.append(table(header, rows))
    rows = []
    for found in result["data"].values():
        for name, errors in found["lif"].items():
            spikes = errors["spikes"]
            low, high = spikes["error_interval"]
            interval = f"{percent(low)} to {percent(high)}"
            lost = f"{100 * (spikes['error'] - errors['rates']):+.2f}"
            rows.append((name, percent(errors["rates"]), percent(spikes["error"]), interval, lost))
    header = ("network", "soft LIF", "spiking LIF", "95 % interval", "points lost")
    parts.append(table(header, rows))
    others = "; ".join(f"{data}: {words}" for data, words in papers.OTHERS.items())
    parts.append(f"The best others in spikes by P2's table 2: {others}.")
    return "\n\n".join(parts)
