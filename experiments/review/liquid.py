"""Liquid state machines on spoken digits and letters in Braille."""

from __future__ import annotations

from functools import partial

import numpy as np

from experiments.review.sequences import N_FOLDS, braille, respond, speech
from nengo_softlif.analysis import state_readout, window_means
from nengo_softlif.networks import LiquidStateMachine

__all__ = ["letters", "spoken"]

SHAPE = (10, 10, 10)
WINDOWS = 8
# Chosen on training recordings, of which every fifth was held out
INPUT = {"input_probability": 0.05, "input_strength": 0.6}
SEPARATE = dict.fromkeys(("EE", "EI", "IE", "II"), 0.0)


def spoken(*, quick, separate=False):
    """Spoken digits: accuracy of readouts of the input and of five liquids.

    Parameters
    ----------
    quick : bool
    separate : bool
        Whether to take the recurrent synapses away.

    Returns
    -------
    result : dict
    """
    x_train, y_train, x_test, y_test = speech(quick=quick)
    both = np.concatenate([x_train, x_test])
    labels = np.concatenate([y_train, y_test])
    is_test = np.arange(len(both)) >= len(x_train)
    options = {"strength": SEPARATE} if separate else {}
    found = {"input": _score(window_means(both, WINDOWS), labels, is_test), "liquids": []}
    for seed in range(1 if quick else N_FOLDS):
        states = _states(both, quick, seed, **options)
        found["liquids"].append(_score(states, labels, is_test))
        found["rate"] = float(states.mean() / 0.001)
    return {**found, "n_train": len(x_train), "n_test": len(x_test)}


def letters(*, quick):
    """Letters in Braille, in five folds with a liquid for each.

    Returns
    -------
    result : dict
    """
    x, y, fold = braille(quick=quick)
    found = {"input": [], "liquids": [], "n_test": 0}
    of_input = window_means(x, WINDOWS)
    for seed in range(1 if quick else N_FOLDS):
        is_test = fold == seed
        found["input"].append(_score(of_input, y, is_test))
        states = _states(x, quick, seed)
        found["liquids"].append(_score(states, y, is_test))
        found["rate"] = float(states.mean() / 0.001)
        found["n_test"] += int(is_test.sum())
    return found


def _states(spikes, quick, seed, **options):
    shape = (4, 4, 4) if quick else SHAPE
    make = partial(LiquidStateMachine, spikes.shape[2], shape, seed=seed, **INPUT, **options)
    return respond(make, spikes, lambda answer: window_means(answer, WINDOWS))


def _score(states, labels, is_test):
    readout = state_readout(states[~is_test], labels[~is_test])
    return float(readout.score(states[is_test], labels[is_test]))
