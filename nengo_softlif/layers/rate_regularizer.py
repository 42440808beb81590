"""A price on firing rates, for networks that are to be efficient as spikes."""

from __future__ import annotations

import keras
from keras import ops

from nengo_softlif.layers.precision import at_least_single
from nengo_softlif.validation import check_number

__all__ = ["FiringRateRegularizer"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class FiringRateRegularizer(keras.regularizers.Regularizer):
    r"""Penalty on a layer that fires above a target rate.

    .. math:: w \, [\max(0, s - r_{target}) / r_{target}]^2

    where :math:`s` is the mean rate of the layer over neurons and samples, or a percentile of them.
    What spikes cost goes by the mean (synaptic events are rate times fan-out); a high percentile
    keeps the fastest neurons from saturating within a few spikes. The penalty is 0 at and below
    the target, and :math:`w` at twice the target, whatever the size of layer and batch.

    Parameters
    ----------
    target : float
        Rate in Hz (> 0) that costs nothing.
    percentile : float, optional
        Which percentile of the rates is compared with the target, above 0 and at most 100; the mean
        if it is not given.
    weight : float
        Penalty at twice the target rate, in units of the training loss (>= 0).

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    See Also
    --------
    nengo_softlif.analysis.energy : what the spikes of a network cost.

    Examples
    --------
    >>> import numpy as np
    >>> rates = np.array([[0.0, 30.0], [10.0, 40.0]], dtype="float32")  # Hz, two samples
    >>> float(FiringRateRegularizer(10)(rates))  # the mean is 20 Hz
    1.0
    >>> float(FiringRateRegularizer(40, percentile=100)(rates))
    0.0

    In a layer: ``SoftLIF(rate_regularizer=FiringRateRegularizer(20, weight=0.5))``.
    """

    def __init__(self, target, percentile=None, weight=1.0):
        owner = type(self).__name__
        self.target = check_number(f"{owner}.target", target, above=0, unit="Hz")
        self.weight = check_number(f"{owner}.weight", weight, minimum=0)
        self.percentile = percentile
        if percentile is not None:
            self.percentile = check_number(f"{owner}.percentile", percentile, above=0, maximum=100)

    def __call__(self, rates):
        """Return the penalty for firing rates in Hz, a scalar tensor of float32 or float64.

        Parameters
        ----------
        rates : (n_samples, ..., n_neurons) tensor
        """
        rates = ops.convert_to_tensor(rates)
        rates = ops.cast(rates, at_least_single(keras.backend.standardize_dtype(rates.dtype)))
        if self.percentile is None:
            statistic = ops.mean(rates)
        else:
            statistic = ops.quantile(rates, self.percentile / 100)
        excess = ops.relu(statistic / self.target - 1)
        return self.weight * excess * excess

    def __repr__(self):
        of = "mean" if self.percentile is None else f"{self.percentile:g}th percentile"
        return f"<FiringRateRegularizer: {of} above {self.target:g} Hz, weight {self.weight:g}>"

    def get_config(self):
        """Return the parameters; ``FiringRateRegularizer(**config)`` is equal."""
        return {"target": self.target, "percentile": self.percentile, "weight": self.weight}
