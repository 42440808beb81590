"""What we set out to reach, on all test images and with neurons that are reset to zero."""

from __future__ import annotations

import numpy as np

from benchmarks.markdown import table
from experiments.markdown import ms, spread, times
from experiments.mlp import NETWORKS as MLPS
from experiments.papers import DEEP, PRESENTATIONS
from experiments.review import goals as review_goals
from experiments.runs import efficiency, error_between
from experiments.spiking import goals as spiking_goals

__all__ = ["describe", "distance"]

# data, synapse and time shown in seconds; error in percent at most, efficiency at least
PRESENTATION_GOALS = (
    ("mnist", 0.005, 0.200, 0.70, 6.0),
    ("mnist", 0.002, 0.060, 0.85, 14.0),
    ("mnist", 0.0, 0.060, 1.2, None),
    ("cifar10", 0.005, 0.200, 14.5, 1.5),
    ("cifar10", 0.0, 0.080, 15.5, 3.0),
)
MLP_GOAL = 1.40  # percent
ROUNDING = 1e-9  # of fractions that are percentages of whole images
LOSS_GOALS = {"mnist": 0.05, "cifar10": 0.2}  # points from soft LIF to spikes
# Linear reset: steps, and points from the ReLUs to spikes at most
VGG_GOAL = (64, 0.5)
CONVNET_GOAL = (32, 0.1)
ENCODING_GOAL = (10.0, 1.0)  # seconds, percent


def describe(results):
    """Put the goals beside what was reached.

    Parameters
    ----------
    results : dict of str to dict
        Of the experiments, by name, as far as they are there.

    Returns
    -------
    text : str
    """
    rows = []
    if "presentation_time" in results:
        rows += [_presentation(results["presentation_time"], *goal) for goal in PRESENTATION_GOALS]
    if "mlp" in results:
        for how, names in MLPS.items():
            errors = [results["mlp"][name]["spikes"]["error"] for name in names]
            rows.append(
                (
                    f"mnist, 500 - 200, {how}",
                    f"at most {MLP_GOAL:.2f} %",
                    spread(errors),
                    distance(100 * np.mean(errors), MLP_GOAL),
                )
            )
    if "errors" in results:
        for data, goal in LOSS_GOALS.items():
            runs = results["errors"]["data"][data]["lif"].values()
            lost = 100 * np.mean([run["spikes"]["error"] - run["rates"] for run in runs])
            rows.append(
                (
                    f"{data}, lost from soft LIF to spikes",
                    f"at most {goal} points",
                    f"{lost:+.2f}",
                    distance(lost, goal),
                )
            )
    rows += _linear_reset(results)
    rows += [
        (what, goal, measured, distance(missed_by, 0.0))
        for goals in (spiking_goals, review_goals)
        for what, goal, measured, missed_by in goals.rows(results)
    ]
    return table(("", "goal", "measured", "reached"), rows) if rows else ""


def _linear_reset(results):
    """Rows of the goals for P3's networks."""
    rows = []
    if "linear_lif.deep" in results:
        networks = results["linear_lif.deep"]["networks"]
        for title, found in networks.items():
            relu, spikes = DEEP[title]["errors"]
            rows.append(_lost(title, found["ends"][-1], found["errors"], -1, spikes - relu))
        n_steps, most = VGG_GOAL
        found = networks["VGG-16"]
        if n_steps in found["ends"]:
            index = found["ends"].index(n_steps)
            rows.append(_lost("VGG-16", n_steps, found["errors"], index, most))
    if "linear_lif.steps" in results:
        n_steps, most = CONVNET_GOAL
        found = results["linear_lif.steps"]["goal"]
        errors = {"relu": found["relu"], "spikes": [found["spikes"]]}
        rows.append(_lost("ConvNet", n_steps, errors, -1, most))
    if "linear_lif.encoding_time" in results:
        seconds, most = ENCODING_GOAL
        found = results["linear_lif.encoding_time"]
        index = list(found["seconds"]).index(seconds)
        for name, errors in found["networks"].items():
            error = 100 * errors["measured"][index]
            rows.append(
                (
                    f"{name}, hidden rates after {seconds:g} s",
                    f"at most {most:g} % off",
                    f"{error:.1f} %",
                    distance(error, most),
                )
            )
    return rows


def _lost(title, n_steps, errors, index, most):
    lost = 100 * (errors["spikes"][index] - errors["relu"])
    return (
        f"{title}, lost from ReLUs to spikes in {n_steps} steps",
        f"at most {most:.2g} points",
        f"{lost:+.2f}",
        distance(lost, most),
    )


def _presentation(result, data, tau, end, goal_error, goal_factor):
    found = result["rows"][data][str(tau)]
    index = [(row[0], row[2]) for row in PRESENTATIONS[data]].index((tau, end))
    start = result["starts"][data][index]
    errors = [error_between(run, start, end) for run in found]
    factor = np.mean([efficiency(run, end) for run in found])
    goal = f"at most {goal_error:.2f} %" + (f" at {goal_factor:g}x" if goal_factor else "")
    reached = distance(100 * np.mean(errors), goal_error)
    if goal_factor and factor < goal_factor - ROUNDING:
        reached += f"; {times(factor)} of {goal_factor:g}x"
    return (
        f"{data}, {ms(end)}, tau_s {ms(tau)}, from {ms(start)}",
        goal,
        f"{spread(errors)} at {times(factor)}",
        reached,
    )


def distance(points, goal):
    """Say whether a goal in points is reached, or by how much it is missed."""
    return "yes" if points <= goal + ROUNDING else f"missed by {points - goal:.2f} points"
