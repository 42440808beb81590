"""Classification from an output that unfolds over time."""

from __future__ import annotations

import math

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_integer, check_labels, check_number

__all__ = ["RunningClassification", "error_by_window", "wilson_interval"]


class RunningClassification:
    """Classify a batch of samples from the output summed since a starting step.

    Before the starting step, the output summed from the beginning decides.

    Parameters
    ----------
    n_samples, n_outputs : int
    start_step : int
        First step, counted from 0, that counts in the end.
    """

    def __init__(self, n_samples, n_outputs, start_step):
        n_samples = check_integer("n_samples", n_samples, minimum=0)
        n_outputs = check_integer("n_outputs", n_outputs, minimum=1)
        self.start_step = check_integer("start_step", start_step, minimum=0)
        self.step = 0
        self.n_summed = 0
        self.sums = np.zeros((n_samples, n_outputs))

    def update(self, outputs, *, predict=True):
        """Take the next steps and predict the class after each.

        Parameters
        ----------
        outputs : (n_samples, n_steps, n_outputs) ndarray
        predict : bool
            Whether predictions are wanted.

        Returns
        -------
        predictions : (n_samples, n_steps) ndarray of int, or None
        """
        predictions = np.empty(outputs.shape[:2], dtype=int) if predict else None
        for i in range(outputs.shape[1]):
            if self.step == self.start_step:
                self.sums[:] = 0
                self.n_summed = 0
            self.sums += outputs[:, i]
            self.n_summed += 1
            if predictions is not None:
                predictions[:, i] = self.sums.argmax(axis=1)
            self.step += 1
        return predictions

    @property
    def means(self):
        """Mean output over the steps that count, (n_samples, n_outputs)."""
        return self.sums / max(self.n_summed, 1)


def error_by_window(outputs, labels, starts, ends):
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
        If outputs have the wrong shape, labels are no integers, a start or an end is not within
        the steps, or no window has a step.

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
    starts, ends = (
        np.array([check_integer(name, step) for step in steps], int)
        for name, steps in (("starts", starts), ("ends", ends))
    )
    if not (starts.size and ends.size):
        raise ParameterError("starts and ends must hold one step or more (got none)")
    steps = np.concatenate([starts, ends])
    if steps.min() < 0 or steps.max() > n_steps or starts.min() >= ends.max():
        raise ParameterError(
            f"starts and ends must be steps from 0 to {n_steps}, a start before an end (got starts "
            f"{starts.min()} to {starts.max()}, ends {ends.min()} to {ends.max()})"
        )
    is_window = starts[:, np.newaxis] < ends
    n_wrong = np.zeros(is_window.shape)
    batch = max(1, 2**22 // (n_steps * n_outputs))  # 32 MB of sums
    for first in range(0, n_samples, batch):
        part = slice(first, first + batch)
        sums = np.cumsum(outputs[part], axis=1, dtype=float)
        sums = np.pad(sums, ((0, 0), (1, 0), (0, 0)))
        for i, start in enumerate(starts):
            later = is_window[i]
            winners = (sums[:, ends[later]] - sums[:, start, np.newaxis]).argmax(axis=2)
            n_wrong[i, later] += (winners != labels[part, np.newaxis]).sum(axis=0)
    return np.where(is_window, n_wrong / n_samples if n_samples else np.nan, np.nan)


def wilson_interval(n_events, n_samples, z=1.959964):
    """Score interval for a fraction, 95 % by default.

    Parameters
    ----------
    n_events, n_samples : int
        The fraction is ``n_events / n_samples``.
    z : float
        Quantile of the normal distribution.

    Returns
    -------
    low, high : float
        ``nan`` if there are no samples.

    Raises
    ------
    ParameterError
        If the counts are no integers of 0 or more, or ``n_events`` is larger than ``n_samples``.

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
    n_samples = check_integer("n_samples", n_samples, minimum=0)
    n_events = check_integer("n_events", n_events, minimum=0, maximum=n_samples)
    z = check_number("z", z, minimum=0)
    if n_samples == 0:
        return math.nan, math.nan
    p, n = n_events / n_samples, n_samples
    denominator = 1 + z**2 / n
    centre = (p + z**2 / (2 * n)) / denominator
    half = z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2) / denominator
    return max(centre - half, 0.0), min(centre + half, 1.0)
