"""P3 figure 18: error against encoding time; and how few steps are enough."""

from __future__ import annotations

import nengo
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.goals import distance
from experiments.linear_lif.chain import DT, dense_weights, run_chain
from experiments.markdown import percent
from experiments.runs import images, trained

TITLE = "Error against time, and how few steps are enough (P3 figure 18)"
DENSE = ("linear_mlp", "linear_two_classes")
MAX_RATE = 10.0  # Hz
TIMES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  # s
N_TIMES = 100  # images

NETWORKS = ("linear_mlp", "linear_two_classes", "linear_convnet")
STEPS = (8, 16, 32, 64, 128, 256)
STARTS = {"0": 0.0, "1/2": 0.5}
RULES = ("none", "percentile", "least error")
N_CALIBRATION, N_STEPS = 100, 2000  # images
STEP = 0.001  # s
PERCENTILE = 99.9
GOAL = ("linear_convnet", "least error", "1/2", 32)  # the goal: within 0.1 points


def run(quick):
    """Measure errors of activities over time, and of decisions over steps.

    Returns
    -------
    result : dict
        "times": relative errors of hidden activity by network; "steps": for each network the
        error of its ReLUs, and those of spikes, with the shares of decisions that agree, by rule,
        start, and number of steps; "goal": on all test images.
    """
    return {
        "max_rate": MAX_RATE,
        "times": {name: _times(name, quick) for name in DENSE},
        "steps": {name: _steps(name, quick) for name in NETWORKS},
        "goal": _goal(quick),
    }


def _times(name, quick):
    """Relative errors of the hidden layer's rates, and what counting whole spikes makes of them."""
    model, _ = trained(name)
    x = images(name, "test", quick)[0][:N_TIMES]
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
    return {"seconds": list(TIMES), "measured": measured, "theory": theory}


def _steps(name, quick):
    model, _ = trained(name)
    x, labels = (part[:N_STEPS] for part in images(name, "test", quick))
    decisions = model.predict(x, batch_size=500, verbose=0).argmax(axis=1)
    found = {"relu": float(np.mean(decisions != labels)), "n_items": len(x)}
    for rule in RULES:
        for start in STARTS:
            errors, agreement = [], []
            # thresholds of least error are made for a number of steps, the others serve all
            runs = [(n,) for n in STEPS] if rule == "least error" else [STEPS]
            for ends in runs:
                result = _evaluate(name, rule, start, max(ends), x, labels, quick)
                for end in ends:
                    chosen = result.outputs_over_time[:, :end].sum(axis=1).argmax(axis=1)
                    errors.append(float(np.mean(chosen != labels)))
                    agreement.append(float(np.mean(chosen == decisions)))
            found.setdefault(rule, {})[start] = {"errors": errors, "agreement": agreement}
    return found


def _evaluate(name, rule, start, n_steps, x, labels, quick):
    model, _ = trained(name)
    calibration = images(name, "validation", quick)[0][:N_CALIBRATION]
    pooling = {"max_pool": "spiking"}  # where there is any
    voltage = nengo.dists.Choice([STARTS[start]])
    neuron = nsl.LinearResetLIF(tau_rc=1.0, leak=False, initial_state={"voltage": voltage})
    if rule == "none":
        scaling = {"scale": 1 / STEP}
    elif rule == "percentile":
        scaling = {
            "target_rates": (1 - 1e-9) / STEP,
            "calibration": calibration,
            "percentile": PERCENTILE,
        }
    else:
        scaling = {
            "scale": nsl.conversion.balanced_scales(
                model, calibration, n_steps=n_steps, dt=STEP, start=STARTS[start], **pooling
            )
        }
    spiking = nsl.convert(model, synapse=None, neurons={"relu": neuron}, **scaling, **pooling)
    return nsl.evaluate(
        spiking,
        x,
        labels,
        backend="compiled",
        presentation_time=n_steps * STEP,
        classify_from=0.0,
        keep_outputs=True,
    )


def _goal(quick):
    name, rule, start, n_steps = GOAL
    model, _ = trained(name)
    x, labels = images(name, "test", quick)
    relu = np.mean(model.predict(x, batch_size=500, verbose=0).argmax(axis=1) != labels)
    result = _evaluate(name, rule, start, n_steps, x, labels, quick)
    return {"relu": float(relu), "spikes": result.error, "n_items": len(x)}


