"""P3 figures 11 to 13: a hidden layer of 60 neurons for MNIST beside its ReLUs."""

from __future__ import annotations

import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments import papers
from experiments.linear_lif.chain import (
    DT,
    comparison,
    correlation,
    dense_weights,
    run_chain,
    run_relus,
)
from experiments.markdown import percent
from experiments.runs import images, trained
from nengo_softlif.functional import run_linear_lif
from nengo_softlif.functional.circuits import LinearLIF

TITLE = "MNIST with 60 hidden neurons (P3 figures 11 to 13)"
NETWORK = "linear_mlp"
MAX_RATE, TIME = 10.0, 3.0  # Hz, s
RANGES = (0.3, 1.0, 3.0, 10.0, 30.0)  # Hz
CONDUCTANCES = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0)
RESETS = {"linear": False, "zero": True}
N_CORRELATED, N_MATRIX, N_SWEEP, N_SHOWN = 50, 20, 1000, 5


def run(quick):
    """Compare hidden activity, decisions, and both resets.

    Returns
    -------
    result : dict
        "correlations" of hidden activity by image; "matrices" of it over images and over neurons;
        "confusion" of decisions, with those of the ReLUs in rows; "agreement" as a fraction, over
        the coding range and over the conductance; "voltages" of a few neurons.
    """
    model, _ = trained(NETWORK)
    x, labels = images(NETWORK, "test", quick)
    x = x.reshape(len(x), -1)
    weights = dense_weights(model)
    hidden, decisions = run_relus(weights, x)
    counts = run_chain(weights, x, max_rate=MAX_RATE, time=TIME)
    few = slice(N_CORRELATED)
    n = min(N_SWEEP, len(x))

    def agreement(**options):
        settings = {"max_rate": MAX_RATE, "time": TIME, **options}
        found = run_chain(weights, x[:n], **settings)[1].argmax(axis=1)
        return float(np.mean(found == decisions[:n]))

    return {
        "max_rate": MAX_RATE,
        "time": TIME,
        "dt": DT,
        "n_sweep": n,
        **comparison(decisions, counts[1].argmax(axis=1), labels, 10),
        "correlations": correlation(hidden[few], counts[0][few]).round(4).tolist(),
        "matrices": _matrices(hidden[few], counts[0][few]),
        "ranges": {
            name: [agreement(max_rate=rate, reset_to_zero=reset) for rate in RANGES]
            for name, reset in RESETS.items()
        },
        "conductances": {
            name: [agreement(conductance=g, reset_to_zero=reset) for g in CONDUCTANCES]
            for name, reset in RESETS.items()
        },
        "voltages": _voltages(weights[0], x[:1], hidden[0]),
    }


def _matrices(relu, spikes):
    """Correlations of ReLUs (first half) and spikes (second half) with each other."""
    active = (relu.std(axis=0) > 0) & (spikes.std(axis=0) > 0)
    return {
        "images": _all_correlations(relu[:N_MATRIX], spikes[:N_MATRIX]),
        "neurons": _all_correlations(relu.T[active], spikes.T[active]),
    }


def _all_correlations(*parts):
    rows = np.concatenate(parts)
    return [correlation(rows, np.tile(row, (len(rows), 1))).round(3).tolist() for row in rows]


def _voltages(weights, x, hidden):
    """Membranes of the neurons whose ReLUs are at quantiles of the activity above zero."""
    active = np.flatnonzero(hidden)
    shown = active[np.argsort(hidden[active])][np.linspace(0, len(active) - 1, N_SHOWN).astype(int)]
    ones = np.ones(N_SHOWN)
    neurons = LinearLIF(weights[shown], np.inf * ones, ones, ones, 0 * ones)
    spikes = nsl.RegularSpikes(MAX_RATE).encode(x, round(TIME / DT), dt=DT)
    output, voltages = run_linear_lif(neurons, spikes, dt=DT)
    return {
        "voltages": voltages[0].T.round(3).tolist(),
        "spikes": [np.flatnonzero(train).tolist() for train in output[0].T],
        "activations": hidden[shown].round(3).tolist(),
    }


