"""Classes of neurons that have learnt without labels, and of images by the spikes of these."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_labels, check_numbers

__all__ = ["classify_by_neurons", "label_neurons"]


def label_neurons(spike_counts: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Label each neuron with the class for which it fires most on average.

    Parameters
    ----------
    spike_counts : (n_samples, n_neurons) array_like
        Of labelled samples. Use training samples, so that the test labels stay unknown.
    labels : (n_samples,) array_like
        Integers from 0.

    Returns
    -------
    neuron_labels : (n_neurons,) ndarray of int
        -1 for neurons without spikes.

    Raises
    ------
    DatasetError, ParameterError
        If counts are negative or no numbers, or labels don't fit them.

    References
    ----------
    .. [1] Diehl & Cook (2015), "Unsupervised learning of digit recognition using
       spike-timing-dependent plasticity", section 2.6.

    Examples
    --------
    >>> label_neurons([[5, 0, 0], [3, 1, 0], [0, 6, 0]], [0, 0, 1])
    array([ 0,  1, -1])
    """
    counts = check_numbers("spike_counts", spike_counts, minimum=0)
    labels = check_labels("labels", labels, n_samples=len(counts))
    means = np.stack(
        [
            counts[labels == label].mean(axis=0, dtype=float)
            if np.any(labels == label)
            else np.zeros(counts.shape[1])
            for label in range(labels.max() + 1)
        ]
    )
    return np.where(means.max(axis=0) > 0, means.argmax(axis=0), -1)


def classify_by_neurons(spike_counts: ArrayLike, neuron_labels: ArrayLike) -> np.ndarray:
    """Classify samples by the class whose neurons fire most on average.

    Parameters
    ----------
    spike_counts : (n_samples, n_neurons) array_like
    neuron_labels : (n_neurons,) array_like of int
        Of `label_neurons`.

    Returns
    -------
    classes : (n_samples,) ndarray of int
        -1 for samples without spikes of labelled neurons.

    Raises
    ------
    ParameterError
        If counts are negative or no numbers, or there are more or fewer labels than neurons.

    Examples
    --------
    >>> classify_by_neurons([[1, 0, 4], [0, 2, 3], [0, 0, 0]], [0, 0, 1])
    array([ 1,  1, -1])
    """
    counts = check_numbers("spike_counts", spike_counts, minimum=0)
    neuron_labels = np.asarray(neuron_labels)
    if counts.ndim != 2 or neuron_labels.shape != counts.shape[1:]:
        raise ParameterError(
            "neuron_labels must have a label for each neuron of spike_counts (n_samples, "
            f"n_neurons) (got shapes {neuron_labels.shape} and {counts.shape}); give those that "
            "label_neurons found for these neurons"
        )
    classes = np.unique(neuron_labels[neuron_labels >= 0])
    if not len(classes):
        return np.full(len(counts), -1)
    means = np.stack([counts[:, neuron_labels == label].mean(axis=1) for label in classes], axis=1)
    return np.where(means.max(axis=1) > 0, classes[means.argmax(axis=1)], -1)
