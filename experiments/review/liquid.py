"""Liquid state machines on spoken digits and letters in Braille."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.markdown import table
from experiments.markdown import hz, percent, spread
from experiments.review.sequences import DT, N_FOLDS, braille, recurrent, respond, score, speech
from nengo_softlif.analysis import window_means
from nengo_softlif.networks import LiquidStateMachine

TITLE = "Liquid state machines: spoken digits and letters in Braille"
SHAPE = (8, 8, 8)
WINDOWS = 8
# Chosen on training recordings, of which every fifth was held out
INPUT = {"input_probability": 0.05, "input_strength": 0.6}


def run(quick):
    """Train readouts of liquids, and of their input alone.

    Returns
    -------
    result : dict
        By task: accuracies of readouts of the input and of the liquids, mean firing rate in Hz,
        numbers of samples, accuracies of recurrent networks that were trained in spikes.
    """
    return {"tasks": {"spoken digits": _spoken(quick), "letters": _letters(quick)}}


def _spoken(quick):
    x_train, y_train, x_test, y_test = speech(quick=quick)
    both, labels = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    is_test = np.arange(len(both)) >= len(x_train)
    found = {
        "input": [score(window_means(both, WINDOWS), labels, is_test)],
        "liquid": [],
        "rates": [],
        "n_train": len(x_train),
        "n_test": len(x_test),
        "recurrent": recurrent("spiking.events", "speech"),
    }
    for seed in range(1 if quick else N_FOLDS):
        _add_liquid(found, both, labels, is_test, seed, quick)
    return found


def _letters(quick):
    x, labels, fold = braille(quick=quick)
    found = {
        "input": [],
        "liquid": [],
        "rates": [],
        "n_train": int(np.sum(fold != 0)),
        "n_test": int(np.sum(fold == 0)),
        "recurrent": recurrent("spiking.chip", "braille"),
    }
    for seed in range(1 if quick else N_FOLDS):
        found["input"].append(score(window_means(x, WINDOWS), labels, fold == seed))
        _add_liquid(found, x, labels, fold == seed, seed, quick)
    return found


def _add_liquid(found, spikes, labels, is_test, seed, quick):
    shape = (4, 4, 4) if quick else SHAPE
    make = partial(LiquidStateMachine, spikes.shape[2], shape, seed=seed, **INPUT)
    states = respond(make, spikes, lambda answer: window_means(answer, WINDOWS))
    found["liquid"].append(score(states, labels, is_test))
    found["rates"].append(float(states.mean() / DT))


def describe(result):
    """List accuracies."""
    tasks = result["tasks"]
    rows = [
        (
            task,
            f"{found['n_train']:,}, {found['n_test']:,}",
            spread(found["input"]),
            spread(found["liquid"]),
            hz(float(np.mean(found["rates"]))),
            percent(float(np.mean(found["recurrent"]))),
        )
        for task, found in tasks.items()
    ]
    n_liquids = len(tasks["letters"]["liquid"])
    return "\n\n".join(
        [
            f"Reservoirs of {np.prod(SHAPE)} LIF neurons, 80 % of them excitatory, on a "
            f"grid of {' x '.join(map(str, SHAPE))}; mean ± standard deviation over {n_liquids} "
            "liquids, for letters with a fold of the repetitions each. Nothing but the readout is "
            f"trained: ridge regression of firing rates in {WINDOWS} windows. Its penalty is "
            "chosen by cross-validation on the training samples. *Input* is the same readout of "
            "the input spikes alone.",
            "Spoken digits: 64 gammatone filters in frames of 10 ms, integrated to spikes at up "
            "to 100 Hz, the first 800 ms; the official test set. Letters: crossings of levels by "
            "the signals of 12 taxels, 5 ms a frame. The recurrent network is trained by "
            "backpropagation through time, on distorted samples.",
            table(
                (
                    "task",
                    "training, test samples",
                    "input",
                    "liquid",
                    "firing rate",
                    "recurrent network",
                ),
                rows,
            ),
        ]
    )