def describe(result):
    """Put correlations and agreement beside the paper's."""
    found = np.array(result["correlations"])
    n_units = len(result["matrices"]["neurons"]) // 2
    of_same = np.diag(np.array(result["matrices"]["neurons"]), n_units)
    paper = papers.LINEAR_MLP
    rows = [
        (
            "correlation of hidden activity, mean",
            f"{paper['correlation'][0]}",
            f"{np.mean(found):.3f}",
        ),
        ("lowest", f"{paper['correlation'][1]}", f"{np.min(found):.3f}"),
        ("highest", f"{paper['correlation'][2]}", f"{np.max(found):.3f}"),
        ("agreement with the ReLUs", f"{paper['agreement']} %", percent(result["agreement"])),
        ("error, ReLUs", "", percent(result["errors"]["relu"])),
        ("error, spikes", "", percent(result["errors"]["spikes"])),
    ]
    ranges = [
        (f"{rate:g} Hz", *(percent(result["ranges"][name][i], 1) for name in RESETS))
        for i, rate in enumerate(RANGES)
    ]
    leaks = [
        (f"{g:g}", *(percent(result["conductances"][name][i], 1) for name in RESETS))
        for i, g in enumerate(CONDUCTANCES)
    ]
    return (
        f"784 - 60 - 10, no biases; pixels as regular spikes of up to {result['max_rate']:g} Hz, "
        f"{result['time']:g} s in steps of {1000 * result['dt']:g} ms; decided by the number of "
        f"spikes, {result['n_items']:,} test images, correlations of {len(found)}.\n\n"
        + table(("", "P3", "ours"), rows)
        + f"\n\nBetween a ReLU's and its neuron's activity over {len(found)} images the mean "
        f"correlation is {np.mean(of_same):.3f}. Agreement over {result['n_sweep']:,} images "
        "by coding range, without leak:\n\n"
        + table(("spikes for 1", "linear reset", "reset to zero"), ranges)
        + "\n\nand by the conductance of all membranes (capacitance 1):\n\n"
        + table(("1 / R", "linear reset", "reset to zero"), leaks)
        + "\n\n![Hidden activity](figures/linear_lif.mlp.png)"
    )


def draw(result, folder):
    """Draw figures 11 to 13 as ``linear_lif.mlp.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import INK, color, tidy

    figure = Figure(figsize=(11, 7), layout="constrained")
    axes = figure.subplots(2, 3)

    ax, shown = axes[0, 0], result["voltages"]
    times = result["dt"] * np.arange(1, len(shown["voltages"][0]) + 1)
    for i, (voltage, spikes) in enumerate(zip(shown["voltages"], shown["spikes"], strict=True)):
        ax.plot(times, np.array(voltage) + 2 * i, color=INK, linewidth=0.7)
        ax.vlines(times[spikes], 2 * i + 1, 2 * i + 1.5, color=color(1), linewidth=0.8)
    ax.set_yticks(
        2 * np.arange(len(shown["activations"])), [f"{a:.2f}" for a in shown["activations"]]
    )
    tidy(ax, xlabel="Time (s)", ylabel="Voltage; activation of the ReLU")

    ax = axes[0, 1]
    ax.plot(result["correlations"], ".-", color=color(0))
    ax.axhline(np.mean(result["correlations"]), color=INK, linestyle="--")
    ax.set_ylim(min(0.85, *result["correlations"]), 1.01)
    tidy(ax, xlabel="Image", ylabel="Correlation with the ReLUs")

    ax = axes[0, 2]
    matrix = np.array(result["confusion"])
    ax.imshow(np.log1p(matrix), cmap="Blues")
    for i, j in zip(*np.nonzero(matrix), strict=True):
        dark = matrix[i, j] > matrix.max() / 8
        ax.text(
            j, i, matrix[i, j], ha="center", va="center", fontsize=6, color="w" if dark else INK
        )
    ax.set_xticks(range(10))
    ax.set_yticks(range(10))
    ax.set_xlabel("Spikes")
    ax.set_ylabel("ReLUs")

    for ax, (kind, values) in zip(axes[1], result["matrices"].items(), strict=False):
        picture = ax.imshow(values, vmin=-1, vmax=1, cmap="RdBu_r")
        middle = len(values) / 2
        ax.axhline(middle - 0.5, color=INK, linewidth=0.7)
        ax.axvline(middle - 0.5, color=INK, linewidth=0.7)
        ax.set_xticks([middle / 2, 1.5 * middle], ["ReLUs", "spikes"])
        ax.set_yticks([middle / 2, 1.5 * middle], ["ReLUs", "spikes"])
        ax.set_title(f"Correlations of {kind}", fontsize=10)
        figure.colorbar(picture, ax=ax, shrink=0.7)

    ax = axes[1, 2]
    for i, (name, label) in enumerate({"linear": "linear reset", "zero": "reset to zero"}.items()):
        ax.plot(RANGES, 100 * np.array(result["ranges"][name]), "o-", color=color(i), label=label)
    ax.set_xscale("log")
    ax.legend(frameon=False, fontsize=8)
    tidy(ax, xlabel="Coding range (Hz)", ylabel="Agreement (%)")
    figure.savefig(folder / "linear_lif.mlp.png", dpi=110)
