"""States of a reservoir, by which a readout classifies what came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import (
    check_choice,
    check_integer,
    check_labels,
    check_number,
    check_numbers,
)

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

__all__ = ["rank_order_weights", "state_readout", "window_means"]

METHODS = ("ridge", "logistic")
N_FOLDS = 5
# Strengths of the regularisation that cross-validation chooses from
RIDGE = np.logspace(-1, 6, 15)
INVERSE_LOGISTIC = np.logspace(-5, 1, 7)


def window_means(outputs: ArrayLike, n_windows: int) -> np.ndarray:
    """Mean outputs in windows of time, which follow on each other.

    Parameters
    ----------
    outputs : (n_samples, n_steps, n_neurons) array_like
        Spikes of height 1 / dt have their firing rates for means; filtered ones do, too.
    n_windows : int
        At most one for each step. They differ by no more than one step in length.

    Returns
    -------
    states : (n_samples, n_windows * n_neurons) ndarray
        Window after window.

    Raises
    ------
    ParameterError
        If the outputs have another shape or are not finite, or there are more windows than steps.

    Examples
    --------
    >>> window_means([[[1.0], [0.0], [2.0], [4.0]]], 2)
    array([[0.5, 3. ]])
    """
    outputs = _over_time("outputs", outputs)
    n_samples, n_steps, _ = outputs.shape
    n_windows = check_integer("n_windows", n_windows, minimum=1, maximum=n_steps)
    starts = np.arange(n_windows) * n_steps // n_windows
    lengths = np.diff(starts, append=n_steps)
    sums = np.add.reduceat(outputs, starts, axis=1)
    return (sums / lengths[:, np.newaxis]).reshape(n_samples, -1)


def rank_order_weights(
    spikes: ArrayLike, *, modulation: float = 0.9, drift: float = 0.0
) -> np.ndarray:
    r"""Weights that a neuron of a dynamic evolving network (deSNN) gives to its inputs.

    .. math:: w_j = m^{o_j} + d \, (s_j - q_j)

    where :math:`o_j` is the number of inputs whose first spike is earlier than that of input j
    (spikes in the same step have the same rank), and after its first spike the input has spikes in
    :math:`s_j` steps and none in :math:`q_j`. Inputs without spikes have the weight 0.

    Parameters
    ----------
    spikes : (n_samples, n_steps, n_neurons) array_like
        Anything above 0 is a spike.
    modulation : float
        m, above 0 and at most 1.
    drift : float
        d (0 or more).

    Returns
    -------
    weights : (n_samples, n_neurons) ndarray

    Raises
    ------
    ParameterError
        If the spikes have another shape, or a parameter is out of range.

    References
    ----------
    .. [1] Thorpe & Gautrais (1998), "Rank order coding".
    .. [2] Kasabov et al. (2013), "Dynamic evolving spiking neural networks for on-line spatio- and
       spectro-temporal pattern recognition".

    Examples
    --------
    >>> rank_order_weights([[[0, 1, 0], [1, 0, 0], [0, 1, 0]]], modulation=0.5, drift=0.1)
    array([[0.4, 1. , 0. ]])
    """
    fired = _over_time("spikes", spikes) > 0
    modulation = check_number("modulation", modulation, above=0, maximum=1)
    drift = check_number("drift", drift, minimum=0)
    n_steps = fired.shape[1]
    counts = fired.sum(axis=1)
    first = np.where(counts > 0, fired.argmax(axis=1), n_steps)
    ordered = np.sort(first, axis=1)
    ranks = np.stack([np.searchsorted(row, own) for row, own in zip(ordered, first, strict=True)])
    later = counts - 1
    silent = n_steps - 1 - first - later
    weights = modulation**ranks + drift * (later - silent)
    return np.where(counts > 0, weights, 0.0)


def state_readout(states: ArrayLike, labels: ArrayLike, *, method: str = "ridge") -> Pipeline:
    """Linear classifier of states, with scikit-learn.

    States are standardised. Cross-validation on the training states chooses the strength of the
    regularisation, leaving one sample out for ridge regression, in five folds for logistic
    regression.

    Parameters
    ----------
    states : (n_samples, n_features) array_like
    labels : (n_samples,) array_like of int
        Two classes at least.
    method : {"ridge", "logistic"}
        Ridge regression on the classes, or logistic regression, which takes longer.

    Returns
    -------
    readout : sklearn.pipeline.Pipeline
        Trained; see its ``predict`` and ``score``.

    Raises
    ------
    ParameterError
        If states or labels have the wrong shape.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> states, labels = rng.normal(size=(40, 3)), np.arange(40) % 2
    >>> states[:, 0] += 5 * labels
    >>> state_readout(states, labels).score(states, labels)
    1.0
    """
    check_choice("method", method, METHODS)
    states = check_numbers("states", states)
    if states.ndim != 2 or not states.size:
        raise ParameterError(
            f"states must have the shape (n_samples, n_features) (got {states.shape})"
        )
    labels = check_labels("labels", labels, n_samples=len(states))
    if len(np.unique(labels)) < 2:
        raise ParameterError(f"labels must be of two classes at least (got {labels[0]} only)")
    # scikit-learn takes a second to import, which only this function needs
    from sklearn.linear_model import LogisticRegression, RidgeClassifierCV
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if method == "ridge":
        classifier = RidgeClassifierCV(RIDGE)
    else:
        regression = LogisticRegression(max_iter=2000)
        classifier = GridSearchCV(regression, {"C": INVERSE_LOGISTIC}, cv=N_FOLDS)
    return make_pipeline(StandardScaler(), classifier).fit(states, labels)


def _over_time(name, values):
    values = check_numbers(name, values, booleans=True)
    if values.ndim != 3 or not values.size:
        raise ParameterError(
            f"{name} must have the shape (n_samples, n_steps, n_neurons) (got {values.shape})"
        )
    return values
