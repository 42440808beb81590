r"""Discrete-time LIF neurons: one step, for any library of arrays.

The neuron of digital spiking networks, which are trained and run in steps, not in seconds
(Bondarev, eq. 4 to 6; with an adaptive threshold Bellec et al. 2018). In each step

.. math::

   v &\leftarrow \max(\beta v + J, v_{min}) \\
   \theta &= s + \gamma a \\
   b &= [v \ge \theta] \\
   v &\leftarrow (1 - b) v \quad\text{(reset to zero), or}\quad
   v \leftarrow v - b \theta \quad\text{(reset by subtraction)} \\
   a &\leftarrow \rho a + (1 - \rho) b

where J is the input of the step, v the membrane voltage, :math:`\beta` its ``decay``, s the
``threshold``, b the spike, and a the adaptation. In the ``refractory_steps`` after a spike the
voltage stays as the reset has left it, and there is no spike.

Every other part of the package takes these equations from here: NumPy, `keras.ops`, TensorFlow, and
the compiled simulator, which compiles them with functions of numbers.

References
----------
.. [1] Bondarev, "Training a digital model of a deep spiking neural network using backpropagation".
.. [2] Bellec et al. (2018), "Long short-term memory and learning-to-learn in networks of spiking
   neurons".
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["STEP", "adapt", "integrate", "reset_by_subtraction", "reset_to_zero"]

STEP = 0.001  # seconds that a step stands for: in a network of Nengo, and in rates in Hz


def integrate(J: Any, v: Any, decay: Any, min_voltage: Any, xp: Any = np) -> Any:
    """Voltage of a step before it is compared with the threshold.

    Without keywords, as all functions here, so that Numba can compile it.

    Parameters
    ----------
    J : (..., n_neurons) array
        Input of the step.
    v : (..., n_neurons) array
        Voltage at the end of the last step.
    decay : float or (n_neurons,) array
        Fraction of the voltage that is left after a step, from 0 to 1.
    min_voltage : float
        Lowest voltage, ``-inf`` for none.
    xp : namespace, optional
        Provides ``maximum``; NumPy by default.

    Returns
    -------
    v : (..., n_neurons) array

    Examples
    --------
    >>> float(integrate(0.5, 1.0, 0.8, -np.inf))
    1.3
    """
    return xp.maximum(decay * v + J, min_voltage)


def reset_to_zero(v: Any, spike: Any, threshold: Any) -> Any:
    """Voltage after a spike, 0.

    Parameters
    ----------
    v : (..., n_neurons) array
        Before the reset.
    spike : (..., n_neurons) array
        1 where there is a spike, else 0.
    threshold : float or (..., n_neurons) array
        Is not used, but makes both resets the same to call.

    Returns
    -------
    v : (..., n_neurons) array

    Examples
    --------
    >>> reset_to_zero(np.array([0.7, 1.2]), np.array([0.0, 1.0]), 1.0)
    array([0.7, 0. ])
    """
    return v - v * spike


def reset_by_subtraction(v: Any, spike: Any, threshold: Any) -> Any:
    """Voltage after a spike, less the threshold.

    Parameters
    ----------
    v, spike, threshold
        As for `reset_to_zero`.

    Returns
    -------
    v : (..., n_neurons) array

    Examples
    --------
    >>> reset_by_subtraction(np.array([0.7, 1.2]), np.array([0.0, 1.0]), 1.0).round(6)
    array([0.7, 0.2])
    """
    return v - threshold * spike


def adapt(a: Any, spike: Any, decay: Any, rise: Any) -> Any:
    """Adaptation after a step, a filtered spike train.

    Parameters
    ----------
    a : (..., n_neurons) array
        From 0 to 1.
    spike : (..., n_neurons) array
    decay : float or (n_neurons,) array
        Fraction that is left after a step, from 0 to 1.
    rise : float or (n_neurons,) array
        ``1 - decay``, computed in double precision: of a long decay, single precision would leave
        four digits.

    Returns
    -------
    a : (..., n_neurons) array

    Examples
    --------
    >>> float(adapt(0.5, 1.0, 0.75, 0.25))
    0.625
    """
    return decay * a + rise * spike
