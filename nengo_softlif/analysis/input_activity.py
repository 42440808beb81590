"""What the inputs of a network send for a sample: spikes, or numbers that are multiplied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.validation import check_integer

__all__ = ["InputActivity", "InputCounter"]


@dataclass(frozen=True, eq=False, repr=False)
class InputActivity(OneLineRepr):
    """What an input sends for one sample, on average.

    Parameters
    ----------
    n_evaluations : float
        Multiplications with addition at each connection of an input that sends numbers: 1 for
        values that are constant in time, one a time step for values that change; 0 for spikes.
    spike_counts : (size,) ndarray, optional
        Spikes of each element; None for an input that sends numbers.
    """

    n_evaluations: float
    spike_counts: np.ndarray | None = None


class InputCounter:
    """Counts what an input sends, batch by batch.

    Values with a time axis are spikes if they tell so: all that are not zero have the same size, or
    are integers, as in event frames. The height of a spike is that size, or the greatest common
    divisor of the integers, and the sign does not matter. Other values are numbers.

    Parameters
    ----------
    size : int
        Number of elements.
    sends_spikes : bool
        Whether values are known to be spike counts.

    Examples
    --------
    >>> counter = InputCounter(size=2)
    >>> counter.add(np.array([[[0, 1], [0, 3], [0, 0]]]))  # a sample of three event frames
    >>> counter.activity().spike_counts
    array([0., 4.])
    """

    def __init__(self, size: int, sends_spikes: bool = False) -> None:
        self._sums = np.zeros(check_integer("size", size, minimum=1))
        self._is_known = sends_spikes
        self._height: float | None = None  # of a spike, in values seen so far
        self._sends_numbers = False
        self._n_samples = self._n_evaluations = 0

    def add(self, values: np.ndarray) -> None:
        """Take the values of some samples.

        Parameters
        ----------
        values : (n_samples, size) or (n_samples, n_steps, size) ndarray
            Constant numbers, or what is sent in each time step.
        """
        self._n_samples += len(values)
        if values.ndim == 2:
            self._sends_numbers = True
            self._n_evaluations += len(values)
            return
        for sample in values:  # one by one, so that copies stay small
            is_constant = (sample == sample[0]).all()
            self._n_evaluations += 1 if is_constant else len(sample)
            if self._sends_numbers:
                continue
            sizes = np.abs(sample, dtype=float)
            self._sums += sizes.sum(axis=0)
            if not self._is_known:
                self._find_height(np.unique(sizes[sizes > 0]))

    def _find_height(self, sizes: np.ndarray) -> None:
        """Compare sizes with those before: the result does not depend on the order of samples."""
        if self._height is not None:
            sizes = np.union1d(sizes, self._height)
        if len(sizes) == 1:
            self._height = float(sizes[0])
        elif len(sizes) and (sizes == np.rint(sizes)).all():
            self._height = float(np.gcd.reduce(sizes.astype(np.int64)))
        elif len(sizes):
            self._sends_numbers = True

    def activity(self) -> InputActivity:
        """Mean over the samples so far.

        Returns
        -------
        activity : InputActivity
        """
        n_samples = self._n_samples or np.nan
        if self._sends_numbers:
            return InputActivity(self._n_evaluations / n_samples)
        counts = self._sums
        if self._height is not None and not self._is_known:
            counts = np.rint(counts / self._height)  # sums of floats are rounded
        return InputActivity(0.0, counts / n_samples)
