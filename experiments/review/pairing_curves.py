"""What pairs of spikes do to a weight, by each rule of spike-timing-dependent plasticity."""

from __future__ import annotations

import nengo
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from nengo_softlif.functional.plasticity import pairing
from nengo_softlif.learning_rules import (
    STDP,
    GatedSTDP,
    ProbabilisticSTDP,
    RewardSTDP,
    TripletSTDP,
)

TITLE = "Pairing curves of STDP"
DT = 0.001
DIFFERENCES = tuple(range(-80, 81, 4))  # ms, output less input
WEIGHTS = (0.2, 0.5, 0.8)
FREQUENCIES = (1, 10, 20, 40)  # Hz
N_PAIRS = 10
SECOND = 20  # ms by which the earlier one of two input spikes comes first
PROBABLE_WEIGHTS = tuple(np.linspace(0.5, 5, 19))
REWARD_DELAYS = tuple(range(50, 2001, 150))  # ms


def run(quick):
    """Measure the changes of weights in simulations.

    Returns
    -------
    result : dict
        Differences in ms; changes of each rule for them; the largest distance of the additive
        rule's from its equation.
    """
    differences = DIFFERENCES[::5] if quick else DIFFERENCES
    additive = _changes(STDP(), differences, 0.5)
    constants = {name: getattr(STDP(), name) for name in ("potentiation", "depression")}
    constants |= {name: getattr(STDP(), name) for name in ("tau_pre", "tau_post")}
    equation = pairing(DT * np.array(differences), **constants)
    return {
        "differences": list(differences),
        "additive": additive,
        "distance": float(np.abs(additive - equation).max()),
        "multiplicative": {
            f"{w:g}": _changes(STDP(weight_exponent=1.0), differences, w) for w in WEIGHTS
        },
        "variants": {
            "power law, exponent 0.5": _changes(STDP(weight_exponent=0.5), differences, 0.5),
            "anti-STDP": _changes(STDP(potentiation=-0.01, depression=-0.0105), differences, 0.5),
            "GatedSTDP, gate at -0.5": _changes(GatedSTDP(), differences, 0.5, gate=-0.5),
        },
        "two_inputs": {
            pairing: _changes(STDP(pairing=pairing), differences, 0.5, earlier=SECOND)
            for pairing in ("all", "nearest")
        },
        "probable_weights": list(PROBABLE_WEIGHTS),
        "probabilistic": {
            "input active": _at_an_output_spike(active=True),
            "input silent": _at_an_output_spike(active=False),
        },
        "triplets": {
            f"{hz}": _changes(TripletSTDP(), differences, 0.5, N_PAIRS, hz) for hz in FREQUENCIES
        },
        "diehl_cook": {
            f"{hz}": _changes(TripletSTDP.diehl_cook(), differences, 0.5, N_PAIRS, hz)
            for hz in FREQUENCIES
        },
        "reward_delays": list(REWARD_DELAYS),
        "reward": [_rewarded(delay) for delay in REWARD_DELAYS],
    }


def _changes(rule, differences, weight, n_pairs=1, frequency=1, *, gate=None, earlier=None):
    """Of a weight by repeated pairs, one input for each difference.

    Inputs may have a second spike some milliseconds earlier.
    """
    period = round(1 / frequency / DT)
    margin = 100
    n_steps = 2 * margin + n_pairs * period
    outputs = margin + period * np.arange(n_pairs)
    post, pre = np.zeros((n_steps, 1)), np.zeros((n_steps, len(differences)))
    post[outputs] = 1
    for k, difference in enumerate(differences):
        pre[outputs - difference, k] = 1
        if earlier is not None:
            pre[outputs - difference - earlier, k] = 1
    net = _paired(rule, pre, post, np.full((1, len(differences)), weight))
    if gate is not None:
        with net:
            nengo.Connection(nengo.Node(gate), net.learning.learning_rule, synapse=None)
    with nsl.Simulator(net, dt=DT, progress_bar=False) as sim:
        sim.run_steps(n_steps)
    return (sim.data[net.weights][-1, 0] - weight).tolist()


def _at_an_output_spike(active):
    """Changes of weights of `PROBABLE_WEIGHTS` by an output spike, divided by the rate."""
    n = len(PROBABLE_WEIGHTS)
    pre, post = np.zeros((20, n)), np.zeros((20, 1))
    post[10], pre[10] = 1, active
    rule = ProbabilisticSTDP(learning_rate=1e-6)
    net = _paired(rule, pre, post, np.array([PROBABLE_WEIGHTS]))
    with nsl.Simulator(net, dt=DT, progress_bar=False) as sim:
        sim.run_steps(20)
    return ((sim.data[net.weights][-1, 0] - PROBABLE_WEIGHTS) / 1e-6).tolist()


