"""Small worlds that learn: equal spikes and weights on simulators, synapses, learned weights."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.networks import SmallWorldReservoir
from nengo_softlif.networks.wiring import grid
from tests.networks.test_liquid import DT, poisson

POSITIONS = grid((5, 5, 5))
CORNERS = [[0, 0, 0], [4, 4, 4], [0, 4, 0]]


def given(spikes, **options):
    """Build a network with spikes that are played into a cube, and probes."""
    with nengo.Network(seed=1) as net:
        options = {"neurons_per_input": 3, "n_neighbors": 12, "strength": 0.4, **options}
        net.cube = SmallWorldReservoir(POSITIONS, CORNERS, seed=3, **options)
        net.stimulus = nengo.Node(lambda t: spikes[min(round(t / DT), len(spikes)) - 1])
        nengo.Connection(net.stimulus, net.cube.input, synapse=None)
        net.spikes = nengo.Probe(net.cube.neurons)
        if net.cube.plastic.learning_rule:
            net.weights = nengo.Probe(net.cube.plastic, "weights", sample_every=0.1)
    return net


def run(net, n_steps, simulator=nsl.Simulator):
    with simulator(net, progress_bar=False) as sim:
        sim.run_steps(n_steps)
        return sim.data[net.spikes], sim.data[net.weights][-1] if hasattr(net, "weights") else None


def test_simulators_have_equal_spikes_and_weights():
    net = given(poisson(3, 200, 150, seed=0))
    expected, expected_weights = run(net, 200, nengo.Simulator)
    spikes, weights = run(net, 200)
    assert np.count_nonzero(expected) > 300
    np.testing.assert_array_equal(spikes, expected)
    np.testing.assert_allclose(weights, expected_weights, atol=1e-12)


def test_learning_changes_synapses_and_makes_none():
    net = given(poisson(3, 300, 150, seed=0), learning_rate=0.05)
    _, weights = run(net, 300)
    before = net.cube.weights.toarray()[:, : net.cube.n_excitatory]
    np.testing.assert_array_equal(weights[before == 0], 0)
    moved = np.abs(weights - before)[before > 0]
    assert np.mean(moved > 1e-6) > 0.5
    assert weights.min() >= 0 and weights.max() <= 2 * 2 * 0.02 * 0.4


def test_learned_weights_run_in_a_network_that_does_not_learn():
    spikes = poisson(3, 200, 150, seed=0)
    _, learned = run(given(spikes), 200)
    frozen = given(spikes, weights=learned, learning_rate=0)
    slow = given(spikes, weights=learned, learning_rate=1e-300)
    np.testing.assert_array_equal(run(frozen, 200)[0], run(slow, 200)[0])
    assert frozen.cube.plastic.learning_rule is None


def test_channels_reach_the_nearest_neurons():
    spikes = np.zeros((5, 3))
    spikes[0, 1] = 1 / DT
    net = given(spikes, input_strength=20.0, learning_rate=0)
    first, _ = run(net, 3)
    (fired,) = np.nonzero(first.any(axis=0))
    distance = np.abs(net.cube.positions - CORNERS[1]).sum(axis=1)
    assert len(fired) >= 3
    assert set(np.argsort(distance, kind="stable")[:3]) <= set(fired)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"positions": [[0.0, 0.0, 0.0]]}, "two neurons at least"),
        ({"input_positions": [[0.0, 0.0]]}, r"input_positions must have the shape \(n_inputs, 3\)"),
        ({"neurons_per_input": 126}, "neurons_per_input must be an integer"),
        ({"n_neighbors": 125}, "n_neighbors must be an integer"),
        ({"strength": -1}, "strength must be"),
        ({"inhibition": -1}, "inhibition must be"),
        ({"excitatory_fraction": 1.2}, "excitatory_fraction must be"),
        ({"learning_rate": -1}, "learning_rate must be"),
        ({"weights": [[0.1]]}, r"weights must have the shape \(125, 100\)"),
    ],
)
def test_bad_arguments(options, message):
    arguments = {"positions": POSITIONS, "input_positions": CORNERS, **options}
    with pytest.raises(ParameterError, match=message):
        SmallWorldReservoir(**arguments)
