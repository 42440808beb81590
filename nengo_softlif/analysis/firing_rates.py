"""Firing rates of a population over many samples, in memory that does not grow with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.validation import check_integer, check_numbers, check_seconds

__all__ = ["RateCounter", "RateStatistics"]

PERCENTILES = (5, 25, 50, 75, 95, 99)
ALMOST = 0.95  # of the highest rate, from which on a neuron counts as saturated


@dataclass(frozen=True)
class RateStatistics:
    """Firing rates of a population.

    Parameters
    ----------
    mean : float
        Over neurons and the time of all samples, in Hz.
    percentiles : dict of int to float
        Over neurons and samples, in Hz; the rate of a neuron for a sample is its spike count over
        the presentation time of the sample.
    silent : float
        Fraction of the neurons that fired on no sample.
    saturated : float
        Fraction of the neurons that came within 5 % of their highest possible rate on any sample.
    """

    mean: float
    percentiles: dict
    silent: float
    saturated: float


class RateCounter:
    """Counts the spikes of a population, sample by sample.

    Parameters
    ----------
    n_neurons : int
    dt : float
        Length of a step in seconds.
    max_rate : float
        Highest rate the neurons can have, in Hz; ``inf`` if there is no limit.

    Examples
    --------
    >>> counter = RateCounter(n_neurons=2, dt=0.001)
    >>> counter.add([[10, 0]], n_steps=100)  # spike counts of a sample shown for 100 ms
    >>> counter.add([[20, 5]], n_steps=400)
    >>> counter.mean_rates
    array([60., 10.])
    """

    def __init__(self, n_neurons: int, dt: float, max_rate: float = np.inf) -> None:
        n_neurons = check_integer("n_neurons", n_neurons, minimum=1)
        self.dt = check_seconds("dt", dt)
        check_numbers("max_rate", max_rate, above=0, unit="Hz", finite=False)
        self._almost_saturated = ALMOST * max_rate
        self._n_steps = 0  # of all samples
        self._totals = np.zeros(n_neurons)
        self._saturated = np.zeros(n_neurons, bool)
        # by presentation time in steps, how many (neuron, sample) pairs had 0, 1, 2, ... spikes:
        # all that percentiles need
        self._histograms: dict[int, np.ndarray] = {}

    def add(self, counts: ArrayLike, n_steps: int) -> None:
        """Take the spike counts of some samples.

        Parameters
        ----------
        counts : (n_samples, n_neurons) array_like
            Of a whole presentation each. A negative count is one of spikes of -1, as neurons with
            outputs of both signs send them; a rate has no sign.
        n_steps : int
            Steps for which each of these samples was presented.

        Raises
        ------
        ParameterError
            If the number of steps is not an integer of 1 or more.
        """
        n_steps = check_integer("n_steps", n_steps, minimum=1)
        counts = np.abs(np.asarray(counts, dtype=float))
        self._n_steps += n_steps * len(counts)
        self._totals += counts.sum(axis=0)
        limit = self._almost_saturated * n_steps * self.dt
        self._saturated |= counts.max(axis=0, initial=0) >= limit
        found = np.bincount(np.rint(counts).astype(np.int64).ravel())
        before = self._histograms.get(n_steps, np.zeros(0, np.int64))
        longest = max(len(before), len(found))
        before, found = (np.pad(h, (0, longest - len(h))) for h in (before, found))
        self._histograms[n_steps] = before + found

    @property
    def mean_rates(self) -> np.ndarray:
        """Spikes over the time of all samples, (n_neurons,), in Hz; ``nan`` without samples."""
        if not self._n_steps:
            return np.full_like(self._totals, np.nan)
        return self._totals / (self._n_steps * self.dt)

    def statistics(self) -> RateStatistics:
        """Summarise what was counted.

        Returns
        -------
        statistics : RateStatistics
        """
        n_pairs, rates = (
            np.concatenate([np.zeros(0), *parts])
            for parts in (
                self._histograms.values(),
                (np.arange(len(h)) / (n * self.dt) for n, h in self._histograms.items()),
            )
        )
        order = np.argsort(rates, kind="stable")
        cumulative, rates = np.cumsum(n_pairs[order]), rates[order]
        total = self._n_steps
        percentiles = {
            p: float(rates[np.searchsorted(cumulative, p / 100 * cumulative[-1])])
            if total
            else np.nan
            for p in PERCENTILES
        }
        return RateStatistics(
            mean=float(self.mean_rates.mean()),
            percentiles=percentiles,
            silent=float(np.mean(self._totals == 0)) if total else np.nan,
            saturated=float(np.mean(self._saturated)) if total else np.nan,
        )
