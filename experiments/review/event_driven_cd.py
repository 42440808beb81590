"""Contrastive divergence by spikes: digits and their labels in one Boltzmann machine."""

from __future__ import annotations

from pathlib import Path

import nengo
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.data import load
from experiments.markdown import percent
from experiments.review.prototypes import precision
from nengo_softlif.files import replaced
from nengo_softlif.networks import SpikingBoltzmannMachine

TITLE = "Event-driven contrastive divergence (Neftci et al. 2014)"
WEIGHTS = Path(__file__).parent / "weights" / "event_driven_cd.npz"
N_HIDDEN, N_CLASSES, LABEL_NEURONS = 500, 10, 4  # neurons for each class
FOLLOW = 8.0  # input of visible neurons that follow data
PHASE = 0.05  # seconds with data, and then without
GATE = np.array([0, 1, 1, 1, 1, 0, -1, -1, -1, -1])[:, np.newaxis]  # parts of both phases
# learning rates, over equal parts of the images
RATES = (2e-4, 1e-4, 5e-5, 2e-5)
CHUNK = 1000  # images in a simulator
# steps of a test image, of a validation image while training, and of both those that settle
SHOWN, WATCHED, UNCOUNTED = 600, 300, 20
N_WATCHED = 1000  # validation images
PUBLISHED = 0.919


def run(quick):
    """Evaluate the machine; train first if the weights are not there.

    Returns
    -------
    result : dict
        Accuracy after parts of the training on validation images; on test images, over time;
        firing rates in Hz.
    """
    digits = load("mnist", quick=quick)
    with precision(32):
        if quick or not WEIGHTS.exists():
            state, learning = _train(digits, quick)
            if not quick:
                _store(state, learning)
        else:
            state, learning = stored()
        counts, rate = _answers(state, digits.x_test)
    cumulative = np.cumsum(counts, axis=1)
    right = cumulative.argmax(axis=2) == digits.y_test[:, np.newaxis]
    return {
        "n_train": len(digits.x_train),
        "n_items": len(digits.x_test),
        "learning": learning,
        "test": float(right[:, -1].mean()),
        "by_time": {str(time): float(right[:, time - 1].mean()) for time in (80, 180, 280, 580)},
        "rate": rate,
    }


def stored():
    """What has been learnt, and the accuracy after each part of the training.

    Returns
    -------
    state : dict
        For `SpikingBoltzmannMachine`.
    learning : list of float
    """
    with np.load(WEIGHTS) as arrays:
        state = {name: arrays[name].astype(float) for name in arrays.files}
    return state, state.pop("learning").tolist()


def _train(digits, quick):
    """The state at the end, and the accuracy after each part."""
    rng = np.random.default_rng(0)
    n_visible = digits.x_train[0].size + N_CLASSES * LABEL_NEURONS
    state = {"weights": rng.normal(0, 0.05, (n_visible, N_HIDDEN))}
    order = rng.permutation(len(digits.x_train))
    learning = []
    for rate, part in zip(RATES, np.array_split(order, len(RATES)), strict=True):
        for start in range(0, len(part), CHUNK):
            chunk = part[start : start + CHUNK]
            state = _learn(state, digits.x_train[chunk], digits.y_train[chunk], rate, rng)
        counts, _ = _answers(state, digits.x_validation[:N_WATCHED], WATCHED)
        right = counts.sum(axis=1).argmax(axis=1) == digits.y_validation[:N_WATCHED]
        learning.append(float(right.mean()))
        print(f"  learning rate {rate:g}: {percent(learning[-1])} of validation images", flush=True)
        if quick:
            break
    return state, learning


def _learn(state, images, labels, rate, rng):
    machine = SpikingBoltzmannMachine(
        len(state["weights"]), N_HIDDEN, **state, learning_rate=rate, seed=int(rng.integers(2**31))
    )
    shown = np.zeros((len(images), 2, len(state["weights"])))
    shown[:, 0] = _followed(images, labels)
    with machine:
        for values, seconds, target in (
            (shown.reshape(-1, shown.shape[2]), PHASE, machine.visible.neurons),
            (GATE, 2 * PHASE / len(GATE), machine.gate),
        ):
            source = nengo.Node(nengo.processes.PresentInput(values, seconds))
            nengo.Connection(source, target, synapse=None)
    with nsl.Simulator(machine, progress_bar=False) as sim:
        sim.run(2 * PHASE * len(images))
        return machine.state(sim)


def _followed(images, labels=None):
    """Input of the visible neurons; those of the labels are free if there are none."""
    pixels = np.where(images.reshape(len(images), -1) > 0.5, FOLLOW, -FOLLOW)
    if labels is None:
        given = np.zeros((len(images), N_CLASSES * LABEL_NEURONS))
    else:
        is_class = labels[:, np.newaxis] == np.arange(N_CLASSES)
        given = np.repeat(np.where(is_class, FOLLOW, -FOLLOW), LABEL_NEURONS, axis=1)
    return np.concatenate([pixels, given], axis=1)


def _answers(state, images, n_steps=SHOWN):
    """Spikes of the neurons of each class in each step, (images, steps, classes); rate in Hz."""
    machine = SpikingBoltzmannMachine(len(state["weights"]), N_HIDDEN, **state, frozen=True, seed=0)
    with machine:
        labels = nengo.Probe(machine.visible.neurons[-N_CLASSES * LABEL_NEURONS :])
        hidden = nengo.Probe(machine.hidden.neurons)
    with nsl.Simulator(machine, progress_bar=False) as sim:
        found = [
            sim.run_batch({machine.input: _followed(part)}, n_steps, accumulated=[hidden])
            for part in np.array_split(images, -(-len(images) // CHUNK))
        ]
    counts = np.concatenate([part[labels][:, UNCOUNTED:] > 0 for part in found])
    counts = counts.reshape(*counts.shape[:2], N_CLASSES, LABEL_NEURONS).sum(axis=3)
    # spikes have an amplitude, so that mean activities are fractions of the highest rate
    activity = np.concatenate([part[hidden] for part in found]).mean() / n_steps
    return counts, float(activity * 250)


def _store(state, learning):
    halves = {name: values.astype(np.float16) for name, values in state.items()}
    with replaced(WEIGHTS) as partial:
        np.savez_compressed(partial, **halves, learning=np.array(learning))


def describe(result):
    """Accuracy beside the authors'."""
    learning = ", ".join(percent(accuracy) for accuracy in result["learning"])
    times = [
        (f"{int(time) + UNCOUNTED} ms", percent(accuracy))
        for time, accuracy in result["by_time"].items()
    ]
    return "\n\n".join(
        [
            f"784 neurons for pixels, {LABEL_NEURONS} for each label, {N_HIDDEN} hidden ones. "
            f"{result['n_train']:,} images are shown once, {1000 * PHASE:.0f} ms with their label; "
            f"for {1000 * PHASE:.0f} ms after each the machine is left to itself, and unlearns "
            "what it does by itself. Nothing but spikes changes weights and biases. Then pixels "
            "are shown alone, and the label whose neurons fire most is the class: "
            f"**{percent(result['test'])}** of {result['n_items']:,} test images (Neftci et al.: "
            f"{percent(PUBLISHED, 1)}). After each quarter of the training, with falling learning "
            f"rates: {learning} of {N_WATCHED:,} validation images, shown for {WATCHED} ms. The "
            f"{SHOWN} ms were chosen on 1,500 validation images afterwards. "
            f"Hidden neurons fire at {result['rate']:.0f} Hz.",
            table(("shown for", "accuracy"), times),
        ]
    )
