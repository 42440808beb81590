"""Wiring of reservoirs: probabilities by distance, and the figures of small worlds."""

import numpy as np
import pytest
from scipy.sparse import csgraph

from nengo_softlif.errors import ParameterError
from nengo_softlif.networks.wiring import distance_dependent, grid, small_world


def test_grid_has_one_neuron_at_each_place():
    positions = grid((15, 3, 3))
    assert positions.shape == (135, 3)
    assert len(np.unique(positions, axis=0)) == 135
    assert positions.max(axis=0).tolist() == [14, 2, 2]


def test_probability_decreases_with_distance():
    """The fraction of synapses at each distance is that of the equation, to 5 standard errors."""
    positions, radius, peak = grid((30, 30)), 2.0, 0.6
    synapses = distance_dependent(positions, peak, radius, np.random.default_rng(0)).toarray()
    offsets = positions[:, np.newaxis] - positions
    distance = np.sqrt((offsets**2).sum(axis=-1))
    for at in (1.0, 2.0, 3.0, np.sqrt(8)):
        chosen = np.isclose(distance, at)
        expected = peak * np.exp(-((at / radius) ** 2))
        error = np.sqrt(expected * (1 - expected) / chosen.sum())
        assert abs(synapses[chosen].mean() - expected) < 5 * error


def test_no_neuron_is_connected_to_itself():
    synapses = distance_dependent(grid((8, 8)), 1.0, 1e3, np.random.default_rng(0))
    # a probability of 1 connects all others
    np.testing.assert_array_equal(synapses.toarray(), ~np.eye(64, dtype=bool))
    rewired = small_world(grid((8, 8)), 8, 1.0, np.random.default_rng(0))
    assert not rewired.diagonal().any()


def test_peak_may_depend_on_both_neurons():
    peak = np.zeros((20, 20))
    peak[5:, :5] = 1
    synapses = distance_dependent(np.zeros((20, 1)), peak, 1.0, np.random.default_rng(0))
    np.testing.assert_array_equal(synapses.toarray(), peak.astype(bool))


@pytest.mark.parametrize("rewired", [0.0, 0.3, 1.0])
def test_each_neuron_of_a_small_world_has_as_many_synapses(rewired):
    synapses = small_world(grid((6, 6, 6)), 10, rewired, np.random.default_rng(1))
    np.testing.assert_array_equal(synapses.sum(axis=1), np.full(216, 10))


def test_without_rewiring_synapses_come_from_neighbours():
    positions = grid((5, 5))
    synapses = small_world(positions, 2, 0.0, np.random.default_rng(0)).tocoo()
    distances = np.abs(positions[synapses.row] - positions[synapses.col]).sum(axis=1)
    np.testing.assert_array_equal(distances, np.ones(50))


def test_neurons_at_one_place_are_neighbours():
    synapses = small_world(np.zeros((12, 3)), 4, 0.0, np.random.default_rng(0))
    np.testing.assert_array_equal(synapses.sum(axis=1), np.full(12, 4))
    assert not synapses.diagonal().any()


def statistics(synapses):
    """Clustering coefficient of the undirected graph, and mean length of its paths."""
    links = ((synapses + synapses.T) > 0).astype(int).toarray()
    degrees = links.sum(axis=1)
    clustering = np.mean(np.diag(links @ links @ links) / (degrees * (degrees - 1)))
    lengths = csgraph.shortest_path(links, unweighted=True)
    return clustering, lengths[~np.eye(len(links), dtype=bool)].mean()


def test_few_rewired_synapses_make_a_small_world():
    """Watts & Strogatz (1998), figure 2: short paths come long before clusters are lost."""
    positions = np.arange(400.0)[:, np.newaxis]
    ordered, small, random = (
        statistics(small_world(positions, 10, p, np.random.default_rng(0))) for p in (0, 0.03, 1)
    )
    assert small[0] > 0.7 * ordered[0] > 5 * random[0]
    assert small[1] < 0.35 * ordered[1]
    # a large random graph with n neurons and k links each: log n / log k
    assert random[1] == pytest.approx(np.log(400) / np.log(20), rel=0.2)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda rng: grid(()), "shape must have one axis"),
        (lambda rng: grid((3, 0)), r"shape\[1\] must be an integer"),
        (lambda rng: distance_dependent([[0.0]], 0.5, 1.0, rng), "two neurons at least"),
        (lambda rng: distance_dependent(grid((2, 2)), [0.5], 1.0, rng), r"peak .* shape \(4, 4\)"),
        (lambda rng: distance_dependent(grid((2, 2)), 1.5, 1.0, rng), "peak must be"),
        (lambda rng: distance_dependent(grid((2, 2)), 0.5, 0.0, rng), "radius must be"),
        (lambda rng: small_world(grid((2, 2)), 4, 0.1, rng), "n_neighbors must be an integer"),
        (lambda rng: small_world(grid((2, 2)), 2, 1.1, rng), "rewired must be"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ParameterError, match=message):
        call(np.random.default_rng(0))
