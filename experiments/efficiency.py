"""P2 equations 4 and 5: energy of spiking networks beside that of rate networks."""

from __future__ import annotations

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments import papers
from experiments.markdown import ms, times
from experiments.runs import efficiency, run_spikes
from nengo_softlif.analysis import count_workload, estimate_energy

TITLE = "Efficiency (P2 equations 4 and 5, section 3.1)"
TAU_S = 0.005
NETWORKS = {"mnist": "mnist27k_lif_seed0", "cifar10": "cifar50k_lif"}


def run(quick):
    """Count operations with the paper's sizes and rates, then those of our networks.

    Returns
    -------
    result : dict
        "paper": efficiencies by data set and time in seconds; "ours": runs by data set.
    """
    return {
        "paper": {
            data: {str(end): _of_paper(data, end) for _, _, end, _, _ in presentations}
            for data, presentations in papers.PRESENTATIONS.items()
        },
        "ours": {data: run_spikes(name, TAU_S, quick=quick) for data, name in NETWORKS.items()},
    }


def _of_paper(data, presentation_time):
    work = count_workload(papers.NETWORKS[data], papers.RATES[data], presentation_time)
    return work.flops / estimate_energy(work).total


def describe(result):
    """Put the paper's efficiencies beside what its counts give, and ours; then other machines."""
    rows = []
    for data, presentations in papers.PRESENTATIONS.items():
        for end, printed in sorted({(end, factor) for _, _, end, _, factor in presentations}):
            ours = [efficiency(result["ours"][data], end, c) for c in ("unrolled", "merged")]
            from_counts = result["paper"][data][str(end)]
            rows.append((data, ms(end), times(printed), times(from_counts), *map(times, ours)))
    header = (
        "",
        "shown for",
        "P2",
        "from P2's counts and rates",
        "ours, counted as in P2",
        "ours, counted exactly",
    )
    parts = [
        "Energy of the rate network, 2 flops a connection and 1 a neuron, over that of the spiking "
        "network, 0.08 a synaptic event and 0.25 an update of a neuron, the connections from the "
        "input counted at 2 flops. Counted exactly, pooling is merged into the weights after it: a "
        "spike then reaches about 4 times as many neurons, which a chip without passthrough "
        "elements would have to pay for (docs/energy.md). Ours are those of one network each "
        f"({', '.join(NETWORKS.values())}) with a synapse of 5 ms; for shorter times with the "
        "rates of the 200 ms.",
        table(header, rows),
    ]
    names = nsl.analysis.energy_models()[1:]
    rows = [
        (data, *(f"{1e6 * found['energy'][name]['merged']:,.3g}" for name in names))
        for data, found in result["ours"].items()
    ]
    parts.append(
        "Microjoules for one image of 200 ms on several machines, counted exactly; `cpu` and `gpu` "
        "compute the rate network. Rough figures of the cores alone, sources in "
        "nengo_softlif/analysis/energy.py.\n\n" + table(("", *names), rows)
    )
    return "\n\n".join(parts)
