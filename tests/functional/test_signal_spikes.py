"""Signals as spikes: their sums follow the signals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.signal_spikes import integrated_spikes, level_crossings

signals = arrays.arrays(
    float, st.tuples(st.just(2), st.integers(1, 20), st.just(3)), elements=st.floats(0, 1)
)
levels = st.sampled_from([0.01, 0.1, 0.3, 2.0])


@given(x=signals, level=levels)
@settings(deadline=None)
def test_level_crossings_follow_the_signal_to_a_level(x, level):
    spikes = level_crossings(x, level)
    assert spikes.shape == (*x.shape, 2) and spikes.min() >= 0
    followed = x[:, :1] + level * np.cumsum(spikes[..., 1] - spikes[..., 0], axis=1)
    assert np.abs(followed - x).max() < level * (1 + 1e-6)
    assert not (spikes.min(axis=-1) > 0).any()  # up or down, not both
    np.testing.assert_array_equal(level_crossings(-x, level), spikes[..., ::-1])


def test_constant_signals_have_no_crossings():
    assert not level_crossings(np.full((1, 10, 2), 0.7), 0.01).any()


@given(x=signals, gain=st.sampled_from([0.1, 1.0, 7.0]))
@settings(deadline=None)
def test_integrated_spikes_are_the_sum_rounded(x, gain):
    spikes = integrated_spikes(x, gain)
    total = np.cumsum(gain * x, axis=1)
    assert np.abs(np.cumsum(spikes, axis=1) - total).max() <= 0.5 + 1e-6
    assert spikes.min() >= 0 and spikes.shape == x.shape


def test_integrated_spikes_of_a_constant_are_regular_spikes():
    x = np.random.default_rng(0).uniform(size=(3, 5))
    expected = nsl.RegularSpikes(400).encode(x, 50)
    found = integrated_spikes(np.repeat(x[:, np.newaxis], 50, axis=1), gain=0.4)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 3)), np.zeros((0, 3, 1)), np.full((1, 2, 1), np.nan)]
)
@pytest.mark.parametrize("function", [level_crossings, integrated_spikes])
def test_bad_signals_are_refused(function, wrong):
    with pytest.raises(ParameterError, match="signals must"):
        function(wrong, 0.1)


def test_bad_options_are_refused():
    good = np.ones((1, 2, 1))
    for level in (0, -1, np.nan, "1"):
        with pytest.raises(ParameterError, match="level must be"):
            level_crossings(good, level)
        with pytest.raises(ParameterError, match="gain must be"):
            integrated_spikes(good, level)
    with pytest.raises(ParameterError, match="signals must be finite numbers of 0 or more"):
        integrated_spikes(-good)
