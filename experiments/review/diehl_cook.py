"""Diehl & Cook: digits learnt without labels, by STDP and competition."""

from __future__ import annotations

import base64

import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.markdown import percent
from experiments.review import prototypes
from nengo_softlif import datasets
from nengo_softlif.analysis import classify_by_neurons, label_neurons, wilson_interval
from nengo_softlif.networks import DiehlCook

TITLE = "Digits without labels (Diehl & Cook 2015)"
THEIRS = {100: 82.9, 400: 87.0, 1600: 91.9, 6400: 95.0}  # percent
# training images from which the neurons get their labels: at least, and for each neuron
LEAST_LABELLED, LABELLED_PER_NEURON = 5_000, 8
PRESENTATION_TIME, N_STEPS = 0.35, 350
SHOWN = 100  # receptive fields of the figure


def run(quick):
    """Label the neurons by training images, then classify the test images.

    Returns
    -------
    result : dict
        By network: accuracy, its interval, and what was learnt; the receptive fields of one.
    """
    data = datasets.load("mnist_subset" if quick else "mnist")
    found = {}
    for name, plan in prototypes.PLANS.items():
        if prototypes.is_stored(name):
            found[name] = _measure(plan, prototypes.load(name), data, quick)
    first = prototypes.load(next(iter(found)))
    pixels = np.rint(255 * first.weights[:SHOWN] / first.weights.max()).astype(np.uint8)
    return {
        "networks": found,
        "fields": base64.b64encode(pixels.tobytes()).decode(),
    }


def _measure(plan, state, data, quick):
    wanted = max(LEAST_LABELLED, LABELLED_PER_NEURON * plan.n_outputs)
    n_labelled = 200 if quick else min(wanted, len(data.x_train))
    n_test = 100 if quick else len(data.x_test)
    with prototypes.precision(plan.bits):
        seen = _spike_counts(state, data.x_train[:n_labelled])
        counts = _spike_counts(state, data.x_test[:n_test])
    labels = label_neurons(seen, data.y_train[:n_labelled])
    correct = classify_by_neurons(counts, labels) == data.y_test[:n_test]
    return {
        "n_outputs": plan.n_outputs,
        "n_images": state.n_seen,
        "accuracy": float(correct.mean()),
        "interval": list(wilson_interval(int(correct.sum()), n_test)),
        "n_labelled": n_labelled,
        "n_test": n_test,
        "spikes_per_image": float(counts.sum(axis=1).mean()),
        "silent": float(np.mean(counts.sum(axis=1) == 0)),
        "threshold_rise": float(state.threshold_rises.mean()),
    }


def _spike_counts(state, images):
    """Of the frozen network, (n_images, n_outputs)."""
    images = images.reshape(len(images), -1)
    circuit = DiehlCook(
        images.shape[1],
        len(state.weights),
        weights=state.weights,
        threshold_rises=state.threshold_rises,
        frozen=True,
        seed=0,
    )
    with nsl.Simulator(circuit, progress_bar=False) as sim:
        rates = {circuit.stimulus: prototypes.HIGHEST_RATE * images}
        counts = sim.run_batch(rates, N_STEPS, accumulated=[circuit.spikes])
    return np.rint(counts[circuit.spikes][:, 0])


def describe(result):
    """Put the accuracies beside theirs."""
    rows = [
        (
            name,
            f"{run['n_outputs']}",
            f"{run['n_images']:,}",
            f"{THEIRS[run['n_outputs']]} %",
            percent(run["accuracy"]),
            f"{percent(run['interval'][0], 1)} to {percent(run['interval'][1], 1)}",
            f"{run['spikes_per_image']:.1f}",
            percent(run["silent"], 1),
            f"{run['threshold_rise']:.1f} mV",
        )
        for name, run in result["networks"].items()
    ]
    return "\n\n".join(
        [
            f"784 Poisson inputs, up to {prototypes.HIGHEST_RATE:g} Hz (theirs: 63.75 Hz), for 350 "
            "ms an image; training images are shown without their labels, in another order in each "
            "pass. Then weights and thresholds are frozen, "
            f"{LEAST_LABELLED:,} training images, and at least {LABELLED_PER_NEURON} for each "
            "neuron, give each neuron the class for which it fires most on average, and the class "
            "whose neurons fire most on average is the prediction. An image that makes no neuron "
            "fire counts as an error. Their figures are after one epoch or more of 60,000 images, "
            "and they show images of less than five spikes again, brighter. Receptive fields: "
            "`figures/review.diehl_cook.png`. Trained by "
            "`python -m experiments.review.prototypes`.",
            table(
                (
                    "network",
                    "neurons",
                    "training images",
                    "theirs",
                    "accuracy",
                    "95 % interval",
                    "spikes per image",
                    "silent images",
                    "mean threshold rise",
                ),
                rows,
            ),
            "![receptive fields](figures/review.diehl_cook.png)",
        ]
    )


def draw(result, folder):
    """Draw the weights of the first network's neurons as images."""
    from matplotlib.figure import Figure

    pixels = np.frombuffer(base64.b64decode(result["fields"]), np.uint8)
    side = 28
    fields = pixels.reshape(-1, side, side)
    columns = round(len(fields) ** 0.5)
    whole = fields[: columns**2].reshape(columns, columns, side, side)
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.imshow(whole.swapaxes(1, 2).reshape(columns * side, -1), cmap="Greys")
    axes.set_axis_off()
    axes.set_title(f"weights to {columns**2} neurons")
    figure.savefig(folder / "review.diehl_cook.png", dpi=100)
