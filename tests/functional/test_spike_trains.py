"""Spike trains as one array."""

import numpy as np
import pytest

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.spike_trains import check_spike_array, spike_array, spike_list


def test_trains_come_back_in_their_order():
    trains = [[[0.03, 0.01], [], [0.02]], [[0.05], [0.0, 0.1], []]]
    back = spike_list(spike_array(trains))
    assert [[train.tolist() for train in sample] for sample in back] == [
        [sorted(train) for train in sample] for sample in trains
    ]


def test_without_any_spike():
    assert spike_array([[[], []]]).shape == (1, 2, 0)


def test_checked_trains_are_in_their_order():
    found = check_spike_array("x", [[[0.2, np.inf, 0.1]]], n_neurons=1, duration=0.2)
    assert found.tolist() == [[[0.1, 0.2, np.inf]]]


@pytest.mark.parametrize(
    "call, match",
    [
        (lambda: spike_array([[[0.1]], [[0.1], [0.2]]]), r"same number of neurons .* \[1, 2\]"),
        (lambda: spike_array([]), "at least one sample"),
        (lambda: spike_array([[[np.inf]]]), r"trains\[0\]\[0\] must be finite"),
        (
            lambda: check_spike_array("x", np.zeros((2, 3, 1)), n_neurons=2, duration=1),
            r"\(n_samples, 2, n_spikes\) \(got \(2, 3, 1\)\)",
        ),
        (
            lambda: check_spike_array(
                "x", np.zeros((2, 3, 1)), n_neurons=3, duration=1, n_samples=4
            ),
            r"\(4, 3, n_spikes\)",
        ),
        (
            lambda: check_spike_array("x", [[[0.1], [-0.1]]], n_neurons=2, duration=1),
            r"got -0.1 s of neuron 1 in sample 0",
        ),
        (
            lambda: check_spike_array("x", [[[np.nan]]], n_neurons=1, duration=1),
            "x must be numbers",
        ),
    ],
)
def test_bad_arguments(call, match):
    with pytest.raises(ParameterError, match=match):
        call()