def _rewarded(delay):
    """Change by a pair 5 ms apart that is rewarded for 10 ms after a delay."""
    n_steps = 20 + delay
    pre, post = np.zeros((n_steps, 1)), np.zeros((n_steps, 1))
    pre[2] = post[7] = 1
    net = _paired(RewardSTDP(tau_eligibility=0.5), pre, post, [[0.5]])
    with net:
        reward = nengo.Node(lambda t: 10.0 * (0 <= round(t / DT) - 7 - delay < 10))
        nengo.Connection(reward, net.learning.learning_rule, synapse=None)
    with nsl.Simulator(net, dt=DT, progress_bar=False) as sim:
        sim.run_steps(n_steps)
    return float(sim.data[net.weights][-1, 0, 0] - 0.5)


def _paired(rule, pre, post, weights):
    """Neurons that fire in given steps, with a rule between them whose weights drive nothing."""
    with nengo.Network(seed=0) as net:
        sides = []
        for spikes in (pre, post):
            n = spikes.shape[1]
            node = nengo.Node(lambda t, x=spikes: x[min(round(t / DT), len(x)) - 1])
            kind = nsl.SpikingDiscreteLIF(decay=0, threshold=0.5)
            sides.append(nengo.Ensemble(n, 1, neuron_type=kind, gain=np.ones(n), bias=np.zeros(n)))
            nengo.Connection(node, sides[-1].neurons, synapse=None)
        net.learning = nengo.Connection(
            sides[0].neurons,
            sides[1].neurons,
            transform=np.array(weights),
            synapse=1e6,  # so slow that nothing arrives
            learning_rule_type=rule,
        )
        net.weights = nengo.Probe(net.learning, "weights")
    return net


def describe(result):
    """Say how far the simulation is from the equation, and show the curves."""
    differences = np.array(result["differences"])
    after = np.argmin(np.abs(differences - 8))
    rows = [
        (f"{hz} Hz", f"{result['triplets'][hz][after]:+.5f}", f"{changes[after]:+.5f}")
        for hz, changes in result["diehl_cook"].items()
    ]
    return "\n\n".join(
        [
            "Change of a weight by pairs of spikes with all other spikes far away, in simulations. "
            f"Pairs by `STDP` are within {result['distance']:.0e} of their equation. Triplets "
            "depend on the frequency of the pairs; below, the change by "
            f"{N_PAIRS} pairs whose output spikes {differences[after]} ms after the input:",
            table(("frequency", "TripletSTDP", "TripletSTDP.diehl_cook"), rows),
            f"Of two input spikes {SECOND} ms apart, of which the time of the later one is shown, "
            '`pairing="nearest"` counts only the later one before an output spike.',
            "![pairing curves](figures/review.pairing_curves.png)",
        ]
    )


def draw(result, folder):
    """Draw the curves as ``review.pairing_curves.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import FAINT, color, tidy

    figure = Figure(figsize=(9.5, 9.5), layout="constrained")
    axes = figure.subplots(3, 2)
    differences = np.array(result["differences"])
    ax = axes[0, 0]
    ax.plot(differences, result["additive"], color=color(3), label="additive, any weight")
    for k, (w, changes) in enumerate(result["multiplicative"].items()):
        label = f"multiplicative, w = {w}"
        ax.plot(differences, changes, color=color(k), linestyle="--", label=label)
    ax.set_title("STDP, one pair")
    ax = axes[0, 1]
    for k, (label, changes) in enumerate(result["variants"].items()):
        ax.plot(differences, changes, color=color(k), label=label)
    for k, (label, changes) in enumerate(result["two_inputs"].items(), start=3):
        ax.plot(
            differences,
            changes,
            color=color(k),
            linestyle=":",
            label=f"{label}, two {SECOND} ms apart",
        )
    ax.set_title("Variants of STDP")
    for ax, rule, title in (
        (axes[1, 0], "triplets", f"TripletSTDP, {N_PAIRS} pairs"),
        (axes[1, 1], "diehl_cook", f"TripletSTDP.diehl_cook, {N_PAIRS} pairs"),
    ):
        for k, (hz, changes) in enumerate(result[rule].items()):
            # beyond half of a period, other pairs are nearer
            shown = np.abs(differences) <= 1000 / int(hz) / 2
            ax.plot(differences[shown], np.array(changes)[shown], color=color(k), label=f"{hz} Hz")
        ax.set_title(title)
    for ax in axes.flat[:4]:
        ax.axhline(0, color=FAINT, zorder=0)
        ax.legend(frameon=False, fontsize=8)
        tidy(ax, xlabel="output less input (ms)", ylabel="change of the weight")
    ax = axes[2, 0]
    ax.plot(result["reward_delays"], result["reward"], color=color(0))
    ax.set_title("RewardSTDP, one pair, eligible for 0.5 s")
    tidy(ax, xlabel="delay of the reward (ms)", ylabel="change of the weight")
    ax = axes[2, 1]
    for k, (label, changes) in enumerate(result["probabilistic"].items()):
        ax.plot(result["probable_weights"], changes, color=color(k), label=label)
    ax.axhline(0, color=FAINT, zorder=0)
    ax.legend(frameon=False, fontsize=8)
    ax.set_title("ProbabilisticSTDP, one output spike")
    tidy(ax, xlabel="weight", ylabel="change, in learning rates")
    figure.savefig(folder / "review.pairing_curves.png", dpi=100)
