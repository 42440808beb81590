"""Steady states of neurons that inhibit themselves and each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from nengo_softlif.functional import soft_lif_rate
from nengo_softlif.functional.inhibition import Inhibition, inhibited_rate

CURRENTS = np.random.RandomState(0).normal(1, 3, (20, 12))


@given(
    strength=st.floats(1e-4, 1.0),
    n_channels=st.sampled_from([1, 3, 12]),
    sigma=st.sampled_from([0.005, 0.02, 0.1]),
    single=st.booleans(),
)
@settings(deadline=None, max_examples=30)
def test_rates_solve_the_equation(strength, n_channels, sigma, single):
    def excess(mean, group):
        return mean - np.mean(soft_lif_rate(group - strength * mean, sigma=sigma))

    J = CURRENTS.astype(np.float32 if single else np.float64)
    rates = inhibited_rate(J, Inhibition(strength, n_channels), sigma=sigma)
    for group, found in zip(J.reshape(-1, n_channels), rates.reshape(-1, n_channels), strict=True):
        mean = brentq(excess, 0, 500, args=(group,), xtol=1e-12)
        # near the threshold the curve is steep: what counts is the mean
        assert np.mean(found) == pytest.approx(mean, abs=0.05)


def test_limits():
    free = soft_lif_rate(CURRENTS)
    np.testing.assert_allclose(inhibited_rate(CURRENTS, Inhibition(1e-9)), free, rtol=1e-4)
    for n_channels in (1, 4, 12):
        inhibited = inhibited_rate(CURRENTS, Inhibition(0.02, n_channels))
        assert np.all(inhibited <= free * (1 + 1e-9))
    # a strong inhibition makes a straight line of the curve: the current goes into the inhibition
    J = np.array([[21.0], [41.0]])
    slope = np.diff(inhibited_rate(J, Inhibition(1.0)), axis=0) / np.diff(J, axis=0)
    assert slope == pytest.approx(1.0, rel=0.1)


def test_channels_inhibit_those_of_their_group_only():
    J = np.full((1, 4), 2.0)
    before = inhibited_rate(J, Inhibition(0.02, 2))
    J[0, 3] = 10.0
    after = inhibited_rate(J, Inhibition(0.02, 2))
    np.testing.assert_array_equal(after[0, :2], before[0, :2])
    assert after[0, 2] < before[0, 2] - 1


def test_normalisation_keeps_the_order_and_evens_out_contrast():
    weak, strong = (inhibited_rate(s * np.arange(1.0, 5.0), Inhibition(0.2, 4)) for s in (1, 10))
    assert np.all(np.diff(strong) >= 0)
    free_weak, free_strong = (soft_lif_rate(s * np.arange(1.0, 5.0)).mean() for s in (1, 10))
    assert strong.mean() / weak.mean() < 10
    assert strong.mean() < 0.5 * free_strong
    assert weak.mean() < free_weak
