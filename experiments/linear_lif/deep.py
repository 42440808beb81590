"""P3 section V-E5, table VI: AlexNet and VGG-16 for CIFAR-10, against simulated time."""

from __future__ import annotations

import numpy as np

from benchmarks.markdown import table
from experiments import papers
from experiments.data import CLASSES
from experiments.figures import logarithmic
from experiments.goals import distance
from experiments.linear_lif.chain import confusion
from experiments.linear_lif.one_spike_a_step import decide, run_steps
from experiments.markdown import percent
from experiments.runs import images, trained

TITLE = "AlexNet and VGG-16 on CIFAR-10 (P3 section V-E5, table VI)"
NETWORKS = {"AlexNet": "linear_alexnet", "VGG-16": "linear_vgg16"}
# Steps. AlexNet needs more of them to lose as little as P3's, which had 2,000.
ENDS = {"AlexNet": (8, 16, 32, 64, 128, 256, 512), "VGG-16": (8, 16, 24, 32, 48, 64)}
QUICK_ENDS = (8, 16)
# Steps that don't count, at most half of them: until then it matters which layers have begun to
# fire. Chosen on validation images.
SETTLING = 128
RULE, START = "least error", "1/2"


def run(quick):
    """Decide with spikes and with ReLUs on all test images.

    Returns
    -------
    result : dict
        "networks": by title the "errors" of ReLUs and spikes, "agreement" of all
        decisions and of those for the paper's number of images, both of the latter also by
        the network's "ends"; the "confusion" of decisions, those of the ReLUs in rows; mean
        rates in Hz.
    """
    return {
        "networks": {
            title: _run(title, name, QUICK_ENDS if quick else ENDS[title], quick)
            for title, name in NETWORKS.items()
        },
    }


def _run(title, name, ends, quick):
    model, info = trained(name)
    x, labels = images(name, "test", quick)
    decisions = model.predict(x, batch_size=250, verbose=0).argmax(axis=1)
    result = run_steps(name, RULE, START, max(ends), x, labels, quick)
    first = slice(papers.DEEP[title]["n_agreement"])
    chosen = [decide(result, min(end // 2, SETTLING), end) for end in ends]
    return {
        "network": name,
        "ends": ends,
        "epochs": info["plan"].epochs,
        "n_parameters": sum(int(w.size) for w in model.get_weights()),
        "n_items": len(x),
        "n_agreement": len(decisions[first]),
        "agreement": float(np.mean(chosen[-1][first] == decisions[first])),
        "agreement_all": [float(np.mean(found == decisions)) for found in chosen],
        "errors": {
            "relu": float(np.mean(decisions != labels)),
            "spikes": [float(np.mean(found != labels)) for found in chosen],
        },
        "confusion": confusion(decisions, chosen[-1], 10),
        "rates": {name: found.mean for name, found in result.firing_rates.items()},
        "seconds": round(result.wall_time, 1),
    }


def describe(result):
    """Put errors, points lost and agreement beside the paper's; then all of it by steps."""
    rows = []
    for title, found in result["networks"].items():
        paper = papers.DEEP[title]
        relu, spikes = paper["errors"]
        rows.append(
            (title, "P3", f"{relu} %", f"{spikes} %", f"{spikes - relu:+.2f}")
            + ("", f"{paper['agreement']} % of {paper['n_agreement']:,}", "")
        )
        relu, spikes = found["errors"]["relu"], found["errors"]["spikes"][-1]
        rows.append(
            (title, "ours", percent(relu), percent(spikes), f"{100 * (spikes - relu):+.2f}")
            + (
                distance(100 * (spikes - relu), paper["errors"][1] - paper["errors"][0]),
                f"{percent(found['agreement'])} of {found['n_agreement']:,}",
                percent(found["agreement_all"][-1]),
            )
        )
    header = ("", "", "ReLU", "spikes", "points lost", "no more than P3", "agreement", "of all")
    parts = [
        "Images as constant currents, neurons that fire at most once a step, spiking max pooling, "
        "thresholds of least error, start at half of the threshold; the first half of the steps, "
        f"but no more than {SETTLING}, does not count. "
        + " ".join(_words(title, found) for title, found in result["networks"].items())
        + " P3 trained without augmentation, for 200 epochs, with 12.98 and 33 million "
        "connections, and ran 2,000 steps.",
        table(header, rows),
        "![Error against steps](figures/linear_lif.deep.png)",
        "If the image had gone after so many steps:",
    ]
    for title, found in result["networks"].items():
        rows = [
            ("error", *map(percent, found["errors"]["spikes"])),
            ("agreement", *(percent(agreement, 1) for agreement in found["agreement_all"])),
        ]
        parts.append(table((title, *(f"T = {end}" for end in found["ends"])), rows))
    for title, found in result["networks"].items():
        counts = [
            (f"ReLUs: {name}", *row) for name, row in zip(CLASSES, found["confusion"], strict=True)
        ]
        parts += [
            f"Decisions of {title} in spikes (columns) beside those of its ReLUs:",
            table(("", *CLASSES), counts),
        ]
    return "\n\n".join(parts)


def _words(title, found):
    rates = list(found["rates"].values())
    return (
        f"{title}: {found['n_parameters'] / 1e6:.1f} million parameters, {found['epochs']} epochs, "
        f"{max(found['ends'])} steps, {found['n_items']:,} test images, mean rates of layers "
        f"{min(rates):.0f} to {max(rates):.0f} Hz, {found['seconds']:.0f} s."
    )


def draw(result, folder):
    """Draw error against steps as ``linear_lif.deep.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import color, tidy

    figure = Figure(figsize=(5, 3.4), layout="constrained")
    ax = figure.subplots()
    for i, (title, found) in enumerate(result["networks"].items()):
        errors = 100 * np.array(found["errors"]["spikes"])
        ax.plot(found["ends"], errors, ".-", color=color(i), label=title)
        ax.axhline(100 * found["errors"]["relu"], color=color(i), linestyle="--", linewidth=0.8)
    logarithmic(ax, "x", base=2)
    logarithmic(ax, "y")
    ax.legend(frameon=False, title="dashed: ReLUs", fontsize=8, title_fontsize=8)
    tidy(ax, xlabel="Steps", ylabel="Error (%)")
    figure.savefig(folder / "linear_lif.deep.png", dpi=110)
