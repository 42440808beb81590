"""Initial weights and thresholds of networks that train in spikes, as Bondarev has them."""

from __future__ import annotations

import math

import keras

from nengo_softlif.validation import check_integer, check_number, check_seed

__all__ = ["bondarev_threshold", "bondarev_weights"]


def bondarev_weights(seed: int | None = None) -> keras.initializers.VarianceScaling:
    r"""Initial weights, uniform from :math:`-\sqrt{3 / h}` to :math:`\sqrt{3 / h}`.

    Here h is the number of neurons that the weights lead to. Their standard deviation is
    :math:`1 / \sqrt h`.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    initializer : keras.initializers.VarianceScaling

    Raises
    ------
    ParameterError
        If the seed is out of range.

    References
    ----------
    .. [1] Bondarev, "Training a digital model of a deep spiking neural network using
       backpropagation".

    Examples
    --------
    >>> weights = bondarev_weights(seed=0)((784, 300))
    >>> round(float(keras.ops.max(weights)), 3)
    0.1
    """
    if seed is not None:
        seed = check_seed("seed", seed)
    return keras.initializers.VarianceScaling(
        scale=1.0, mode="fan_out", distribution="uniform", seed=seed
    )


def bondarev_threshold(n_neurons: int, factor: float = 5.0) -> float:
    r"""Threshold of a layer in units of its largest initial weight, :math:`c \sqrt{3 / h}`.

    Parameters
    ----------
    n_neurons : int
        Neurons h of the layer.
    factor : float
        Weights of the largest size that it takes for a spike (> 0): 5 in the first hidden layer and
        3 in the second of Bondarev.

    Returns
    -------
    threshold : float

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Bondarev, "Training a digital model of a deep spiking neural network using
       backpropagation".

    Examples
    --------
    >>> round(bondarev_threshold(300), 6), round(bondarev_threshold(300, factor=3), 6)
    (0.5, 0.3)
    """
    n_neurons = check_integer("n_neurons", n_neurons, minimum=1)
    return check_number("factor", factor, above=0) * math.sqrt(3 / n_neurons)
