"""Classification from an output that unfolds over time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_integer, check_labels, check_number

__all__ = ["error_by_window", "wilson_interval"]


def error_by_window(
    outputs: ArrayLike, labels: ArrayLike, starts: Sequence[int], ends: Sequence[int]
) -> np.ndarray:
    """Error of every choice of when the output starts to count and when it ends.

    Networks of this package know nothing of the time at which a presentation ends, so that one run
    of the longest presentation yields every shorter one.

    Parameters
    ----------
    outputs : (n_samples, n_steps, n_outputs) array_like
    labels : (n_samples,) array_like of int
    starts, ends : sequence of int
        Steps ``start`` to ``end - 1``, counted from 0, are summed up.

    Returns
    -------
    errors : (n_starts, n_ends) ndarray
        Fraction of samples classified wrongly; ``nan`` where a window ends before it starts, or if
        there are no samples.

    Raises
    ------
    ParameterError
        If outputs have the wrong shape or are NaN before an end, labels are no integers, a start
        or an end is not within the steps, or no window has a step.

    Examples
    --------
    One sample of class 1, whose output changes its mind after two of three steps:

    >>> outputs = [[[1, 0], [1, 0], [0, 1]]]
    >>> error_by_window(outputs, [1], starts=[0, 2], ends=[2, 3])
    array([[ 1.,  1.],
           [nan,  0.]])
    """
    outputs = np.asarray(outputs)
    if outputs.ndim != 3:
        raise ParameterError(
            f"outputs must have the shape (n_samples, n_steps, n_outputs) (got {outputs.shape})"
        )
    n_samples, n_steps, n_outputs = outputs.shape
    labels = check_labels("labels", labels, n_samples=n_samples)
    first, last = (
        np.array([check_integer(name, step) for step in steps], int)
        for name, steps in (("starts", starts), ("ends", ends))
    )
    if not (first.size and last.size):
        raise ParameterError("starts and ends must hold one step or more (got none)")
    steps = np.concatenate([first, last])
    if steps.min() < 0 or steps.max() > n_steps or first.min() >= last.max():
        raise ParameterError(
            f"starts and ends must be steps from 0 to {n_steps}, a start before an end (got starts "
            f"{first.min()} to {first.max()}, ends {last.min()} to {last.max()})"
        )
    is_window = first[:, np.newaxis] < last
    n_wrong = np.zeros(is_window.shape)
    batch = max(1, 2**22 // (n_steps * n_outputs))  # 32 MB of sums
    for i_batch in range(0, n_samples, batch):
        part = slice(i_batch, i_batch + batch)
        sums = np.cumsum(outputs[part], axis=1, dtype=float)
        sums = np.pad(sums, ((0, 0), (1, 0), (0, 0)))
        _check_shown(outputs[part], i_batch, int(last.max()))
        for i, start in enumerate(first):
            later = is_window[i]
            predictions = (sums[:, last[later]] - sums[:, start, np.newaxis]).argmax(axis=2)
            n_wrong[i, later] += (predictions != labels[part, np.newaxis]).sum(axis=0)
    return np.where(is_window, n_wrong / n_samples if n_samples else np.nan, np.nan)


def _check_shown(outputs: np.ndarray, first_sample: int, end: int) -> None:
    """Refuse outputs that are NaN before an end, as after the end of a shorter presentation."""
    missing = np.argwhere(np.isnan(outputs[:, :end]))
    if len(missing):
        i, step, _ = missing[0]
        raise ParameterError(
            f"outputs must be numbers up to the last end, {end} (got NaN for sample "
            f"{first_sample + i} from step {step} on); choose ends within the shortest presentation"
        )


def wilson_interval(n_events: int, n_samples: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of a fraction.

    Parameters
    ----------
    n_events, n_samples : int
        The fraction is ``n_events / n_samples``.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    low, high : float
        NaN if there are no samples.

    Raises
    ------
    ParameterError
        If the counts are not integers of 0 or more, or ``n_events`` is larger than ``n_samples``.

    References
    ----------
    .. [1] Wilson (1927), "Probable inference, the law of succession, and statistical
       inference", Journal of the American Statistical Association 22.

    Examples
    --------
    >>> low, high = wilson_interval(2, 100)
    >>> round(low, 4), round(high, 4)
    (0.0055, 0.07)
    """
    from scipy.stats import binomtest  # takes half a second

    n_samples = check_integer("n_samples", n_samples, minimum=0)
    n_events = check_integer("n_events", n_events, minimum=0, maximum=n_samples)
    check_number("confidence", confidence, above=0, maximum=1)
    if n_samples == 0:
        return math.nan, math.nan
    interval = binomtest(n_events, n_samples).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)
