"""Classification from an output that unfolds over time."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["RunningClassification", "wilson_interval"]


class RunningClassification:
    """Classify a batch of items from the output summed since a starting step.

    Before the starting step, the output summed from the beginning decides.

    Parameters
    ----------
    n_items, n_outputs : int
    start_step : int
        First step, counted from 0, that counts in the end.
    """

    def __init__(self, n_items, n_outputs, start_step):
        self.start_step = start_step
        self.step = 0
        self.n_summed = 0
        self.sums = np.zeros((n_items, n_outputs))

    def update(self, outputs):
        """Take the next steps and say what the winner was after each.

        Parameters
        ----------
        outputs : (n_items, n_steps, n_outputs) ndarray

        Returns
        -------
        winners : (n_items, n_steps) ndarray of int
        """
        winners = np.empty(outputs.shape[:2], dtype=int)
        for i in range(outputs.shape[1]):
            if self.step == self.start_step:
                self.sums[:] = 0
                self.n_summed = 0
            self.sums += outputs[:, i]
            self.n_summed += 1
            winners[:, i] = self.sums.argmax(axis=1)
            self.step += 1
        return winners

    @property
    def means(self):
        """Mean output over the steps that count, (n_items, n_outputs)."""
        return self.sums / max(self.n_summed, 1)


def wilson_interval(n_events, n_items, z=1.959964):
    """Score interval for a share, 95 % by default.

    Parameters
    ----------
    n_events, n_items : int
        The share is ``n_events / n_items``.
    z : float
        Quantile of the normal distribution.

    Returns
    -------
    low, high : float
        ``nan`` if there are no items.

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
    if n_items == 0:
        return math.nan, math.nan
    share = n_events / n_items
    denominator = 1 + z**2 / n_items
    centre = (share + z**2 / (2 * n_items)) / denominator
    half = z * math.sqrt(share * (1 - share) / n_items + (z / (2 * n_items)) ** 2) / denominator
    return max(centre - half, 0.0), min(centre + half, 1.0)
