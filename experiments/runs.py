"""Runs of trained networks, shared by the tables that look at them."""

from __future__ import annotations

from functools import cache

import nengo
import numpy as np

import nengo_softlif as nsl
from experiments import data
from experiments.checkpoints import load_trained
from experiments.networks import TAU_RC, TAU_REF

__all__ = [
    "best_start",
    "efficiency",
    "error_between",
    "images",
    "rate_error",
    "run_spikes",
    "trained",
    "windows",
]

PRESENTATION_TIME = 0.2  # seconds, as in P2, which classifies from 60 % of it
STEP = 5  # ms between the starts and ends of classification that are kept
N_QUICK = 20  # images


@cache
def trained(name):
    """Return a network and what is known of it, as `load_trained` does, once."""
    return load_trained(name)


@cache
def _split(name, quick):
    return data.load(name, quick=quick)


def images(network, part, quick):
    """Return images and labels that a network can be run on: "test", "validation" or "train"."""
    _, info = trained(network)
    split = _split(info["plan"].data, quick)
    chosen = slice(N_QUICK if quick else None)
    return getattr(split, f"x_{part}")[chosen], getattr(split, f"y_{part}")[chosen]


@cache
def rate_error(name, *, quick):
    """Error of a network as it was trained, with rates, on the test images.

    Parameters
    ----------
    name : str
        One of `experiments.plans.PLANS`.
    quick : bool

    Returns
    -------
    error : float
        A fraction.
    """
    model, _ = trained(name)
    x, labels = images(name, "test", quick)
    predictions = model.predict(x, batch_size=500, verbose=0).argmax(axis=1)
    return float(np.mean(predictions != labels))


def run_spikes(
    name,
    tau_s,
    *,
    quick,
    presentation_time=PRESENTATION_TIME,
    max_items=None,
    part="test",
    voltage=None,
):
    """Run a network in spiking LIF neurons on images, of the test set unless you say otherwise.

    Parameters
    ----------
    name : str
        One of `experiments.plans.PLANS`.
    tau_s : float
        Time constant of the alpha synapses in seconds; 0 for none.
    quick : bool
    presentation_time : float
        Seconds for which an image is shown.
    max_items : int, optional
        So many images, the first.
    part : {"test", "validation"}
        The validation images are for choices.
    voltage : float, optional
        Of all neurons when an image appears, from 0 to the threshold, 1. By default drawn once
        for each neuron, between these.

    Returns
    -------
    run : dict
        What happened, ready for JSON: "errors", fractions by start (rows) and end (columns) of
        classification, at "starts_ms" and "ends_ms"; firing rates in Hz; the workload for one item;
        what it took.
    """
    # positions and no names, which a cache would tell apart
    return _run_spikes(name, tau_s, quick, presentation_time, max_items, part, voltage)


@cache
def _run_spikes(name, tau_s, quick, presentation_time, max_items, part, voltage):
    model, info = trained(name)
    x, labels = images(name, part, quick)
    spiking = nsl.convert(
        model,
        synapse=nengo.Alpha(tau_s) if tau_s else None,
        neurons={
            "soft_lif": nsl.SpikingLIF(TAU_RC, TAU_REF, initial_state=_initial_state(voltage))
        },
    )
    result = nsl.evaluate(
        spiking,
        x[:max_items],
        labels[:max_items],
        presentation=nsl.Presentation(time=presentation_time),
        keep="outputs",
    )
    n_steps = len(result.times)
    starts, ends = np.arange(0, n_steps, STEP), np.arange(STEP, n_steps + 1, STEP)
    errors = nsl.analysis.error_by_window(result.output_over_time, result.labels, starts, ends)
    n_neurons = {layer.name: layer.n_neurons for layer in spiking.layers}
    rates = {name: statistics.mean for name, statistics in result.firing_rates.items()}
    return {
        "network": name,
        "training_seed": info["plan"].seed,
        "epochs": info["plan"].epochs,
        "tau_s": tau_s,
        "presentation_time": presentation_time,
        "voltage": voltage,
        "n_items": result.n_samples,
        "error": result.error,
        "error_interval": result.error_interval,
        "starts_ms": starts.tolist(),
        "ends_ms": ends.tolist(),
        "errors": [[None if np.isnan(e) else e for e in row] for row in errors.round(6)],
        "rates": rates,
        "percentiles": {
            name: {str(p): rate for p, rate in statistics.percentiles.items()}
            for name, statistics in result.firing_rates.items()
        },
        "silent": {name: statistics.silent for name, statistics in result.firing_rates.items()},
        "mean_rate": float(np.average(list(rates.values()), weights=list(n_neurons.values()))),
        "n_neurons": n_neurons,
        "flops": result.workload.flops,
        "energy": {
            model: {
                counting: result.energy(model, counting).total
                for counting in ("unrolled", "merged")
            }
            for model in nsl.analysis.energy_models()
        },
        # what of the energy in flops does not depend on how long an image is shown
        "input_flops": result.energy().input,
        "seconds": round(result.wall_time, 1),
    }


def _initial_state(voltage):
    return None if voltage is None else {"voltage": nengo.dists.Choice([voltage])}


def error_between(run, classify_from, end):
    """Error of a run if the image had gone at ``end`` and the output counted from a time on.

    Parameters
    ----------
    run : dict
        From `run_spikes`.
    classify_from, end : float
        Seconds, multiples of 5 ms.

    Returns
    -------
    error : float
    """
    row = run["starts_ms"].index(round(1000 * classify_from))
    return run["errors"][row][run["ends_ms"].index(round(1000 * end))]


def best_start(runs, end):
    """Start of classification with the lowest mean error, in the middle if several have it.

    Parameters
    ----------
    runs : list of dict
        From `run_spikes`, on validation images.
    end : float
        Seconds.

    Returns
    -------
    start : float
        Seconds.
    """
    first = runs[0]
    column = first["ends_ms"].index(round(1000 * end))
    errors = np.mean([windows(run)[:, column] for run in runs], axis=0)
    (lowest,) = np.nonzero(errors == np.nanmin(errors))
    return first["starts_ms"][lowest[len(lowest) // 2]] / 1000


def windows(run):
    """Errors of a run as an array, (n_starts, n_ends); ``nan`` where there are none."""
    return np.array(run["errors"], dtype=float)


def efficiency(run, presentation_time=None, counting="unrolled"):
    """Energy of the rate network relative to that of the spiking one, by P2's equations 4 and 5.

    Parameters
    ----------
    run : dict
        From `run_spikes`.
    presentation_time : float, optional
        Seconds, by default that of the run. For a shorter one the neurons are taken to fire with
        the rates of the whole run, as in P2.
    counting : {"unrolled", "merged"}
        The paper's way to count synaptic events, or exactly; see `nengo_softlif.analysis`.

    Returns
    -------
    efficiency : float
    """
    of_spikes = run["energy"]["hunsberger2016"][counting] - run["input_flops"]
    share = (presentation_time or run["presentation_time"]) / run["presentation_time"]
    return run["flops"] / (run["input_flops"] + share * of_spikes)
