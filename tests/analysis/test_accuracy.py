"""Classification over time, and intervals of shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nengo_softlif.analysis import RunningClassification, wilson_interval


def test_the_window_starts_over_at_the_starting_step():
    outputs = np.zeros((1, 6, 2))
    outputs[0, :3, 0] = 10  # early
    outputs[0, 3:, 1] = 1  # later
    running = RunningClassification(1, 2, start_step=3)
    np.testing.assert_array_equal(running.update(outputs), [[0, 0, 0, 1, 1, 1]])
    np.testing.assert_array_equal(running.means, [[0, 1]])


@given(st.integers(0, 9), st.integers(1, 9))
def test_pieces_give_the_same(start, piece):
    outputs = np.random.default_rng(0).normal(size=(4, 10, 3))
    whole, parts = (RunningClassification(4, 3, start) for _ in range(2))
    expected = whole.update(outputs)
    got = [parts.update(outputs[:, i : i + piece]) for i in range(0, 10, piece)]
    np.testing.assert_array_equal(np.concatenate(got, axis=1), expected)
    np.testing.assert_allclose(parts.means, outputs[:, start:].mean(axis=1))


@given(st.integers(1, 10000), st.floats(0, 1))
def test_interval_holds_the_share(n_items, share):
    n_events = round(share * n_items)
    low, high = wilson_interval(n_events, n_items)
    assert 0 <= low <= n_events / n_items + 1e-12
    assert n_events / n_items - 1e-12 <= high <= 1


def test_interval_by_hand():
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, score without correction
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert np.isnan(wilson_interval(0, 0)).all()
