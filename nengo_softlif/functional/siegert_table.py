"""Siegert's formula from a table, for trainings that need it a billion times."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from nengo_softlif.functional.siegert import siegert_rate
from nengo_softlif.validation import check_number

__all__ = ["SiegertTable"]

# Beyond these the activity is that of the border: 0 or 1, or that of the same mean
MEANS = np.linspace(-3, 8, 441)
DEVIATIONS = np.linspace(0.02, 2.5, 63)


class SiegertTable:
    r"""Activity of LIF neurons with Poisson input, from 0 to 1.

    An activity of 1 stands for a firing rate R, of inputs and outputs. With weights W in units of
    the threshold, by which an input of full activity moves the mean voltage, and activities a,

    .. math:: \text{mean} = \sum_i W_i a_i + b, \qquad
       \text{variance} = \frac{1}{2 \tau_{rc} R} \sum_i W_i^2 a_i, \qquad
       y = \min(r_{Siegert} / R, 1)

    Parameters
    ----------
    full_rate : float
        R in Hz (> 0).
    tau_rc, tau_ref : float
        Membrane time constant (> 0) and refractory period (>= 0) in seconds.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    Examples
    --------
    >>> table = SiegertTable(full_rate=100.0)
    >>> table(np.array([0.5, 1.0, 2.0]), np.full(3, 0.09)).round(3)
    array([0.068, 0.253, 0.655])
    """

    def __init__(self, full_rate: float, tau_rc: float = 0.02, tau_ref: float = 0.002):
        self.full_rate = check_number("full_rate", full_rate, above=0, unit="Hz")
        self.tau_rc = check_number("tau_rc", tau_rc, above=0, unit="seconds")
        self.tau_ref = check_number("tau_ref", tau_ref, minimum=0, unit="seconds")
        rates = siegert_rate(
            MEANS[:, np.newaxis], DEVIATIONS, tau_rc=self.tau_rc, tau_ref=self.tau_ref
        )
        self._activities = np.minimum(rates / self.full_rate, 1)

    def __call__(self, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Activities.

        Parameters
        ----------
        mean, variance : (...) ndarray
            Of the voltage without a threshold.

        Returns
        -------
        activities : (...) ndarray
        """
        places = [
            (values - axis[0]) / (axis[1] - axis[0])
            for values, axis in ((mean, MEANS), (np.sqrt(variance), DEVIATIONS))
        ]
        return map_coordinates(self._activities, places, order=1, mode="nearest", prefilter=False)

    def of_inputs(self, activities: np.ndarray, weights: np.ndarray, bias: np.ndarray):
        """Activities of neurons, from those of their inputs.

        Parameters
        ----------
        activities : (n_samples, n_inputs) ndarray
        weights : (n_inputs, n_neurons) ndarray
        bias : (n_neurons,) ndarray

        Returns
        -------
        activities : (n_samples, n_neurons) ndarray
        """
        variance = activities @ weights**2 / (2 * self.tau_rc * self.full_rate)
        return self(activities @ weights + bias, variance)
