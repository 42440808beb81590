"""What we set out to reach with learning rules for spikes and the systems of the review."""

from __future__ import annotations

import numpy as np

from experiments import goal_rows

__all__ = ["rows"]

DIEHL_COOK = {100: 83.0, 400: 88.0, 1600: 92.0, 6400: 95.0}  # percent by neurons, mean of seeds
MIXTURE, STDP_CONVOLUTION, BP_STDP = 80.0, 98.0, 97.2
CONVNET, DENSE = 99.05, 98.5
XOR_CYCLES, IRIS = 250, 96.0
LIQUID = 93.0
EVENT_DRIVEN = 91.9
BELIEF_NETWORK, BELIEF_NETWORK_LOSS = 95.0, 0.5  # percent, and points from rates to spikes


def rows(results):
    """Rows of the table of goals: what, goal, measured, points by which it is missed.

    Parameters
    ----------
    results : dict of str to dict
        Of the experiments, by name, as far as they are there.

    Returns
    -------
    rows : list of (str, str, str, float)
        The last number is not above 0 if the goal is reached.
    """
    found = []
    if "review.diehl_cook" in results:
        networks = results["review.diehl_cook"]["networks"].values()
        for n_neurons, goal in DIEHL_COOK.items():
            reached = [run["accuracy"] for run in networks if run["n_outputs"] == n_neurons]
            if reached:
                seeds = f"{len(reached)} seed{'s' * (len(reached) > 1)}"
                name = f"Diehl & Cook, {n_neurons:,} neurons, {seeds}"
                found.append(goal_rows.accuracy(name, 100 * np.mean(reached), goal))
    if "review.mixture" in results:
        tests = [run["test"] for run in results["review.mixture"]["runs"]]
        found.append(goal_rows.accuracy("probabilistic STDP, MNIST", 100 * np.mean(tests), MIXTURE))
    if "review.stdp_convolution" in results:
        reached = 100 * results["review.stdp_convolution"]["test"]
        found.append(
            goal_rows.accuracy("convolutions that learn by STDP, MNIST", reached, STDP_CONVOLUTION)
        )
    if "review.belief_network" in results:
        test = results["review.belief_network"]["test"]
        reached, lost = 100 * test["spikes"], 100 * (test["rates"] - test["spikes"])
        found.append(goal_rows.accuracy("belief network in spikes, MNIST", reached, BELIEF_NETWORK))
        found.append(
            goal_rows.lost("belief network, from rates to spikes", lost, BELIEF_NETWORK_LOSS)
        )
    if "review.event_driven_cd" in results:
        reached = 100 * results["review.event_driven_cd"]["test"]
        found.append(
            goal_rows.accuracy("event-driven contrastive divergence, MNIST", reached, EVENT_DRIVEN)
        )
    if "review.supervised" in results:
        networks = results["review.supervised"]["networks"]
        for name, what, goal in (
            ("mnist_loihi_convnet", "ConvNet trained with labels, MNIST", CONVNET),
            ("bondarev_bptt_seed0", "dense network trained with labels, MNIST", DENSE),
        ):
            found.append(goal_rows.accuracy(what, 100 * networks[name]["accuracy"], goal))
    if "review.bp_stdp" in results:
        reached = 100 * (1 - results["review.bp_stdp"]["errors"]["50"])
        found.append(goal_rows.accuracy("BP-STDP, MNIST, 50 steps", reached, BP_STDP))
    if "review.spike_prop" in results:
        measured = results["review.spike_prop"]
        cycles = np.median(measured["xor"]["cycles"])
        found.append(
            (
                "SpikeProp, XOR, median",
                f"at most {XOR_CYCLES} cycles",
                f"{cycles:.0f}",
                cycles - XOR_CYCLES,
            )
        )
        iris = 100 * np.mean([run["one"] for run in measured["iris"]])
        found.append(goal_rows.accuracy("SpikeProp, Iris, 10-fold, one network a fold", iris, IRIS))
    if "review.liquid" in results:
        liquids = results["review.liquid"]["tasks"]["spoken digits"]["liquid"]
        reached = 100 * np.mean(liquids)
        found.append(goal_rows.accuracy("liquid, spoken digits, 5 reservoirs", reached, LIQUID))
    return found
