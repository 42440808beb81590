"""Spoken digits and letters in Braille as spikes in steps of 1 ms, and what comes of them."""

from __future__ import annotations

import json
from pathlib import Path

import nengo
import numpy as np

import nengo_softlif as nsl
from experiments.files import data_file
from nengo_softlif import datasets
from nengo_softlif.analysis import state_readout
from nengo_softlif.functional.filter_bank import FilterBank
from nengo_softlif.functional.signal_spikes import integrated_spikes, level_crossings

__all__ = ["DT", "N_FOLDS", "braille", "recurrent", "respond", "score", "speech"]

DT = 0.001
N_FOLDS = 5  # of Braille letters, by repetition, and seeds of reservoirs
SPEECH_CHANNELS, SPEECH_FRAMES, FRAME_STEPS = 64, 80, 10  # frames of 10 ms
SPEECH_GAIN = 0.1  # spikes in a step at the loudest: 100 Hz
TOUCH_LEVEL, TOUCH_STEPS = 0.01, 5  # of the taxels, from 0 to 1; steps of a frame
BATCH = 20  # recordings whose spikes are kept at the same time
N_QUICK = 60


def speech(*, quick):
    """Spoken digits as spikes of an auditory filter bank, with the official test set.

    Returns
    -------
    x_train : (n, 800, 64) ndarray of uint8
        Numbers of spikes.
    y_train : (n,) ndarray of int
    x_test, y_test : ndarray
    """
    if quick:
        return _made_up((100, SPEECH_CHANNELS), 10)
    bank = FilterBank(rate=8000, n_channels=SPEECH_CHANNELS, step=0.01, window=0.025)
    found = []
    for part in datasets.load_speech(data_file("spoken_digits.npz")):
        spikes = [
            integrated_spikes(
                np.repeat(bank.frames(sound, SPEECH_FRAMES), FRAME_STEPS, axis=0)[np.newaxis],
                SPEECH_GAIN,
            )[0].astype(np.uint8)
            for sound in part
        ]
        found += [np.stack(spikes), part.labels]
    return tuple(found)


def braille(*, quick):
    """Letters in Braille as crossings of levels by the signals of 12 taxels.

    Returns
    -------
    x : (n, 380, 24) ndarray of uint8
        Numbers of spikes; two channels for each taxel.
    y : (n,) ndarray of int
    fold : (n,) ndarray of int
        Every fifth repetition is in the same fold.
    """
    if quick:
        x, y, *_ = _made_up((100, 24), 3)
        return x, y, np.arange(len(y)) // 3 % N_FOLDS
    arrays = np.load(data_file("braille_letters.npz"), allow_pickle=False)
    frames = arrays["x"] / 255
    n_frames = frames.shape[1]
    at = np.arange(n_frames * TOUCH_STEPS) / TOUCH_STEPS
    before = np.minimum(at.astype(int), n_frames - 1)
    after = np.minimum(before + 1, n_frames - 1)
    part = (at - before)[:, np.newaxis]
    signals = frames[:, before] * (1 - part) + frames[:, after] * part
    spikes = level_crossings(signals, TOUCH_LEVEL)
    x = spikes.reshape(*spikes.shape[:2], -1).astype(np.uint8)
    return x, arrays["y"], arrays["repetition"] % N_FOLDS


def respond(make, spikes, measure):
    """Run a reservoir on recordings, one after the other, from the same initial state.

    Parameters
    ----------
    make : callable
        Of nothing, in the context of a network; makes the reservoir.
    spikes : (n, n_steps, n_inputs) ndarray
        Numbers of spikes.
    measure : callable
        Of the spikes of a batch, (n, n_steps, n_neurons) with values of 0 and 1; returns an array
        with a row for each recording.

    Returns
    -------
    measured : (n, ...) ndarray
    """
    with nengo.Network() as net:
        reservoir = make()
        stimulus = nengo.Node(np.zeros(spikes.shape[2]))
        nengo.Connection(stimulus, reservoir.input, synapse=None)
        probe = nengo.Probe(reservoir.neurons)
    found = []
    with nsl.Simulator(net, dt=DT, progress_bar=False) as sim:
        for first in range(0, len(spikes), BATCH):
            batch = {stimulus: spikes[first : first + BATCH] / DT}
            found.append(measure(sim.run_batch(batch, spikes.shape[1])[probe] * DT))
    return np.concatenate(found)


def score(states, labels, is_test):
    """Accuracy of a readout by ridge regression, on test samples."""
    readout = state_readout(states[~is_test], labels[~is_test])
    return float(readout.score(states[is_test], labels[is_test]))


def recurrent(experiment, start):
    """Accuracies of trained networks in the stored results of another experiment.

    Parameters
    ----------
    experiment : str
    start : str
        Of the names of the networks.

    Returns
    -------
    accuracies : list of float
    """
    path = Path(__file__).parents[1] / "results" / f"{experiment}.json"
    networks = json.loads(path.read_text())["result"]["networks"]
    return [found["keras"] for name, found in networks.items() if name.startswith(start)]


def _made_up(shape, n_classes):
    """Spikes at rates that depend on the class: they exercise the code and measure nothing."""
    rng = np.random.default_rng(0)
    y = np.arange(N_QUICK) % n_classes
    rates = rng.uniform(0, 0.2, (n_classes, shape[1]))
    x = (rng.random((N_QUICK, *shape)) < rates[y][:, np.newaxis]).astype(np.uint8)
    return x, y, x[: N_QUICK // 2], y[: N_QUICK // 2]
