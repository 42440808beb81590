"""A price on firing rates, for networks that are to be efficient as spikes."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.discrete_lif import STEP
from nengo_softlif.layers.precision import at_least_single
from nengo_softlif.validation import check_number, check_type

__all__ = ["FiringRateRegularizer", "mean_over_steps", "penalize", "rate_regularizer_of"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class FiringRateRegularizer(keras.regularizers.Regularizer):
    r"""Penalty on a layer that fires above a target rate, or whose neurons fire below a lower one.

    .. math:: w \, \left( [\max(0, s / r_{target} - 1)]^2 +
       \operatorname{mean}_i [\max(0, 1 - r_i / r_{lower})]^2 \right)

    where :math:`s` is the mean rate of the layer over neurons and samples, or a percentile of them,
    and :math:`r_i` is the mean rate of neuron i over samples. What spikes cost goes by the mean
    (synaptic events are rate times fan-out); a high percentile keeps the fastest neurons from
    saturating within a few spikes. The lower bound is on each neuron, so that silent ones come back
    to life. The first term is 0 at and below the target, and :math:`w` at twice the target; the
    second is :math:`w` if all neurons are silent. Both are independent of the size of layer and
    batch.

    Parameters
    ----------
    target : float, optional
        Rate in Hz (> 0) up to which firing costs nothing; no upper bound if there is only a
        ``lower`` one. In layers that spike over time a step is 1 ms: a rate of r spikes a step
        is 1000 r Hz.
    percentile : float, optional
        Which percentile of the rates is compared with the target, above 0 and at most 100; the mean
        if it is not given.
    weight : float
        Penalty at twice the target rate, in units of the training loss (>= 0).
    lower : float, optional
        Rate in Hz (> 0, below the target) down to which the mean rate of a neuron costs nothing.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    See Also
    --------
    nengo_softlif.analysis.energy : what the spikes of a network cost.

    References
    ----------
    .. [1] Zenke & Vogels (2021), "The remarkable robustness of surrogate gradient learning for
       instilling complex function in spiking neural networks": upper and lower bounds.

    Examples
    --------
    >>> import numpy as np
    >>> rates = np.array([[0.0, 30.0], [10.0, 40.0]], dtype="float32")  # Hz, two samples
    >>> float(FiringRateRegularizer(10)(rates))  # the mean is 20 Hz
    1.0
    >>> float(FiringRateRegularizer(40, percentile=100)(rates))
    0.0
    >>> float(FiringRateRegularizer(lower=10)(rates))  # one of two neurons fires at 5 Hz
    0.125

    In a layer: ``SoftLIF(rate_regularizer=FiringRateRegularizer(20, weight=0.5))``.
    """

    def __init__(self, target=None, percentile=None, weight=1.0, lower=None):
        owner = type(self).__name__
        self.lower = lower
        if lower is not None:
            self.lower = check_number(f"{owner}.lower", lower, above=0, unit="Hz")
        self.target = target
        if target is not None or lower is None:
            self.target = check_number(f"{owner}.target", target, above=0, unit="Hz")
        self.weight = check_number(f"{owner}.weight", weight, minimum=0)
        self.percentile = percentile
        if percentile is not None:
            self.percentile = check_number(f"{owner}.percentile", percentile, above=0, maximum=100)
            if self.target is None:
                raise ParameterError(
                    f"{owner}.percentile is compared with a target (got {percentile!r} and no "
                    "target); give target, or leave percentile out"
                )
        if None not in (self.lower, self.target) and self.lower >= self.target:
            raise ParameterError(
                f"{owner}.lower must be below the target of {self.target:g} Hz (got "
                f"{self.lower:g} Hz); lower it, or raise the target"
            )

    def __call__(self, rates):
        """Return the penalty for firing rates in Hz, a scalar tensor of float32 or float64.

        Parameters
        ----------
        rates : (n_samples, ..., n_neurons) tensor
        """
        rates = ops.convert_to_tensor(rates)
        rates = ops.cast(rates, at_least_single(keras.backend.standardize_dtype(rates.dtype)))
        penalty = 0.0
        if self.target is not None:
            excess = ops.relu(self._statistic(rates) / self.target - 1)
            penalty = excess * excess
        if self.lower is not None:
            missing = ops.relu(1 - ops.mean(rates, axis=0) / self.lower)
            penalty = penalty + ops.mean(missing * missing)
        return self.weight * penalty

    def _statistic(self, rates):
        if self.percentile is None:
            return ops.mean(rates)
        return ops.quantile(rates, self.percentile / 100)

    def __repr__(self):
        bounds = []
        if self.target is not None:
            of = "mean" if self.percentile is None else f"{self.percentile:g}th percentile"
            bounds.append(f"{of} above {self.target:g} Hz")
        if self.lower is not None:
            bounds.append(f"neurons below {self.lower:g} Hz")
        return f"<FiringRateRegularizer: {', '.join(bounds)}, weight {self.weight:g}>"

    def get_config(self):
        """Return the parameters; ``FiringRateRegularizer(**config)`` is equal."""
        return {
            "target": self.target,
            "percentile": self.percentile,
            "weight": self.weight,
            "lower": self.lower,
        }


def rate_regularizer_of(layer: str, regularizer: Any) -> FiringRateRegularizer | None:
    """Return a regularizer given as an object, as its config, or as ``None``.

    Parameters
    ----------
    layer : str
        Name of the layer, for errors.
    regularizer : FiringRateRegularizer, dict or None

    Returns
    -------
    regularizer : FiringRateRegularizer or None

    Raises
    ------
    ParameterError
        If it is something else.
    """
    if isinstance(regularizer, dict):
        return FiringRateRegularizer(**regularizer)
    return check_type(
        f"{layer}.rate_regularizer",
        regularizer,
        (FiringRateRegularizer, type(None)),
        "make one with FiringRateRegularizer(target), the target in Hz",
    )


def penalize(layer: keras.layers.Layer, spikes_a_step: Any) -> None:
    """Add the penalty of a layer's ``rate_regularizer`` to its losses.

    Parameters
    ----------
    layer : keras.layers.Layer
    spikes_a_step : (batch, ..., n_neurons) tensor
        Mean over all steps.

    Examples
    --------
    >>> layer = keras.layers.Identity()
    >>> layer.rate_regularizer = FiringRateRegularizer(target=100)
    >>> penalize(layer, ops.full((1, 1), 0.2))
    >>> float(layer.losses[0])
    1.0
    """
    penalty = layer.rate_regularizer(spikes_a_step / STEP)
    layer.add_loss(ops.cast(penalty, keras.config.floatx()))  # as Keras's own losses


def mean_over_steps(spikes: Any) -> Any:
    """Mean number of spikes a step, in at least single precision.

    Parameters
    ----------
    spikes : (batch, steps, ...) tensor

    Returns
    -------
    spikes_a_step : (batch, ...) tensor

    Examples
    --------
    >>> ops.convert_to_numpy(mean_over_steps(ops.convert_to_tensor([[[0.0], [1.0]]])))
    array([[0.5]], dtype=float32)
    """
    precision = at_least_single(keras.backend.standardize_dtype(spikes.dtype))
    return ops.mean(ops.cast(spikes, precision), axis=1)
