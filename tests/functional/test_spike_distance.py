"""Distances between spike trains, at values that can be said without computing them."""

import numpy as np
import pytest

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.spike_distance import align, van_rossum, victor_purpura

RNG = np.random.default_rng(0)
TRAINS = [np.sort(RNG.uniform(0, 0.5, size=n)) for n in (0, 1, 4, 7, 12)]
PAIRS = [(a, b) for a in TRAINS for b in TRAINS]


@pytest.mark.parametrize("a, b", PAIRS)
def test_without_a_cost_of_moving_only_spike_counts_differ(a, b):
    assert victor_purpura(a, b, cost=0) == abs(len(a) - len(b))


@pytest.mark.parametrize("a, b", PAIRS)
def test_with_a_high_cost_nothing_is_moved(a, b):
    shared = len(np.intersect1d(a, b))
    assert victor_purpura(a, b, cost=1e9) == len(a) + len(b) - 2 * shared


@pytest.mark.parametrize("distance", (0.0, 0.004, 0.0199, 0.0201, 0.3))
def test_one_spike_each(distance):
    """It is moved as long as that costs less than removing one and inserting one."""
    expected = min(100 * distance, 2)
    assert victor_purpura([0.1], [0.1 + distance], cost=100) == pytest.approx(expected)


@pytest.mark.parametrize("a, b", PAIRS)
def test_distances_are_metrics(a, b):
    for distance in (
        lambda x, y: victor_purpura(x, y, cost=30),
        lambda x, y: van_rossum(x, y, tau=0.02),
    ):
        assert distance(a, a) == 0
        assert distance(a, b) == pytest.approx(distance(b, a))
        for c in TRAINS:
            assert distance(a, b) <= distance(a, c) + distance(c, b) + 1e-12


@pytest.mark.parametrize("a, b", PAIRS)
def test_an_alignment_uses_every_spike_once_and_costs_the_distance(a, b):
    found = align(a, b, cost=50)
    assert sorted([*found.moved[:, 0], *found.removed]) == list(range(len(a)))
    assert sorted([*found.moved[:, 1], *found.inserted]) == list(range(len(b)))
    moves = np.abs(a[found.moved[:, 0]] - b[found.moved[:, 1]])
    assert len(found.removed) + len(found.inserted) + 50 * moves.sum() == pytest.approx(found.cost)
    assert (moves <= 2 / 50).all()


def test_the_order_of_a_train_does_not_matter():
    a, b = TRAINS[3], TRAINS[4]
    shuffled = RNG.permutation(a)
    assert victor_purpura(shuffled, b, cost=50) == victor_purpura(a, b, cost=50)
    times = {(shuffled[i], b[j]) for i, j in align(shuffled, b, cost=50).moved}
    assert times == {(a[i], b[j]) for i, j in align(a, b, cost=50).moved}


@pytest.mark.parametrize("a, b", PAIRS)
def test_van_rossum_is_the_integral_of_filtered_trains(a, b):
    tau, dt = 0.03, 1e-5
    t = np.arange(0, 1, dt) + dt / 2

    def filtered(train):
        since = t[:, np.newaxis] - train
        return np.where(since > 0, np.exp(-np.maximum(since, 0) / tau), 0).sum(axis=1)

    integral = np.sum((filtered(a) - filtered(b)) ** 2) * dt / tau
    # a spike moves by at most half a step of the integration
    assert van_rossum(a, b, tau=tau) ** 2 == pytest.approx(integral, abs=0.02)


def test_van_rossum_of_one_spike_each():
    for distance in (0.0, 0.005, 0.1):
        square = van_rossum([0.1], [0.1 + distance], tau=0.01) ** 2
        assert square == pytest.approx(1 - np.exp(-distance / 0.01))
    assert van_rossum([0.1], [], tau=0.01) ** 2 == pytest.approx(0.5)


@pytest.mark.parametrize(
    "call, match",
    [
        (lambda: victor_purpura([0.1], [0.2], cost=-1), "cost must be .* 0 or more"),
        (lambda: van_rossum([0.1], [0.2], tau=-0.01), "tau must be a time in seconds greater"),
        (lambda: van_rossum([0.1, np.inf], [0.2], tau=0.01), "first must be finite"),
        (lambda: align([0.1], [[0.2]], cost=1), r"second must be .* \(got shape \(1, 1\)\)"),
    ],
)
def test_bad_arguments(call, match):
    with pytest.raises(ParameterError, match=match):
        call()
