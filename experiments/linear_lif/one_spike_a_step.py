"""Neurons with linear reset that fire at most once a step, for a number of steps."""

from __future__ import annotations

import nengo

import nengo_softlif as nsl
from experiments.runs import images, trained

__all__ = ["PERCENTILE", "RULES", "STARTS", "decide", "run_steps"]

STARTS = {"0": 0.0, "1/2": 0.5}  # voltage in units of the threshold
RULES = ("none", "percentile", "least error")  # for thresholds
PERCENTILE = 99.9
N_CALIBRATION = 100  # images
STEP = 0.001  # s


def decide(result, begin, end):
    """Decisions if the images had gone after a number of steps.

    Parameters
    ----------
    result : nengo_softlif.EvaluationResult
        Of `run_steps`, of as many steps or more.
    begin, end : int
        Steps between which the outputs count. What a deep network says at first depends on which
        of its layers have begun to fire.

    Returns
    -------
    decisions : (n_items,) ndarray of int
    """
    return result.output_over_time[:, begin:end].sum(axis=1).argmax(axis=1)


def run_steps(name, rule, start, n_steps, x, labels, quick):
    """Run a network with images as constant currents.

    Parameters
    ----------
    name : str
        One of `experiments.plans.PLANS`.
    rule : str
        One of `RULES`. With none, an activation of 1 is a spike in every step; percentile makes it
        that percentile of the activations; least error is `conversion.balanced_scales`.
    start : str
        One of `STARTS`.
    n_steps : int
    x : (n_items, height, width, channels) ndarray
    labels : (n_items,) ndarray of int
    quick : bool

    Returns
    -------
    result : nengo_softlif.EvaluationResult
        Decides by the sum over all steps; keeps the outputs of every step.
    """
    model, _ = trained(name)
    calibration = images(name, "validation", quick)[0][:N_CALIBRATION]
    pooling = {"max_pool": "spiking"}  # where there is any
    voltage = nengo.dists.Choice([STARTS[start]])
    neuron = nsl.SpikingLinearResetLIF(tau_rc=1.0, leak=False, initial_state={"voltage": voltage})
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
        presentation=nsl.Presentation(time=n_steps * STEP, classify_from=0.0),
        keep="outputs",
    )
