"""Rates counted item by item."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nengo_softlif.analysis import RateCounter


@given(st.integers(1, 20), st.integers(1, 7))
def test_statistics_do_not_depend_on_batches(n_items, batch):
    counts = np.random.default_rng(n_items).integers(0, 30, size=(n_items, 5))
    counter = RateCounter(5, dt=0.001)
    for i in range(0, n_items, batch):
        counter.add(counts[i : i + batch], 100)
    statistics = counter.statistics()
    assert statistics.mean == pytest.approx(counts.mean() / 0.1)
    np.testing.assert_allclose(counter.mean_rates, counts.mean(axis=0) / 0.1)
    for p, rate in statistics.percentiles.items():
        assert rate == pytest.approx(np.percentile(counts, p, method="inverted_cdf") / 0.1)


def test_silent_and_saturated_neurons():
    counter = RateCounter(4, dt=0.001, max_rate=500)
    counter.add([[0, 50, 1, 0], [0, 0, 47, 0]], 100)
    statistics = counter.statistics()
    assert statistics.silent == 0.5
    assert statistics.saturated == 0.25  # 48 spikes or more in 100 ms are over 95 % of 500 Hz


def test_several_spikes_in_a_step():
    counter = RateCounter(1, dt=0.001)
    counter.add([[25]], 10)
    assert counter.statistics().mean == 2500


def test_rates_of_negative_spikes_have_no_sign():
    counter = RateCounter(3, dt=0.001)
    counter.add([[-10, 10, 0]], 100)
    np.testing.assert_allclose(counter.mean_rates, [100, 100, 0])
    assert counter.statistics().silent == pytest.approx(1 / 3)
    assert counter.statistics().percentiles[95] == pytest.approx(100)


def test_the_rate_of_a_neuron_goes_by_the_time_of_each_sample():
    counter = RateCounter(2, dt=0.001, max_rate=500)
    counter.add([[10, 0], [20, 0]], 100)
    counter.add([[100, 192]], 400)  # 192 spikes in 400 ms are 480 Hz, over 95 % of 500 Hz
    np.testing.assert_allclose(counter.mean_rates, [130 / 0.6, 192 / 0.6])
    statistics = counter.statistics()
    assert (statistics.silent, statistics.saturated) == (0, 0.5)
    rates = [100, 200, 250, 0, 0, 480]
    for p, rate in statistics.percentiles.items():
        assert rate == pytest.approx(np.percentile(rates, p, method="inverted_cdf"))


def test_nothing_counted():
    statistics = RateCounter(3, 0.001).statistics()
    assert np.isnan([statistics.mean, statistics.silent, statistics.percentiles[50]]).all()
