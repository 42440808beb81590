"""Firing rates of a population over many samples, in memory that does not grow with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nengo_softlif.validation import check_integer, check_numbers, check_seconds

__all__ = ["RateCounter", "RateStatistics"]

PERCENTILES = (5, 25, 50, 75, 95, 99)


@dataclass(frozen=True)
class RateStatistics:
    """Firing rates of a population.

    Parameters
    ----------
    mean : float
        Over neurons and samples, in Hz.
    percentiles : dict of int to float
        Over neurons and samples, in Hz.
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
    n_steps : int
        Steps a sample is presented.
    dt : float
        Length of a step in seconds.
    max_rate : float
        Highest rate the neurons can have, in Hz; ``inf`` for one spike a step.
    """

    def __init__(self, n_neurons, n_steps, dt, max_rate=np.inf):
        n_neurons = check_integer("n_neurons", n_neurons, minimum=1)
        n_steps = check_integer("n_steps", n_steps, minimum=1)
        dt = check_seconds("dt", dt)
        check_numbers("max_rate", max_rate, above=0, unit="Hz", finite=False)
        self.time = n_steps * dt
        self.limit = 0.95 * min(max_rate, 1 / dt) * self.time
        self.n_samples = 0
        self.totals = np.zeros(n_neurons)
        self.largest = np.zeros(n_neurons)
        # how many (neuron, sample) pairs had 0, 1, 2, ... spikes: all that percentiles need
        self.histogram = np.zeros(n_steps + 1, dtype=np.int64)

    def add(self, counts):
        """Take the spike counts of some samples.

        Parameters
        ----------
        counts : (n_samples, n_neurons) array_like
            Of a whole presentation each. A negative count is one of spikes of -1, as neurons with
            outputs of both signs send them; a rate has no sign.
        """
        counts = np.abs(np.asarray(counts, dtype=float))
        self.n_samples += len(counts)
        self.totals += counts.sum(axis=0)
        np.maximum(self.largest, counts.max(axis=0, initial=0), out=self.largest)
        bins = np.rint(counts).astype(np.int64).ravel()
        found = np.bincount(bins)
        if len(found) > len(self.histogram):  # several spikes a step
            self.histogram = np.pad(self.histogram, (0, len(found) - len(self.histogram)))
        self.histogram[: len(found)] += found

    @property
    def mean_rates(self):
        """Mean over the samples, (n_neurons,), in Hz; ``nan`` if there are none."""
        if not self.n_samples:
            return np.full_like(self.totals, np.nan)
        return self.totals / (self.n_samples * self.time)

    def statistics(self):
        """Summarise what was counted.

        Returns
        -------
        statistics : RateStatistics
        """
        cumulative = np.cumsum(self.histogram)
        total = cumulative[-1]
        percentiles = {
            p: float(np.searchsorted(cumulative, p / 100 * total)) / self.time if total else np.nan
            for p in PERCENTILES
        }
        return RateStatistics(
            mean=float(self.mean_rates.mean()),
            percentiles=percentiles,
            silent=float(np.mean(self.totals == 0)) if total else np.nan,
            saturated=float(np.mean(self.largest >= self.limit)) if total else np.nan,
        )
