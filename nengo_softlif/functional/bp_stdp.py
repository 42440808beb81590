r"""BP-STDP: backpropagation of errors that spikes within a short window tell of.

Layers of integrate-and-fire neurons without leak stand for ReLUs, and spike counts in a window of
a few steps for their activities. The neuron of the label should spike in each window, the others
never (Tavanaei & Maida 2019):

.. math::

   \xi_o &= 1 \text{ if o is the label and silent}, \quad
            -1 \text{ if it is not the label and spikes}, \quad 0 \text{ otherwise} \\
   \xi_h &= [n_h > 0] \sum_o w_{ho} \, \xi_o, \qquad \Delta w_{ih} \propto n_i \, \xi_h

with the spike counts n of the window. A weight from an input that has spiked changes when its
output should have spiked (STDP), or should not have (anti-STDP).

References
----------
.. [1] Tavanaei & Maida (2019), "BP-STDP: Approximating backpropagation using spike timing dependent
   plasticity", Neurocomputing 330.
"""

from __future__ import annotations

import numpy as np

__all__ = ["hidden_errors", "integrate_and_fire", "output_errors", "window_counts"]


def integrate_and_fire(currents: np.ndarray) -> np.ndarray:
    """Spikes of integrate-and-fire neurons without leak, with reset by subtraction.

    Parameters
    ----------
    currents : (n_samples, n_steps, n_neurons) ndarray
        What is added to the voltage in each step, in units of the threshold.

    Returns
    -------
    spikes : (n_samples, n_steps, n_neurons) ndarray
        1 for a spike, else 0, of the type of the currents; at most one in a step.

    Examples
    --------
    >>> integrate_and_fire(np.full((1, 5, 1), 0.4))[0, :, 0]
    array([0., 0., 1., 0., 1.])
    """
    spikes = np.empty_like(currents)
    voltage = np.zeros_like(currents[:, 0])
    for step in range(currents.shape[1]):
        voltage += currents[:, step]
        fires = spikes[:, step]
        np.greater_equal(voltage, 1, out=fires)
        voltage -= fires
    return spikes


def window_counts(spikes: np.ndarray, window: int) -> np.ndarray:
    """Spike counts in consecutive windows.

    Parameters
    ----------
    spikes : (n_samples, n_steps, n_neurons) ndarray
    window : int
        Steps; divides ``n_steps``.

    Returns
    -------
    counts : (n_samples, n_windows, n_neurons) ndarray
    """
    n_samples, n_steps, n_neurons = spikes.shape
    return spikes.reshape(n_samples, n_steps // window, window, n_neurons).sum(axis=2)


def output_errors(counts: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Errors of the output neurons in each window.

    Parameters
    ----------
    counts : (n_samples, n_windows, n_classes) ndarray
        Of their spikes.
    labels : (n_samples,) ndarray of int

    Returns
    -------
    errors : (n_samples, n_windows, n_classes) ndarray
        1, -1 or 0.

    Examples
    --------
    >>> output_errors(np.array([[[0, 2, 0], [1, 0, 0]]]), np.array([0])).tolist()
    [[[1, -1, 0], [0, 0, 0]]]
    """
    wanted = (np.arange(counts.shape[-1]) == labels[:, np.newaxis])[:, np.newaxis]
    fires = counts > 0
    return (wanted & ~fires).astype(counts.dtype) - (fires & ~wanted)


def hidden_errors(errors: np.ndarray, weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Errors of a layer from those of the next one, where neurons spike in the window.

    Parameters
    ----------
    errors : (n_samples, n_windows, n_next) ndarray
    weights : (n_neurons, n_next) ndarray
    counts : (n_samples, n_windows, n_neurons) ndarray
        Of the spikes of the layer.

    Returns
    -------
    errors : (n_samples, n_windows, n_neurons) ndarray
    """
    return (errors @ weights.T) * (counts > 0)
