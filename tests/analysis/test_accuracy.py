"""Classification over time, and intervals of fractions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nengo_softlif.analysis import Readout, error_by_window, wilson_interval
from nengo_softlif.errors import ParameterError


def predictions(readout, outputs):
    """Class of the largest output after each step."""
    return np.stack([sums.argmax(axis=1) for sums, _ in readout.take(outputs)], axis=1)


def test_the_window_starts_over_at_the_starting_step():
    outputs = np.zeros((1, 6, 2))
    outputs[0, :3, 0] = 10  # early
    outputs[0, 3:, 1] = 1  # later
    readout = Readout(1, 2, start_step=3)
    np.testing.assert_array_equal(predictions(readout, outputs), [[0, 0, 0, 1, 1, 1]])
    np.testing.assert_array_equal(readout.means, [[0, 1]])


@given(st.integers(0, 9), st.integers(1, 9))
def test_chunks_give_the_same(start, chunk):
    outputs = np.random.default_rng(0).normal(size=(4, 10, 3))
    whole, parts = (Readout(4, 3, start) for _ in range(2))
    expected = predictions(whole, outputs)
    got = [predictions(parts, outputs[:, i : i + chunk]) for i in range(0, 10, chunk)]
    np.testing.assert_array_equal(np.concatenate(got, axis=1), expected)
    np.testing.assert_allclose(parts.means, outputs[:, start:].mean(axis=1))


@given(st.integers(0, 40), st.integers(0, 9))
def test_errors_of_windows_are_those_of_shorter_runs(n_samples, start):
    rng = np.random.default_rng(n_samples)
    outputs, labels = rng.normal(size=(n_samples, 10, 3)), rng.integers(0, 3, size=n_samples)
    errors = error_by_window(outputs, labels, [start], range(1, 11))
    assert np.isnan(errors[0, :start]).all()
    wrong = predictions(Readout(n_samples, 3, start), outputs) != labels[:, np.newaxis]
    expected = wrong.mean(axis=0)[start:] if n_samples else np.full(10 - start, np.nan)
    np.testing.assert_allclose(errors[0, start:], expected)


def test_many_items_go_batch_by_batch():
    outputs = np.zeros((5000, 400, 3), np.float32)
    outputs[4000:, 200:, 2] = 1
    errors = error_by_window(outputs, np.full(5000, 2), [0, 300], [200, 400])
    np.testing.assert_array_equal(errors, [[1, 0.8], [np.nan, 0.8]])


@pytest.mark.parametrize("starts, ends", [([0], [11]), ([-1], [5]), ([5], [5])])
def test_windows_outside_of_the_presentation(starts, ends):
    with pytest.raises(ParameterError, match="from 0 to 10, a start before an end"):
        error_by_window(np.zeros((2, 10, 3)), [0, 1], starts, ends)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"outputs": np.zeros((2, 10))}, r"outputs must have the shape .*got \(2, 10\)"),
        ({"labels": [0]}, r"labels must have the shape \(2,\)"),
        ({"starts": [0.5]}, r"starts must be an integer \(got 0.5\)"),
        ({"ends": []}, "starts and ends must hold one step or more"),
    ],
)
def test_windows_of_something_else(change, words):
    arguments = {"outputs": np.zeros((2, 10, 3)), "labels": [0, 1], "starts": [0], "ends": [5]}
    with pytest.raises(ParameterError, match=words):
        error_by_window(**arguments | change)


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
