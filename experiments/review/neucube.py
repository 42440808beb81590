"""A NeuCube-like reservoir on letters in Braille: it learns by STDP, then its spikes are ranked."""

from __future__ import annotations

import nengo
import numpy as np

import nengo_softlif as nsl
from experiments.review.sequences import DT, N_FOLDS, braille, respond
from nengo_softlif.analysis import rank_order_weights, state_readout, window_means
from nengo_softlif.networks import SmallWorldReservoir
from nengo_softlif.networks.wiring import grid

__all__ = ["letters"]

SHAPE = (8, 8, 8)
WINDOWS = 8
REST = 50  # steps without input between two letters that the cube learns from
MODULATION, DRIFT = 0.99, 0.001  # of the rank-order weights
NEIGHBOURS = 3  # that classify them
OPTIONS = {"neurons_per_input": 4, "strength": 0.3, "input_strength": 0.8}


def letters(*, quick):
    """Letters in Braille, in five folds with a cube for each.

    Returns
    -------
    result : dict
        Accuracies by readout; how far learning moved the weights, in units of the largest.
    """
    x, y, fold = braille(quick=quick)
    found = {"ridge": [], "rank order": [], "untrained": [], "moved": [], "pruned": []}
    for seed in range(1 if quick else N_FOLDS):
        is_test = fold == seed
        cube = _cube(seed, quick)
        before = cube.weights[:, : cube.n_excitatory].toarray()
        learned = _learned(x[~is_test], seed, quick)
        made = before > 0
        found["moved"].append(float(np.abs(learned - before)[made].mean() / before.max()))
        found["pruned"].append(float(np.mean(learned[made] == 0)))
        states, ranks = _answers(x, seed, quick, learned)
        found["rate"] = float(states.mean() / DT)
        found["ridge"].append(_ridge(states, y, is_test))
        found["rank order"].append(_nearest(ranks, y, is_test))
        found["untrained"].append(_ridge(_answers(x, seed, quick, None)[0], y, is_test))
    return found


def _cube(seed, quick, **options):
    """Channels for the taxels' signals down and up are at opposite faces, 3 by 4 on each."""
    shape = (4, 4, 4) if quick else SHAPE
    rows, columns = np.divmod(np.arange(12), 3)
    place = [columns / 2, rows / 3]
    faces = [np.stack([*place, np.full(12, face)], axis=1) for face in (0.0, 1.0)]
    channels = np.stack(faces, axis=1).reshape(24, 3) * (np.array(shape) - 1)
    return SmallWorldReservoir(grid(shape), channels, seed=seed, **OPTIONS, **options)


def _learned(spikes, seed, quick):
    """Weights of excitatory neurons after all letters, once each and in random order."""
    order = np.argsort(np.random.default_rng(seed).uniform(size=len(spikes)))
    shown = np.pad(spikes[order], ((0, 0), (0, REST), (0, 0)))
    shown = shown.reshape(1, -1, shown.shape[2])
    with nengo.Network() as net:
        cube = _cube(seed, quick)
        stimulus = nengo.Node(np.zeros(shown.shape[2]))
        nengo.Connection(stimulus, cube.input, synapse=None)
        probe = nengo.Probe(cube.plastic, "weights", sample_every=shown.shape[1] * DT)
    with nsl.Simulator(net, dt=DT, progress_bar=False) as sim:
        return sim.run_batch({stimulus: shown / DT}, shown.shape[1])[probe].reshape(
            len(cube.positions), cube.n_excitatory
        )


def _answers(spikes, seed, quick, learned):
    """States and rank-order weights of each letter, with weights that no longer change."""

    def make():
        return _cube(seed, quick, weights=learned, learning_rate=0)

    def measure(answer):
        ranks = rank_order_weights(answer, modulation=MODULATION, drift=DRIFT)
        return np.concatenate([window_means(answer, WINDOWS), ranks], axis=1)

    both = respond(make, spikes, measure)
    n_states = both.shape[1] * WINDOWS // (WINDOWS + 1)
    return both[:, :n_states], both[:, n_states:]


def _ridge(states, labels, is_test):
    readout = state_readout(states[~is_test], labels[~is_test])
    return float(readout.score(states[is_test], labels[is_test]))


def _nearest(weights, labels, is_test):
    from sklearn.neighbors import KNeighborsClassifier

    nearest = KNeighborsClassifier(NEIGHBOURS, weights="distance")
    nearest.fit(weights[~is_test], labels[~is_test])
    return float(nearest.score(weights[is_test], labels[is_test]))
