"""Classes of neurons that learnt without labels."""

import numpy as np
import pytest

from nengo_softlif.analysis import classify_by_neurons, label_neurons
from nengo_softlif.errors import DatasetError, ParameterError


def test_means_count_not_sums():
    """Of a class with many samples, and of a class with many neurons."""
    counts = [[2, 0], [2, 0], [2, 0], [3, 4]]
    np.testing.assert_array_equal(label_neurons(counts, [0, 0, 0, 1]), [1, 1])
    np.testing.assert_array_equal(classify_by_neurons([[2, 2, 2, 3]], [0, 0, 0, 1]), [1])


def test_silence_has_no_class():
    np.testing.assert_array_equal(label_neurons([[0, 1]], [3]), [-1, 3])
    np.testing.assert_array_equal(classify_by_neurons([[5, 0]], [-1, 3]), [-1])
    np.testing.assert_array_equal(classify_by_neurons([[5, 1]], [-1, -1]), [-1])


def test_perfect_neurons_classify_perfectly():
    labels = np.random.default_rng(0).integers(10, size=200)
    counts = np.eye(10)[labels] * 7
    neuron_labels = label_neurons(counts, labels)
    np.testing.assert_array_equal(neuron_labels, np.arange(10))
    np.testing.assert_array_equal(classify_by_neurons(counts, neuron_labels), labels)


def test_bad_arguments_are_named():
    with pytest.raises(DatasetError, match="labels"):
        label_neurons(np.ones((2, 3)), [0, 1, 2])
    with pytest.raises(ParameterError, match="spike_counts"):
        classify_by_neurons([[-1.0]], [0])
