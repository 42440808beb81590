"""P3 figures 7 to 9: one neuron beside the ReLU that it stands for."""

from __future__ import annotations

import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.markdown import percent
from nengo_softlif.functional import (
    linear_lif_from_relu,
    lowest_firing_rates,
    relu_from_linear_lif,
    run_linear_lif,
)
from nengo_softlif.functional.circuits import LinearLIF

TITLE = "One neuron and its ReLU (P3 figures 7 to 9)"
MAX_RATE = 100.0  # Hz that stand for 1
DT = 0.001
TIME = 4.0  # seconds, the window of P3
WEIGHT, BIAS = 0.2, -0.1  # of each input; the ReLU begins at 1/4 of the range of two equal inputs
RESETS = {"linear": False, "zero": True}
CAPACITANCES = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
CONDUCTANCES = (5.0, 10.0, 15.0, 20.0, 25.0)
PERIODS = np.arange(1, 121)  # steps, of the inputs among which the lowest rate that fires is sought


def run(quick):
    """Run single neurons with linear reset, and the same with reset to zero.

    Returns
    -------
    result : dict
        "equal": outputs in Hz against the rate of two inputs that are alike; "slopes" against
        capacitance; "thresholds" in Hz against conductance; "different": outputs for inputs with
        rates of their own, by their number.
    """
    n_rates = 21 if quick else 101
    return {
        "max_rate": MAX_RATE,
        "time": TIME,
        "equal": _equal(n_rates),
        "slopes": _slopes(n_rates),
        "thresholds": _thresholds(),
        "different": {str(n): _different(n, 20 if quick else 200) for n in (2, 3)},
    }


def _equal(n_rates):
    x = np.linspace(0, 1, n_rates)
    neuron = linear_lif_from_relu([[WEIGHT, WEIGHT]], BIAS, max_rate=MAX_RATE)
    return {
        "input": (MAX_RATE * x).tolist(),
        "lowest": lowest_firing_rates(neuron)[0],
        **_outputs(neuron, np.stack([x, x], axis=1)),
    }


def _different(n_inputs, n_items):
    """Inputs at random; weights with the same sum, so that the resistance is the same."""
    x = np.random.RandomState(n_inputs).uniform(size=(n_items, n_inputs))
    weights = np.full((1, n_inputs), 2 * WEIGHT / n_inputs)
    return {
        bias: _outputs(linear_lif_from_relu(weights, BIAS, max_rate=MAX_RATE, bias_as=bias), x)
        for bias in ("leak", "current")
    }


def _outputs(neuron, x):
    """Output of one neuron in Hz, for both resets and for the ReLU."""
    relu = relu_from_linear_lif(neuron, max_rate=MAX_RATE)
    outputs = {name: _rates(neuron, x, reset)[:, 0] for name, reset in RESETS.items()}
    outputs["relu"] = MAX_RATE * relu(x)[:, 0]
    return {name: values.round(4).tolist() for name, values in outputs.items()}


def _rates(neurons, x, reset_to_zero):
    spikes = nsl.RegularSpikes(MAX_RATE).encode(x, round(TIME / DT), dt=DT)
    output, _ = run_linear_lif(neurons, spikes, dt=DT, reset_to_zero=reset_to_zero)
    return output.sum(axis=1) / TIME


def _slopes(n_rates):
    """Slope of the output against the weighted input, measured by a line through the origin."""
    n = len(CAPACITANCES)
    neurons = LinearLIF(
        np.full((n, 2), WEIGHT), np.full(n, np.inf), np.array(CAPACITANCES), np.ones(n), np.zeros(n)
    )
    x = np.linspace(0, 1, n_rates)
    weighted = 2 * WEIGHT * MAX_RATE * x
    measured = {
        name: weighted @ _rates(neurons, np.stack([x, x], axis=1), reset) / (weighted @ weighted)
        for name, reset in RESETS.items()
    }
    return {
        "capacitance": list(CAPACITANCES),
        "formula": [1 / capacitance for capacitance in CAPACITANCES],
        **{name: values.round(5).tolist() for name, values in measured.items()},
    }


def _thresholds():
    """Lowest rate that fires, among those whose period is a whole number of steps."""
    C, G = (grid.ravel() for grid in np.meshgrid(CAPACITANCES, CONDUCTANCES, indexing="ij"))
    n = len(C)
    neurons = LinearLIF(np.full((n, 2), WEIGHT), 1 / G, C, np.ones(n), np.zeros(n))
    # the voltage has to come close to its limit
    step = np.arange(1, round(10 * neurons.time_constant.max() / DT) + 1)
    fires = []
    for period in PERIODS:
        spikes = np.repeat((step % period == 0)[np.newaxis, :, np.newaxis], 2, axis=2)
        fires.append(run_linear_lif(neurons, spikes, dt=DT)[0][0].any(axis=0))
    measured, next_lower = np.full(n, np.nan), np.full(n, np.nan)
    for unit, fired in enumerate(np.array(fires).T):
        (which,) = np.nonzero(fired)
        if len(which) and which[-1] + 1 < len(PERIODS):
            measured[unit], next_lower[unit] = 1 / (PERIODS[which[-1] + np.arange(2)] * DT)
    known = np.isfinite(measured)
    return {
        name: values[known].round(4).tolist()
        for name, values in {
            "capacitance": C,
            "conductance": G,
            "formula": lowest_firing_rates(neurons),
            "measured": measured,
            "next_lower": next_lower,
        }.items()
    }


