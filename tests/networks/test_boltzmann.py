"""The machine that learns by event-driven contrastive divergence."""

import itertools

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.networks import SpikingBoltzmannMachine

WEIGHTS = np.array([[1.5, -1.0], [-1.0, 1.5], [1.0, 0.5]])
BIASES = {"visible_bias": [-0.5, 0.5, 0.0], "hidden_bias": [0.2, -0.4]}
PATTERNS = np.repeat([[1.0, -1.0], [-1.0, 1.0]], 6, axis=1)
FOLLOW = 8.0  # input that neurons follow
SIMULATORS = [nengo.Simulator, nsl.Simulator]


def marginals():
    """Probabilities of the visible units of the machine, over all of its states."""
    total, visible = 0.0, np.zeros(3)
    for v in itertools.product((0, 1), repeat=3):
        for h in itertools.product((0, 1), repeat=2):
            v, h = np.array(v), np.array(h)
            energy = v @ WEIGHTS @ h + v @ BIASES["visible_bias"] + h @ BIASES["hidden_bias"]
            total += np.exp(energy)
            visible += v * np.exp(energy)
    return visible / total


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_spikes_sample_the_distribution(simulator):
    machine = SpikingBoltzmannMachine(3, 2, weights=WEIGHTS, **BIASES, frozen=True, seed=0)
    with machine:
        probe = nengo.Probe(machine.output)
    with simulator(machine, progress_bar=False) as sim:
        sim.run(20.0)
    # Poisson spikes are no binary units; the biases come in spikes too
    np.testing.assert_allclose(sim.data[probe].mean(axis=0), marginals(), atol=0.06)


def learned(simulator, n_seconds=6.0):
    """A machine that is shown two patterns, 50 ms each, and left to itself for 50 ms after each."""
    shown = np.zeros((4, PATTERNS.shape[1]))
    shown[::2] = FOLLOW * PATTERNS
    gate = np.array([[0], [1], [1], [1], [1], [0], [-1], [-1], [-1], [-1]])
    machine = SpikingBoltzmannMachine(PATTERNS.shape[1], 4, learning_rate=2e-3, seed=1)
    with machine:
        for values, seconds, target in (
            (shown, 0.05, machine.visible.neurons),
            (gate, 0.01, machine.gate),
        ):
            source = nengo.Node(nengo.processes.PresentInput(values, seconds))
            nengo.Connection(source, target, synapse=None)
    # Nengo merges populations when it optimizes, which then have other chances
    with simulator(machine, progress_bar=False, optimize=simulator is nsl.Simulator) as sim:
        sim.run(n_seconds)
        return machine.state(sim), sim.signals[sim.model.sig[machine._down]["weights"]].copy()


def test_half_a_pattern_is_completed():
    state, _ = learned(nsl.Simulator, 12.0)
    machine = SpikingBoltzmannMachine(12, 4, **state, frozen=True, seed=2)
    for pattern in PATTERNS:
        machine.input.output = FOLLOW * pattern * (np.arange(12) % 6 < 3)
        with machine:
            probe = nengo.Probe(machine.output)
        with nsl.Simulator(machine, progress_bar=False) as sim:
            sim.run(1.0)
        free = np.arange(12) % 6 >= 3
        active = sim.data[probe].mean(axis=0)
        assert active[free & (pattern > 0)].mean() > 3 * active[free & (pattern < 0)].mean()


def test_both_simulators_learn_the_same():
    (one, down), (other, _) = (learned(simulator, 1.0) for simulator in SIMULATORS)
    for name in one:
        np.testing.assert_allclose(one[name], other[name], atol=1e-12)
    # spikes of the same step come first on one way and second on the other, once each
    np.testing.assert_allclose(one["weights"], down, atol=1e-12)


@pytest.mark.parametrize(
    "options, match",
    [
        ({"weights": np.zeros((2, 3))}, r"weights must be of shape \(3, 2\) \(got \(2, 3\)\)"),
        ({"visible_bias": [0.0]}, r"visible_bias must be of shape \(3,\)"),
        ({"hidden_bias": [[0.0, 0.0]]}, r"hidden_bias must be of shape \(2,\)"),
        ({"learning_rate": -1}, "learning_rate"),
        ({"weights": np.full((3, 2), np.nan)}, "weights"),
    ],
)
def test_what_does_not_fit_is_named(options, match):
    with pytest.raises(ParameterError, match=match):
        SpikingBoltzmannMachine(3, 2, **options)
