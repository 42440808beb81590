"""A NeuCube-like reservoir on letters in Braille: it learns by STDP, then its spikes are ranked."""

from __future__ import annotations

import nengo
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.markdown import hz, percent, spread
from experiments.review.sequences import DT, N_FOLDS, braille, recurrent, respond, score
from nengo_softlif.analysis import rank_order_weights, window_means
from nengo_softlif.networks import SmallWorldReservoir
from nengo_softlif.networks.wiring import grid

TITLE = "A small-world reservoir that learns by STDP, as NeuCube: letters in Braille"
SHAPE = (8, 8, 8)
WINDOWS = 8
REST = 50  # steps without input between two letters that the cube learns from
MODULATION, DRIFT = 0.99, 0.001  # of the rank-order weights
NEIGHBOURS = 3  # that classify them
OPTIONS = {"neurons_per_input": 8, "strength": 0.08, "input_strength": 0.8, "inhibition": 2.0}


def run(quick):
    """Let cubes learn from letters without labels, then classify their spikes.

    Returns
    -------
    result : dict
        Accuracies by readout, of cubes before and after learning; mean firing rates in Hz; how far
        learning moves the weights, in units of the largest; the fraction of synapses that are lost;
        accuracies of recurrent networks that were trained in spikes.
    """
    x, labels, fold = braille(quick=quick)
    found = {
        "ridge": [],
        "rank order": [],
        "ridge, before": [],
        "rank order, before": [],
        "rates": [],
        "moved": [],
        "pruned": [],
        "recurrent": recurrent("spiking.chip", "braille"),
    }
    for seed in range(1 if quick else N_FOLDS):
        is_test = fold == seed
        cube = _cube(seed, quick)
        before = cube.weights[:, : cube.n_excitatory].toarray()
        learned = _learned(x[~is_test], seed, quick)
        found["moved"].append(float(np.abs(learned - before)[before > 0].mean() / before.max()))
        found["pruned"].append(float(np.mean(learned[before > 0] == 0)))
        for weights, when in ((learned, ""), (None, ", before")):
            states, ranks = _answers(x, seed, quick, weights)
            found[f"ridge{when}"].append(score(states, labels, is_test))
            found[f"rank order{when}"].append(_nearest(ranks, labels, is_test))
        found["rates"].append(float(states.mean() / DT))
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


def _nearest(weights, labels, is_test):
    from sklearn.neighbors import KNeighborsClassifier

    nearest = KNeighborsClassifier(NEIGHBOURS, weights="distance")
    nearest.fit(weights[~is_test], labels[~is_test])
    return float(nearest.score(weights[is_test], labels[is_test]))


def describe(found):
    """List accuracies."""
    rows = [
        (
            "windows of time, ridge regression",
            spread(found["ridge, before"]),
            spread(found["ridge"]),
        ),
        (
            f"rank-order weights, {NEIGHBOURS} nearest neighbours",
            spread(found["rank order, before"]),
            spread(found["rank order"]),
        ),
    ]
    return "\n\n".join(
        [
            f"Cubes of {np.prod(SHAPE)} LIF neurons; mean ± standard deviation over "
            f"{len(found['ridge'])} cubes with a fold of the repetitions each. Excitatory synapses "
            "learn from all training letters, shown once, then stay as they are. Before learning, "
            f"neurons fire at {hz(float(np.mean(found['rates'])))}. Learning moves a weight by "
            f"{percent(float(np.mean(found['moved'])), 1)} of the largest on average, and prunes "
            f"{percent(float(np.mean(found['pruned'])), 1)} of the synapses. The recurrent network "
            "that is trained by backpropagation through time has "
            f"{percent(float(np.mean(found['recurrent'])))}.",
            table(("readout", "before learning", "after learning"), rows),
        ]
    )
