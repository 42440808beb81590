"""P3 figure 18: error of hidden rates against the time for which an image is encoded."""

from __future__ import annotations

import numpy as np

from benchmarks.markdown import table
from experiments.figures import logarithmic
from experiments.linear_lif.chain import DT, dense_weights, run_chain
from experiments.markdown import percent
from experiments.runs import images, trained

TITLE = "Error against encoding time (P3 figure 18)"
NETWORKS = ("linear_mlp", "linear_two_classes")
MAX_RATE = 10.0  # Hz
TIMES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  # s
N_ITEMS = 100  # images


def run(quick):
    """Measure errors of activities over time.

    Returns
    -------
    result : dict
        "networks": "measured" relative errors of hidden activity, and those of the "theory", by
        name.
    """
    return {
        "max_rate": MAX_RATE,
        "seconds": TIMES,
        "networks": {name: _errors(name, quick) for name in NETWORKS},
    }


def _errors(name, quick):
    """Relative errors of the hidden layer's rates, and what counting whole spikes makes of them."""
    model, _ = trained(name)
    x = images(name, "test", quick)[0][:N_ITEMS]
    x = x.reshape(len(x), -1)
    weights = dense_weights(model)[:1]
    rates = MAX_RATE * np.maximum(x @ weights[0].T, 0)
    # more than one spike a step would be an error of another kind
    reachable = rates < 1 / DT
    size = np.sqrt(np.sum(rates[reachable] ** 2))
    measured, theory = [], []
    for time in TIMES:
        (counts,) = run_chain(weights, x, max_rate=MAX_RATE, time=time)
        lost = np.floor(rates * time) / time - rates  # P3 eq. 21
        measured.append(float(np.sqrt(np.sum((counts / time - rates)[reachable] ** 2)) / size))
        theory.append(float(np.sqrt(np.sum(lost[reachable] ** 2)) / size))
    return {"measured": measured, "theory": theory}


def describe(result):
    """Put measured errors beside the theory."""
    rows = [
        (name, what, *(percent(value, 1) for value in found[what]))
        for name, found in result["networks"].items()
        for what in ("measured", "theory")
    ]
    header = ("", "", *(f"{time:g} s" for time in result["seconds"]))
    return (
        f"Hidden rates against {result['max_rate']:g} Hz times the ReLUs: root of the mean square "
        "difference, relative to that of the rates, of all neurons that need less than a spike in "
        "every step. Theory: whole spikes only, rounded down (P3 equation 21).\n\n"
        + table(header, rows)
        + "\n\nP3 reports an error below 1 % at 10 s."
        "\n\n![Error against time](figures/linear_lif.encoding_time.png)"
    )


def draw(result, folder):
    """Draw error against time as ``linear_lif.encoding_time.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import color, tidy

    figure = Figure(figsize=(4.6, 3.4), layout="constrained")
    ax = figure.subplots()
    for i, (name, found) in enumerate(result["networks"].items()):
        ax.plot(result["seconds"], 100 * np.array(found["theory"]), "--", color=color(i))
        measured = 100 * np.array(found["measured"])
        ax.plot(result["seconds"], measured, "o", color=color(i), label=name)
    logarithmic(ax, "x")
    logarithmic(ax, "y")
    ax.legend(frameon=False, fontsize=8, title="dashed: theory", title_fontsize=8)
    tidy(ax, xlabel="Encoding time (s)", ylabel="Error of hidden rates (%)")
    figure.savefig(folder / "linear_lif.encoding_time.png", dpi=110)