def describe(result):
    """Say how far neurons are from their ReLUs."""
    equal, slopes, found = result["equal"], result["slopes"], result["thresholds"]
    between = np.mean(
        (np.array(found["next_lower"]) <= np.array(found["formula"]) * (1 + 1e-9))
        & (np.array(found["formula"]) <= np.array(found["measured"]) * (1 + 1e-9))
    )
    rows = [("2, equal", "leak", *_distances(equal))]
    rows += [
        (f"{n}, different", bias, *_distances(outputs))
        for n, by_bias in result["different"].items()
        for bias, outputs in by_bias.items()
    ]
    header = (
        "inputs",
        "bias as",
        "linear reset: mean",
        "largest",
        "reset to zero: mean",
        "largest",
    )
    slope_rows = [
        (f"{c:g}", f"{formula:.3f}", f"{linear:.3f}", f"{zero:.3f}")
        for c, formula, linear, zero in zip(
            *(slopes[key] for key in ("capacitance", "formula", "linear", "zero")), strict=True
        )
    ]
    return (
        f"Inputs from 0 to {result['max_rate']:g} Hz, regular, for {result['time']:g} s. Distances "
        "to the ReLU, relative to its output for inputs of 1:\n\n"
        + table(header, rows)
        + f"\n\nWith inputs alike the ReLU begins at {equal['lowest']:.1f} Hz, and so does the "
        "neuron. Above that a leak takes less than the bias, since it goes by the voltage, which "
        "is on average half of the threshold; a current is exact (docs/linear_lif.md). Slopes "
        "without leak:\n\n"
        + table(("C", "1 / (C V_th)", "linear reset", "reset to zero"), slope_rows)
        + f"\n\nThe lowest rate that fires agrees with the formula to one step of the period in "
        f"{percent(between, 0)} of {len(found['formula'])} combinations of capacitance and "
        "conductance.\n\n![One neuron](figures/linear_lif.neuron.png)"
    )


def _distances(outputs):
    top = max(outputs["relu"])
    for name in RESETS:
        distance = np.abs(np.subtract(outputs[name], outputs["relu"])) / top
        yield percent(distance.mean(), 1)
        yield percent(distance.max(), 1)


def draw(result, folder):
    """Draw figures 7, 8 and 9 as ``linear_lif.neuron.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import INK, color, tidy

    figure = Figure(figsize=(11, 6.4), layout="constrained")
    axes = figure.subplots(2, 3)
    names = {"linear": "linear reset", "zero": "reset to zero"}

    ax, equal = axes[0, 0], result["equal"]
    ax.plot(equal["input"], equal["relu"], color=INK, linestyle="--", label="ReLU")
    for i, (name, label) in enumerate(names.items()):
        ax.plot(equal["input"], equal[name], color=color(i), label=label)
    ax.legend(frameon=False, fontsize=8)
    tidy(ax, xlabel="Rate of both inputs (Hz)", ylabel="Output (Hz)")

    ax, found = axes[0, 1], result["thresholds"]
    for i, capacitance in enumerate(sorted(set(found["capacitance"]))):
        rows = [j for j, c in enumerate(found["capacitance"]) if c == capacitance]
        g, formula, measured = (
            [found[key][j] for j in rows] for key in ("conductance", "formula", "measured")
        )
        ax.plot(g, formula, color=color(i), linestyle="--")
        ax.plot(g, measured, "o", color=color(i), markersize=4, label=f"C = {capacitance:g}")
    ax.legend(frameon=False, fontsize=8)
    tidy(ax, xlabel="Conductance 1 / R", ylabel="Lowest rate that fires (Hz)")

    ax, slopes = axes[0, 2], result["slopes"]
    ax.plot(slopes["capacitance"], slopes["formula"], "--", color=INK, label="1 / (C V_th)")
    for i, (name, label) in enumerate(names.items()):
        ax.plot(slopes["capacitance"], slopes[name], "o-", color=color(i), label=label)
    ax.legend(frameon=False, fontsize=8)
    tidy(ax, xlabel="Capacitance C", ylabel="Slope")

    panels = [("2", "leak"), ("3", "leak"), ("3", "current")]
    for ax, (n, bias) in zip(axes[1], panels, strict=True):
        outputs = result["different"][n][bias]
        top = max(outputs["relu"])
        ax.plot([0, top], [0, top], "--", color=INK)
        for i, (name, label) in enumerate(names.items()):
            ax.plot(outputs["relu"], outputs[name], "o", color=color(i), markersize=3, label=label)
        ax.set_title(f"{n} inputs, bias as {bias}", fontsize=10)
        tidy(ax, xlabel="ReLU (Hz)", ylabel="Output (Hz)")
    figure.savefig(folder / "linear_lif.neuron.png", dpi=110)
