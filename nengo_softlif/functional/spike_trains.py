"""Spike trains of many neurons as one array of times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_numbers

__all__ = ["check_spike_array", "spike_array", "spike_list"]


def spike_array(trains: Sequence[Sequence[ArrayLike]]) -> np.ndarray:
    """Make an array of spike trains of different lengths.

    Parameters
    ----------
    trains : sequence of sequence of (n_spikes,) array_like
        Times in seconds, by sample and neuron.

    Returns
    -------
    times : (n_samples, n_neurons, n_spikes) ndarray
        In their order; infinite where a train has fewer spikes than the longest.

    Raises
    ------
    ParameterError
        If samples have different numbers of neurons, or times are not finite.

    Examples
    --------
    >>> spike_array([[[0.02, 0.01], []], [[0.03], [0.04]]])
    array([[[0.01, 0.02],
            [ inf,  inf]],
    <BLANKLINE>
           [[0.03,  inf],
            [0.04,  inf]]])
    """
    n_neurons = {len(sample) for sample in trains}
    if len(n_neurons) != 1:
        raise ParameterError(
            "trains must have the same number of neurons in each sample, at least one sample (got "
            f"{sorted(n_neurons)})"
        )
    checked = [
        [check_numbers(f"trains[{s}][{n}]", one, unit="seconds") for n, one in enumerate(sample)]
        for s, sample in enumerate(trains)
    ]
    longest = max((one.size for sample in checked for one in sample), default=0)
    times = np.full((len(trains), n_neurons.pop(), longest), np.inf)
    for row, sample in zip(times, checked, strict=True):
        for place, one in zip(row, sample, strict=True):
            place[: one.size] = np.sort(one.ravel())
    return times


def spike_list(times: np.ndarray) -> list[list[np.ndarray]]:
    """Spike trains without what fills them up, the inverse of `spike_array`.

    Parameters
    ----------
    times : (n_samples, n_neurons, n_spikes) ndarray

    Returns
    -------
    trains : list of list of (n_spikes,) ndarray
    """
    return [[train[np.isfinite(train)] for train in sample] for sample in times]


def check_spike_array(
    name: str,
    times: ArrayLike,
    *,
    n_neurons: int,
    duration: float,
    n_samples: int | None = None,
) -> np.ndarray:
    """Check spike trains of a run.

    Parameters
    ----------
    name : str
        Of the argument.
    times : (n_samples, n_neurons, n_spikes) array_like
        In seconds, infinite for none, as from `spike_array`.
    n_neurons : int
        That there must be.
    duration : float
        Of the run in seconds.
    n_samples : int, optional
        That there must be.

    Returns
    -------
    times : (n_samples, n_neurons, n_spikes) ndarray
        In their order.

    Raises
    ------
    ParameterError
        If the shape is another one, or spikes are outside of the run.

    Examples
    --------
    >>> check_spike_array("targets", [[[0.3]]], n_neurons=1, duration=0.2)
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: targets must be spike times in the run, from 0 to 0.2 s \
(got 0.3 s of neuron 0 in sample 0); give a longer duration, or earlier spikes
    """
    times = check_numbers(name, times, finite=False, unit="seconds")
    wrong = times.ndim != 3 or times.shape[1] != n_neurons
    if wrong or n_samples not in (None, len(times)):
        samples = "n_samples" if n_samples is None else n_samples
        raise ParameterError(
            f"{name} must have the shape ({samples}, {n_neurons}, n_spikes) (got {times.shape}); "
            "make it with nengo_softlif.functional.spike_array"
        )
    outside = np.argwhere((times < 0) | (np.isfinite(times) & (times > duration)))
    if len(outside):
        sample, neuron, spike = outside[0]
        raise ParameterError(
            f"{name} must be spike times in the run, from 0 to {duration:g} s (got "
            f"{times[sample, neuron, spike]:g} s of neuron {neuron} in sample {sample}); give a "
            "longer duration, or earlier spikes"
        )
    return np.sort(times, axis=-1)
