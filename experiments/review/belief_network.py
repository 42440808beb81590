"""A deep belief network for digits, trained with Siegert's formula and run in spikes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.data import load
from experiments.markdown import percent
from nengo_softlif.files import replaced
from nengo_softlif.functional.siegert_table import SiegertTable
from nengo_softlif.learning_rules import SiegertRBM
from nengo_softlif.networks import BeliefNetwork

TITLE = "Deep belief network in spikes (O'Connor et al. 2013)"
WEIGHTS = Path(__file__).parent / "weights" / "belief_network.npz"
UNITS = {"full_rate": 100.0, "tau_rc": 0.02, "tau_ref": 0.002}
N_HIDDEN, N_CLASSES = 500, 10
EPOCHS, LEARNING_RATE = 8, 0.03
PRESENTATION_TIME, TIMES = 0.3, (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)  # seconds
PUBLISHED = 0.9409
LATENCY = 0.0058  # seconds, theirs


def run(quick):
    """Evaluate the rates and the spikes; train first if the weights are not there.

    Returns
    -------
    result : dict
        Accuracies of rates and spikes on validation and test images, those over time; firing rates
        in Hz; errors of what comes back, by machine and epoch.
    """
    digits = load("mnist", quick=quick)
    if quick or not WEIGHTS.exists():
        layers, errors = _train(digits, quick)
        if not quick:
            _store(layers, errors)
    else:
        layers, errors = _stored()
    found = {"errors": errors, "n_train": len(digits.x_train), "n_items": len(digits.x_test)}
    for part in ("validation", "test"):
        x, labels = getattr(digits, f"x_{part}"), getattr(digits, f"y_{part}")
        x = x.reshape(len(x), -1)
        found[part] = {"rates": _accuracy_of_rates(layers, x, labels), **_spikes(layers, x, labels)}
    return found


def _train(digits, quick):
    """Two machines; the second has the labels beside what the first one makes of the images."""
    units, epochs = SiegertTable(**UNITS), 1 if quick else EPOCHS
    images = digits.x_train.reshape(len(digits.x_train), -1)
    first = SiegertRBM(images.shape[1], N_HIDDEN, units=units, seed=0)
    errors = [first.fit(images, epochs=epochs, learning_rate=LEARNING_RATE)]
    both = np.concatenate([first.hidden(images), np.eye(N_CLASSES)[digits.y_train]], axis=1)
    second = SiegertRBM(both.shape[1], N_HIDDEN, units=units, seed=1)
    errors.append(second.fit(both, epochs=epochs, learning_rate=LEARNING_RATE))
    of_labels = second.weights[N_HIDDEN:]
    return [
        (first.weights, first.hidden_bias),
        (second.weights[:N_HIDDEN], second.hidden_bias),
        (of_labels.T, second.visible_bias[N_HIDDEN:]),
    ], errors


def _store(layers, errors):
    arrays = {"errors": np.array(errors)}
    for index, (weights, bias) in enumerate(layers):
        arrays[f"weights{index}"] = weights.astype(np.float16)
        arrays[f"bias{index}"] = bias
    with replaced(WEIGHTS) as partial:
        np.savez_compressed(partial, **arrays)


def _stored():
    with np.load(WEIGHTS) as arrays:
        layers = [
            (arrays[f"weights{index}"].astype(np.float32), arrays[f"bias{index}"])
            for index in range(3)
        ]
        return layers, arrays["errors"].tolist()


def _accuracy_of_rates(layers, x, labels):
    activities, units = x, SiegertTable(**UNITS)
    for weights, bias in layers:
        activities = units.of_inputs(activities, weights, bias)
    return float(np.mean(activities.argmax(axis=1) == labels))


def _spikes(layers, x, labels):
    network = BeliefNetwork(layers, SiegertTable(**UNITS), seed=0)
    wrapped = nsl.wrap(network, input=network.input, output=network.output)
    shown = nsl.Presentation(time=PRESENTATION_TIME, classify_from=0.0)
    found = nsl.evaluate(
        wrapped, x, labels, presentation=shown, seed=0, progress=False, keep="outputs"
    )
    steps = np.rint(np.array(TIMES) / 0.001).astype(int)
    errors = nsl.analysis.error_by_window(found.output_over_time, labels, [0], steps)[0]
    return {
        "spikes": found.accuracy,
        "interval": [1 - error for error in reversed(found.error_interval)],
        "by_time": [1 - float(error) for error in errors],
        "rates_hz": {name: rates.mean for name, rates in found.firing_rates.items()},
        "synops": found.synops,
    }


def describe(result):
    """Accuracies beside the authors'."""
    rows = [
        (
            part,
            percent(found["rates"]),
            f"{percent(found['spikes'])} ({percent(found['interval'][0])} to "
            f"{percent(found['interval'][1])})",
            f"{100 * (found['rates'] - found['spikes']):+.2f}",
            percent(PUBLISHED),
        )
        for part in ("validation", "test")
        for found in (result[part],)
    ]
    times = [
        (f"{1000 * time:.0f} ms", percent(accuracy))
        for time, accuracy in zip(TIMES, result["test"]["by_time"], strict=True)
    ]
    enough = [
        time
        for time, accuracy in zip(TIMES, result["test"]["by_time"], strict=True)
        if accuracy >= PUBLISHED
    ]
    reached = (
        f"Ours has their {percent(PUBLISHED)} within {1000 * enough[0]:.0f} ms, from inputs of up "
        f"to {UNITS['full_rate']:.0f} Hz."
        if enough
        else f"Ours does not come to their {percent(PUBLISHED)}."
    )
    rates = ", ".join(f"{name} {rate:.0f} Hz" for name, rate in result["test"]["rates_hz"].items())
    return "\n\n".join(
        [
            "784-500-500-10: two restricted Boltzmann machines, trained one after the other by "
            f"contrastive divergence for {EPOCHS} epochs of {result['n_train']:,} images, with "
            "Siegert's formula for the activity of their units. The second one has the labels "
            "beside the hidden units of the first. Then its weights are those of LIF neurons with "
            f"Poisson input of up to {UNITS['full_rate']:.0f} Hz; the output that fires most in "
            f"{1000 * PRESENTATION_TIME:.0f} ms is the class. Nothing is trained by errors of "
            "classification.",
            table(("images", "rates", "spikes", "points lost", "O'Connor et al."), rows),
            f"Test images, {result['n_items']:,}, by the time for which they are shown:",
            table(("shown for", "accuracy"), times),
            f"O'Connor et al. give {1000 * LATENCY:.1f} ms as the latency of their network. "
            + reached,
            f"Mean firing rates: {rates}; {result['test']['synops']:,.0f} synaptic events for an "
            "image.",
        ]
    )
