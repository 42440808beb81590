"""The readout window: outputs summed from a starting step on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nengo_softlif.validation import check_integer

__all__ = ["Readout"]


class Readout:
    """Outputs of a batch of samples, summed since a starting step.

    Before the starting step, the sum is that since the beginning.

    Parameters
    ----------
    n_samples, n_outputs : int
    start_step : int
        First step of the readout window, counted from 0.

    Attributes
    ----------
    step : int
        Steps taken so far.

    Examples
    --------
    >>> readout = Readout(1, 2, start_step=1)
    >>> [sums.tolist() for sums, n in readout.take(np.array([[[1, 0], [0, 2], [0, 3]]]))]
    [[[1.0, 0.0]], [[0.0, 2.0]], [[0.0, 5.0]]]
    >>> readout.means
    array([[0. , 2.5]])
    """

    def __init__(self, n_samples: int, n_outputs: int, start_step: int) -> None:
        n_samples = check_integer("n_samples", n_samples, minimum=0)
        n_outputs = check_integer("n_outputs", n_outputs, minimum=1)
        self.start_step = check_integer("start_step", start_step, minimum=0)
        self.step = 0
        self._n_summed = 0
        self._sums = np.zeros((n_samples, n_outputs))

    def take(self, outputs: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
        """Add the outputs of the next steps, one after the other.

        Parameters
        ----------
        outputs : (n_samples, n_steps, n_outputs) ndarray

        Yields
        ------
        sums : (n_samples, n_outputs) ndarray
            Of the window up to this step; overwritten by the next.
        n_summed : int
            Steps in it.
        """
        for i in range(outputs.shape[1]):
            if self.step == self.start_step:
                self._sums[:] = 0
                self._n_summed = 0
            self._sums += outputs[:, i]
            self._n_summed += 1
            self.step += 1
            yield self._sums, self._n_summed

    @property
    def means(self) -> np.ndarray:
        """Mean output over the window so far, (n_samples, n_outputs)."""
        return self._sums / max(self._n_summed, 1)
