"""States of reservoirs: means in windows, ranks of first spikes, linear readouts."""

import numpy as np
import pytest

from nengo_softlif.analysis import rank_order_weights, state_readout, window_means
from nengo_softlif.errors import ParameterError


def made_up(n_samples, n_steps, n_neurons, probability=0.1):
    rng = np.random.default_rng(0)
    return rng.random((n_samples, n_steps, n_neurons)) < probability


@pytest.mark.parametrize("n_windows", [1, 3, 7, 20])
def test_windows_have_all_spikes_once(n_windows):
    spikes = made_up(4, 20, 5)
    states = window_means(spikes, n_windows).reshape(4, n_windows, 5)
    parts = np.array_split(np.arange(20), n_windows)
    lengths = np.diff(np.arange(n_windows) * 20 // n_windows, append=20)
    np.testing.assert_allclose(
        (states * lengths[:, np.newaxis]).sum(axis=1), spikes.sum(axis=1), atol=1e-12
    )
    assert sorted(lengths) == sorted(map(len, parts))


def test_one_window_for_each_step_keeps_everything():
    spikes = made_up(2, 6, 3)
    np.testing.assert_array_equal(window_means(spikes, 6).reshape(spikes.shape), spikes)


def test_spikes_of_height_1_by_dt_have_firing_rates():
    spikes = np.zeros((1, 1000, 1))
    spikes[0, ::20] = 1 / 0.001
    assert window_means(spikes, 2) == pytest.approx(np.full((1, 2), 50))


def test_rank_order_weights_are_those_of_the_definition():
    spikes = made_up(5, 30, 12, probability=0.05)
    weights = rank_order_weights(spikes, modulation=0.8, drift=0.01)
    for sample, row in zip(spikes, weights, strict=True):
        first = [np.flatnonzero(train)[0] if train.any() else None for train in sample.T]
        for train, start, weight in zip(sample.T, first, row, strict=True):
            if start is None:
                assert weight == 0
                continue
            rank = sum(other is not None and other < start for other in first)
            later = train[start + 1 :]
            expected = 0.8**rank + 0.01 * (later.sum() - (~later).sum())
            assert weight == pytest.approx(expected)


def test_without_modulation_and_drift_weights_say_who_fired():
    spikes = made_up(3, 10, 8)
    weights = rank_order_weights(spikes, modulation=1.0)
    np.testing.assert_array_equal(weights, spikes.any(axis=1))


@pytest.mark.parametrize("method", ["ridge", "logistic"])
def test_readout_generalises_from_standardised_states(method):
    """Two normal distributions 4 standard deviations apart: the best error is 2.3 %."""
    rng = np.random.default_rng(1)
    labels = np.arange(400) % 2
    states = rng.normal(size=(400, 20))
    states[:, 0] += 4 * labels
    states = states * np.logspace(-6, 6, 20) + 100  # units don't matter
    readout = state_readout(states[:200], labels[:200], method=method)
    assert readout.score(states[200:], labels[200:]) > 0.94


def test_regularisation_is_chosen_by_the_noise():
    """The best penalty grows with the variance of what labels don't explain."""
    rng = np.random.default_rng(2)
    labels = np.arange(200) % 2
    states = rng.normal(size=(200, 50))
    states[:, 0] += labels
    weak = state_readout(states, labels)[-1].alpha_
    states[:, 0] += 10 * labels
    assert weak > 10 * state_readout(states, labels)[-1].alpha_


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: window_means([[1.0]], 1), r"outputs must have the shape \(n_samples"),
        (lambda: window_means(np.ones((1, 3, 1)), 4), "n_windows must be an integer"),
        (lambda: rank_order_weights(np.ones((1, 3, 1)), modulation=0.0), "modulation must be"),
        (lambda: rank_order_weights(np.ones((1, 3, 1)), drift=-1), "drift must be"),
        (lambda: state_readout([1.0], [1]), r"states must have the shape"),
        (lambda: state_readout([[1.0], [2.0]], [1, 1]), "labels must be of two classes"),
        (lambda: state_readout([[1.0], [2.0]], [0, 1], method="svm"), "method must be"),
        (lambda: state_readout([[1.0], [2.0]], [0]), "labels"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
