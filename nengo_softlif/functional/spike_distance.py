r"""Distances between spike trains.

Victor & Purpura (1996) count what it costs to turn one train into the other: 1 to remove or to
insert a spike, :math:`q |\Delta t|` to move one by :math:`\Delta t`. For :math:`q = 0` the distance
is the difference of the spike counts, for large q the number of spikes that have no counterpart at
the same time. Two spikes are worth moving onto each other if they are closer than :math:`2 / q`.

van Rossum (2001) filters both trains with :math:`e^{-t / \tau}` and takes the distance of the
resulting functions,

.. math:: D^2 = \frac{1}{\tau} \int (f - g)^2 dt
              = \tfrac{1}{2} \sum_{ij} e^{-|a_i - a_j| / \tau}
              + \tfrac{1}{2} \sum_{ij} e^{-|b_i - b_j| / \tau}
              - \sum_{ij} e^{-|a_i - b_j| / \tau}.

One spike more makes :math:`D^2` larger by 1/2; two spikes far from each other are at
:math:`D^2 = 1`.

References
----------
.. [1] Victor & Purpura (1996), "Nature and precision of temporal coding in visual cortex: a
   metric-space analysis".
.. [2] van Rossum (2001), "A novel spike distance".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_number, check_numbers, check_seconds

__all__ = ["Alignment", "align", "van_rossum", "victor_purpura"]


@dataclass(frozen=True, eq=False)
class Alignment:
    """The cheapest way to turn a spike train into another one.

    Parameters
    ----------
    moved : (n_moved, 2) ndarray of int
        Pairs of spikes: indices into the first train and into the second one.
    removed : (n_removed,) ndarray of int
        Spikes of the first train without a counterpart.
    inserted : (n_inserted,) ndarray of int
        Spikes of the second train without a counterpart.
    cost : float
        The Victor-Purpura distance.
    """

    moved: np.ndarray
    removed: np.ndarray
    inserted: np.ndarray
    cost: float


def align(first: ArrayLike, second: ArrayLike, *, cost: float) -> Alignment:
    """Find the cheapest way to turn a spike train into another one.

    Parameters
    ----------
    first, second : (n_spikes,) array_like
        Spike times in seconds, in any order; indices of the result are into these.
    cost : float
        q, of moving a spike by a second (>= 0, in Hz).

    Returns
    -------
    alignment : Alignment

    Raises
    ------
    ParameterError
        If a train is no list of finite times, or the cost is negative.

    Examples
    --------
    >>> found = align([0.010, 0.050], [0.012, 0.090, 0.130], cost=100.0)
    >>> found.moved.tolist(), found.removed.tolist(), found.inserted.tolist()
    ([[0, 0]], [1], [1, 2])
    """
    first, second = _train("first", first), _train("second", second)
    cost = check_number("cost", cost, minimum=0, unit="Hz")
    by_time_first, by_time_second = np.argsort(first, kind="stable"), np.argsort(second)
    moves = cost * np.abs(first[by_time_first, np.newaxis] - second[by_time_second])
    # costs[i, j] is the distance between the first i and the first j spikes
    costs = np.add.outer(np.arange(len(first) + 1.0), np.arange(len(second) + 1.0))
    for i in range(len(first)):
        for j in range(len(second)):
            costs[i + 1, j + 1] = min(
                costs[i, j + 1] + 1, costs[i + 1, j] + 1, costs[i, j] + moves[i, j]
            )
    moved, removed, inserted = [], [], []
    i, j = len(first), len(second)
    while i or j:
        if i and costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
            removed.append(by_time_first[i])
        elif j and costs[i, j] == costs[i, j - 1] + 1:
            j -= 1
            inserted.append(by_time_second[j])
        else:
            i, j = i - 1, j - 1
            moved.append((by_time_first[i], by_time_second[j]))
    return Alignment(
        np.array(moved[::-1], dtype=int).reshape(-1, 2),
        np.array(removed[::-1], dtype=int),
        np.array(inserted[::-1], dtype=int),
        float(costs[-1, -1]),
    )


def victor_purpura(first: ArrayLike, second: ArrayLike, *, cost: float) -> float:
    """Victor-Purpura distance between two spike trains.

    Parameters
    ----------
    first, second : (n_spikes,) array_like
        Spike times in seconds.
    cost : float
        q, of moving a spike by a second (>= 0, in Hz).

    Returns
    -------
    distance : float

    Raises
    ------
    ParameterError
        If a train is no list of finite times, or the cost is negative.

    Examples
    --------
    >>> round(victor_purpura([0.01], [0.015], cost=100.0), 6)
    0.5
    >>> victor_purpura([0.01], [0.05], cost=100.0)
    2.0
    """
    return align(first, second, cost=cost).cost


def van_rossum(first: ArrayLike, second: ArrayLike, *, tau: float) -> float:
    """Distance D between two spike trains by van Rossum.

    Parameters
    ----------
    first, second : (n_spikes,) array_like
        Spike times in seconds.
    tau : float
        Time constant of the filter in seconds (> 0).

    Returns
    -------
    distance : float

    Raises
    ------
    ParameterError
        If a train is no list of finite times, or the time constant is not above 0.

    Examples
    --------
    >>> round(van_rossum([0.01, 0.02], [0.01], tau=0.01) ** 2, 6)
    0.5
    """
    first, second = _train("first", first), _train("second", second)
    tau = check_seconds("tau", tau)

    def overlap(one, other):
        return np.exp(-np.abs(one[:, np.newaxis] - other) / tau).sum()

    square = (overlap(first, first) + overlap(second, second)) / 2 - overlap(first, second)
    return float(np.sqrt(max(square, 0.0)))  # equal trains may come out just below 0


def _train(name: str, times: ArrayLike) -> np.ndarray:
    times = check_numbers(name, times, unit="seconds")
    if times.ndim != 1:
        raise ParameterError(
            f"{name} must be the times of one spike train, of shape (n_spikes,) (got shape "
            f"{times.shape})"
        )
    return times
