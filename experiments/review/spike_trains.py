"""How fast rules for one neuron reach target trains: ReSuMe, SPAN, Chronotron, exact gradient."""

from __future__ import annotations

import numpy as np

from benchmarks.markdown import table
from experiments.figures import logarithmic
from nengo_softlif.errors import ParameterError
from nengo_softlif.learning_rules.spike_times import (
    SPAN,
    ChronotronE,
    ChronotronI,
    MultiSpikeProp,
    ReSuMe,
    SpikeResponseLayer,
)

TITLE = "Learning spike trains with one neuron"
DURATION, N_INPUT_SPIKES = 0.2, 2  # seconds; spikes of each input, uniform in the run
GAP = 0.01  # seconds between target spikes at least, from 30 ms on
BOUND, TAU = 0.3, 0.01  # van Rossum distance that is near enough, and its time constant in seconds
CONDITIONS = ((100, 1), (200, 1), (400, 1), (200, 3), (400, 3), (400, 5))  # inputs, target spikes
MOST_EPOCHS = 300
PRECISE = (200, 3)  # the condition in which trainings go on behind the bound
SEEDS, TUNING_SEEDS = range(20), range(100, 103)
RATES = (
    0.003,
    0.01,
    0.03,
    0.1,
    0.3,
    1.0,
    3.0,
)  # of learning, in units of 100 over the number of inputs
RULES = {
    "ReSuMe": ReSuMe,
    "SPAN": SPAN,
    "Chronotron, E-learning": ChronotronE,
    "Chronotron, I-learning": ChronotronI,
    "exact gradient (MultiSpikeProp)": MultiSpikeProp,
}


def run(quick):
    """Count epochs.

    Returns
    -------
    result : dict
        "conditions", (inputs, target spikes); by rule the learning rate "rate", "epochs" of each
        seed by condition, None where `MOST_EPOCHS` were too few, the "course" of the mean
        distances with the largest condition, and the "least" distance of each seed in all epochs.
    """
    conditions = CONDITIONS[:1] if quick else CONDITIONS
    seeds = SEEDS[:2] if quick else SEEDS
    return {
        "conditions": conditions,
        "seeds": len(seeds),
        "rules": {name: _measure(rule, conditions, seeds, quick) for name, rule in RULES.items()},
    }


def _measure(rule, conditions, seeds, quick):
    rate = RATES[2] if quick else _best_rate(rule)
    epochs, course = [], None
    for condition in conditions:
        trainings = [_train(rule, rate, *condition, seed) for seed in seeds]
        epochs.append([t.n_epochs if t.converged else None for t in trainings])
        course = [_filled(training.distances) for training in trainings]
    least = [min(_train(rule, rate, *PRECISE, seed, until=0).distances) for seed in seeds]
    return {
        "rate": rate,
        "epochs": epochs,
        "course": np.mean(course, axis=0).round(4).tolist(),
        "least": np.round(least, 5).tolist(),
    }


def _best_rate(rule):
    """Learning rate of the fewest epochs on average, on other seeds than those of the table."""
    needed = [np.mean([_needed(rule, rate, seed) for seed in TUNING_SEEDS]) for rate in RATES]
    return RATES[int(np.argmin(needed))]


def _needed(rule, rate, seed):
    """Epochs, or as many as there may be if the weights grow beyond all bounds."""
    try:
        return _train(rule, rate, 200, 3, seed).n_epochs
    except ParameterError:
        return MOST_EPOCHS


def _train(rule, rate, n_inputs, n_targets, seed, until=BOUND):
    rng = np.random.default_rng((seed, n_inputs, n_targets))
    inputs = rng.uniform(0, DURATION, size=(1, n_inputs, N_INPUT_SPIKES))
    layer = SpikeResponseLayer(rng.uniform(0, 12 / n_inputs, size=(n_inputs, 1)))
    free = DURATION - 0.04 - GAP * (n_targets - 1)
    targets = 0.03 + np.sort(rng.uniform(0, free, n_targets)) + GAP * np.arange(n_targets)
    return rule(rate * 100 / n_inputs).fit(
        layer,
        inputs,
        targets[np.newaxis, np.newaxis],
        duration=DURATION,
        epochs=MOST_EPOCHS,
        until=until,
        tau=TAU,
    )


def _filled(distances):
    """Distances by epoch, the last one repeated."""
    filled = np.full(MOST_EPOCHS + 1, distances[-1])
    filled[: len(distances)] = distances
    return filled


def describe(result):
    """List epochs by rule and condition."""
    rows = [
        (
            name,
            f"{found['rate']:g}",
            *(_epochs(epochs) for epochs in found["epochs"]),
            f"{np.median(found['least']):.3f} ({np.max(found['least']):.2f})",
        )
        for name, found in result["rules"].items()
    ]
    heads = (f"{n} inputs, {k} target{'s' * (k > 1)}" for n, k in result["conditions"])
    return "\n\n".join(
        [
            "One neuron of the spike response model (alpha function, 7 ms) with "
            f"{N_INPUT_SPIKES} spikes of each input at random times in {1000 * DURATION:g} ms, "
            f"target spikes at random times at least {1000 * GAP:g} ms from each other, and "
            "positive random weights at first. Epochs until the van Rossum distance "
            f"({1000 * TAU:g} ms) is at most {BOUND:g}, as of one spike that is 0.94 ms off: "
            f"median of {result['seeds']} seeds, and in parentheses how many reach it within "
            f"{MOST_EPOCHS} epochs. An epoch is one change of the weights. The learning rate of "
            "each rule, in units of 100 over the number of inputs, is the fastest of "
            f"{len(RATES)} with 200 inputs and 3 targets on {len(TUNING_SEEDS)} other seeds.",
            "The last column is how precise a rule gets: the least distance of all "
            f"{MOST_EPOCHS} epochs with {PRECISE[0]} inputs and {PRECISE[1]} targets, median and, "
            "in parentheses, the worst seed.",
            table(("rule", "rate", *heads, "least distance"), rows),
            "Mean distance by epoch in the last of these conditions; a training ends at the bound.",
            "![Distance by epoch](figures/review.spike_trains.png)",
        ]
    )


def _epochs(epochs):
    reached = [n for n in epochs if n is not None]
    median = np.median([MOST_EPOCHS + 1 if n is None else n for n in epochs])
    shown = f"{median:.0f}" if median <= MOST_EPOCHS else f"> {MOST_EPOCHS}"
    return f"{shown} ({len(reached)} of {len(epochs)})"


def draw(result, folder):
    """Draw the mean distance by epoch as ``review.spike_trains.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import INK, color, tidy

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    ax = figure.subplots()
    for i, (name, found) in enumerate(result["rules"].items()):
        ax.plot(found["course"], color=color(i), linewidth=1.2, label=name)
    ax.axhline(BOUND, color=INK, linewidth=0.8, linestyle=":")
    n_inputs, n_targets = result["conditions"][-1]
    ax.set_title(f"{n_inputs} inputs, {n_targets} target spikes", fontsize=9)
    ax.set_xlim(0, 100)
    logarithmic(ax, "y")
    tidy(ax, xlabel="Epoch", ylabel="Mean van Rossum distance")
    ax.legend(frameon=False, fontsize=8)
    figure.savefig(folder / "review.spike_trains.png", dpi=110)