def describe(result):
    """Put measured errors beside the theory, and list errors by steps."""
    rows = [
        (name, what, *(percent(value, 1) for value in found[what]))
        for name, found in result["times"].items()
        for what in ("measured", "theory")
    ]
    header = ("", "", *(f"{time:g} s" for time in TIMES))
    parts = [
        f"Hidden rates against {result['max_rate']:g} Hz times the ReLUs: root of the mean square "
        "difference, relative to that of the rates, of all neurons that need less than a spike in "
        "every step. Theory: whole spikes only, rounded down (P3 equation 21).",
        table(header, rows),
        "P3 reports an error below 1 % at 10 s.",
        "![Error against time](figures/linear_lif.steps.png)",
    ]
    for name, found in result["steps"].items():
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
            f"{name}: error, and in parentheses the share of decisions that are those of the ReLUs "
            f"(their error: {percent(found['relu'])}), {found['n_items']:,} test images as "
            "constant currents.",
            table(("threshold", "start", *(f"T = {n}" for n in STEPS)), rows),
        ]
    parts.append(_enough(result["steps"]))
    goal = result["goal"]
    lost = 100 * (goal["spikes"] - goal["relu"])
    parts += [
        "Thresholds: none, an activation of 1 is a spike in every step; percentile, that of the "
        f"activations' {PERCENTILE:g}th percentile is; least error, "
        "`nengo_softlif.conversion.balanced_scales` (Li et al. 2021), made for each T. Start: "
        "voltage in units of the threshold.",
        f"Goal: the ConvNet within 0.1 points of the ReLUs at T = 32. On {goal['n_items']:,} test "
        f"images {percent(goal['spikes'])} beside {percent(goal['relu'])}: {lost:+.2f} points, "
        f"reached: {distance(lost, 0.1)}.",
    ]
    return "\n\n".join(parts)


def _enough(found):
    """Say how few steps make 99 % of the decisions those of the ReLUs."""
    texts = []
    for name, by_rule in found.items():
        runs = [
            (n, rule, start)
            for rule in RULES
            for start in STARTS
            for n, agreement in zip(STEPS, by_rule[rule][start]["agreement"], strict=True)
            if agreement >= 0.99
        ]
        fewest = min(runs, key=lambda run: run[0], default=None)
        texts.append(
            f"{name} with none of these"
            if fewest is None
            else f"{name} with {fewest[0]} (threshold: {fewest[1]}, start {fewest[2]})"
        )
    return f"The fewest steps with which 99 % of the decisions agree: {'; '.join(texts)}."


def draw(result, folder):
    """Draw error against time, and against steps, as ``linear_lif.steps.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import INK, color, tidy

    figure = Figure(figsize=(11, 3.6), layout="constrained")
    axes = figure.subplots(1, 1 + len(NETWORKS))
    ax = axes[0]
    for i, (name, found) in enumerate(result["times"].items()):
        ax.loglog(found["seconds"], 100 * np.array(found["theory"]), "--", color=color(i))
        ax.loglog(
            found["seconds"], 100 * np.array(found["measured"]), "o", color=color(i), label=name
        )
    ax.legend(frameon=False, fontsize=7)
    tidy(ax, xlabel="Encoding time (s)", ylabel="Error of hidden rates (%)")
    styles = {"0": "--", "1/2": "-"}
    for ax, (name, found) in zip(axes[1:], result["steps"].items(), strict=True):
        for i, rule in enumerate(RULES):
            for start, style in styles.items():
                errors = 100 * np.array(found[rule][start]["errors"])
                label = rule if start == "1/2" else None
                ax.plot(STEPS, errors, style, color=color(i), label=label, marker=".")
        ax.axhline(100 * found["relu"], color=INK, linewidth=0.8)
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter("{x:g}")
        ax.set_title(name, fontsize=9)
        tidy(ax, xlabel="Steps", ylabel="Error (%)")
    axes[1].legend(frameon=False, fontsize=7, title="solid: start at 1/2", title_fontsize=7)
    figure.savefig(folder / "linear_lif.steps.png", dpi=110)
