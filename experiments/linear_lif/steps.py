"""How few steps are enough: decisions by number of steps, with three rules for thresholds."""

from __future__ import annotations

import numpy as np

from benchmarks.markdown import table
from experiments.figures import logarithmic
from experiments.goals import CONVNET_GOAL
from experiments.linear_lif.one_spike_a_step import PERCENTILE, RULES, STARTS, decide, run_steps
from experiments.markdown import percent
from experiments.runs import images, rate_error, trained

TITLE = "How few steps are enough (P3 section V-F)"
NETWORKS = {  # number of images, and the fraction of the steps that counts
    "linear_mlp": (2000, 1.0),
    "linear_two_classes": (2000, 1.0),
    "linear_convnet": (2000, 1.0),
    "linear_alexnet": (200, 0.5),
    "linear_vgg16": (200, 0.5),
}
STEPS = (8, 16, 32, 64, 128, 256)
# The network of the goal runs on all test images, with least error and a start at half.
WITH_ALL_IMAGES = "linear_convnet"
N_STEPS = CONVNET_GOAL[0]


def run(quick):
    """Measure errors of decisions over steps.

    Returns
    -------
    result : dict
        "steps"; "networks": for each the error of its ReLUs, and those of spikes, with the shares
        of decisions that agree, by rule, start, and number of steps; "goal": on all test images.
    """
    steps = STEPS[:2] if quick else STEPS
    return {
        "steps": steps,
        "networks": {name: _errors(name, steps, quick) for name in NETWORKS},
        "goal": _goal(quick),
    }


def _errors(name, steps, quick):
    model, _ = trained(name)
    n_items, share = NETWORKS[name]
    x, labels = (part[:n_items] for part in images(name, "test", quick))
    decisions = model.predict(x, batch_size=250, verbose=0).argmax(axis=1)
    found = {"relu": float(np.mean(decisions != labels)), "n_items": len(x), "share": share}
    for rule in RULES:
        for start in STARTS:
            errors, agreement = [], []
            # thresholds of least error are made for a number of steps, the others serve all
            runs = [(n,) for n in steps] if rule == "least error" else [steps]
            for ends in runs:
                result = run_steps(name, rule, start, max(ends), x, labels, quick)
                for end in ends:
                    chosen = decide(result, round(end * (1 - share)), end)
                    errors.append(float(np.mean(chosen != labels)))
                    agreement.append(float(np.mean(chosen == decisions)))
            found.setdefault(rule, {})[start] = {"errors": errors, "agreement": agreement}
    return found


def _goal(quick):
    x, labels = images(WITH_ALL_IMAGES, "test", quick)
    result = run_steps(WITH_ALL_IMAGES, "least error", "1/2", N_STEPS, x, labels, quick)
    relu = rate_error(WITH_ALL_IMAGES, quick=quick)
    return {"relu": relu, "spikes": result.error, "n_items": len(x)}


def describe(result):
    """List errors by steps."""
    parts = [
        "Images as constant currents. Thresholds: none, an activation of 1 is a spike in every "
        f"step; percentile, that of the activations' {PERCENTILE:g}th percentile is; least error, "
        "`nengo_softlif.conversion.balanced_scales` (Li et al. 2021), made for each T. Start: "
        "voltage in units of the threshold.",
        "![Error against steps](figures/linear_lif.steps.png)",
    ]
    for name, found in result["networks"].items():
        rows = [
            (
                rule,
                start,
                *(
                    f"{percent(error)} ({percent(agreement, 1)})"
                    for error, agreement in zip(by["errors"], by["agreement"], strict=True)
                ),
            )
            for rule in RULES
            for start, by in found[rule].items()
        ]
        parts += [
            f"{name}: error, and in parentheses the fraction of decisions that are the ReLUs' "
            f"(their error: {percent(found['relu'])}), the first {found['n_items']:,} test images"
            + ("; the second half of the steps counts." if found["share"] < 1 else "."),
            table(("threshold", "start", *(f"T = {n}" for n in result["steps"])), rows),
        ]
    goal = result["goal"]
    parts += [
        _enough(result),
        f"All {goal['n_items']:,} test images, {WITH_ALL_IMAGES}, T = {N_STEPS}, thresholds of "
        f"least error, start at half: {percent(goal['spikes'])} beside {percent(goal['relu'])}.",
    ]
    return "\n\n".join(parts)


def _enough(result):
    """Say how few steps make 99 % of the decisions those of the ReLUs."""
    texts = []
    for name, by_rule in result["networks"].items():
        runs = [
            (n, rule, start)
            for rule in RULES
            for start in STARTS
            for i, n in enumerate(result["steps"])
            if min(by_rule[rule][start]["agreement"][i:]) >= 0.99
        ]
        fewest = min(runs, key=lambda run: run[0], default=None)
        texts.append(
            f"{name} with none of these"
            if fewest is None
            else f"{name} with {fewest[0]} (threshold: {fewest[1]}, start {fewest[2]})"
        )
    return (
        "The fewest steps with which, and with all more of these, 99 % of the decisions agree: "
        f"{'; '.join(texts)}."
    )


def draw(result, folder):
    """Draw error against steps as ``linear_lif.steps.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import INK, color, tidy

    networks = result["networks"]
    figure = Figure(figsize=(2.7 * len(networks), 3.4), layout="constrained")
    styles = {"0": "--", "1/2": "-"}
    for ax, (name, found) in zip(figure.subplots(1, len(networks)), networks.items(), strict=True):
        for i, rule in enumerate(RULES):
            for start, style in styles.items():
                errors = 100 * np.array(found[rule][start]["errors"])
                label = rule if start == "1/2" else None
                ax.plot(result["steps"], errors, style, color=color(i), label=label, marker=".")
        ax.axhline(100 * found["relu"], color=INK, linewidth=0.8)
        logarithmic(ax, "x", base=2)
        logarithmic(ax, "y")
        ax.set_title(name, fontsize=9)
        tidy(ax, xlabel="Steps", ylabel="Error (%)")
    figure.axes[0].legend(frameon=False, fontsize=7, title="solid: start at 1/2", title_fontsize=7)
    figure.savefig(folder / "linear_lif.steps.png", dpi=110)
