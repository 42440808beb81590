"""The rate curve as one differentiable Keras operation, and noise on top of it."""

from __future__ import annotations

import math
from types import SimpleNamespace

import keras

from nengo_softlif.functional.numbers import is_number
from nengo_softlif.functional.rates import soft_lif_rate_and_slope
from nengo_softlif.functional.spike_statistics import fluctuation
from nengo_softlif.noise import GaussianNoise

__all__ = ["check_parameters", "soft_lif", "with_noise"]

_KERAS = SimpleNamespace(
    exp=keras.ops.exp,
    log=math.log,  # of sigma, a number
    log1p=keras.ops.log1p,
    maximum=keras.ops.maximum,
    sigmoid=keras.ops.sigmoid,
    softplus=keras.ops.softplus,
    tanh=keras.ops.tanh,
)


def soft_lif(J, **parameters):
    """Soft LIF output in which the gradient reuses what the forward pass has computed.

    Parameters
    ----------
    J : (batch, ..., n_neurons) tensor
        Input current, threshold at 1.
    **parameters : float
        ``tau_rc, tau_ref, amplitude, sigma`` of `functional.soft_lif_rate`.

    Returns
    -------
    rates : tensor like ``J``
        ``amplitude`` times the firing rate in Hz.
    """

    @keras.ops.custom_gradient
    def fused(J):
        rates, slopes = soft_lif_rate_and_slope(J, **parameters, xp=_KERAS)

        def grad(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            return keras.ops.multiply(upstream, slopes)

        return rates, grad

    return fused(J)


def with_noise(rates, J, noise, amplitude, threshold, seed_generator):
    """Add training noise to the rates of neurons above threshold.

    Parameters
    ----------
    rates, J : (batch, ..., n_neurons) tensor
        Output without noise, and the current that made it.
    noise : GaussianNoise or FilteredSpikes
        In Hz; the output carries it times ``amplitude``.
    amplitude, threshold : float
        Output per Hz; current at which neurons start to fire.
    seed_generator : keras.random.SeedGenerator
        State of the random numbers.

    Returns
    -------
    rates : tensor like ``rates``
    """
    if isinstance(noise, GaussianNoise):
        n = _normal_pairs(keras.ops.shape(J), amplitude * noise.std, J.dtype, seed_generator)
    else:
        n = _fluctuation(rates, noise, amplitude, seed_generator)
    return rates + keras.ops.where(keras.ops.greater(J, threshold), n, 0.0)


def _normal_pairs(shape, std, dtype, seed_generator):
    """Normal numbers of which the second half of a batch is the first with the sign changed.

    Drawing them takes as long as the curve does. Each number is as normal as before, and pairs
    of opposite noise disturb the gradient of a batch less than independent ones.
    """
    n_items = shape[0]
    half = keras.random.normal(
        ((n_items + 1) // 2, *shape[1:]), stddev=std, dtype=dtype, seed=seed_generator
    )
    return keras.ops.concatenate([half, -half], axis=0)[:n_items]


def _fluctuation(rates, noise, amplitude, seed_generator):
    """Filtered spikes less their mean, at random times, in opposite pairs like normal numbers."""
    shape = keras.ops.shape(rates)
    n_items = shape[0]
    half = keras.random.uniform(
        ((n_items + 1) // 2, *shape[1:]), dtype=rates.dtype, seed=seed_generator
    )
    phases = keras.ops.concatenate([half, 1.0 - half], axis=0)[:n_items]
    # without gradient: of a fluctuation that a time picks, it says nothing about other times
    hz = keras.ops.stop_gradient(rates) * (1.0 / amplitude)
    return amplitude * fluctuation(phases, hz, tau_s=noise.tau_s, tau_rc=noise.tau_rc, xp=_KERAS)


def check_parameters(layer, **parameters):
    """Raise unless every named parameter is a finite number in its range.

    Parameters
    ----------
    layer : str
        Name for the message.
    **parameters : float
        ``tau_ref`` may be 0, the others must be positive.

    Raises
    ------
    ValueError
        Naming the layer, the parameter, the rule and the value.
    """
    for name, value in parameters.items():
        zero_allowed = name == "tau_ref"
        if (
            not is_number(value)
            or not math.isfinite(value)
            or value < 0
            or (value == 0 and not zero_allowed)
        ):
            rule = "0 or more" if zero_allowed else "greater than 0"
            raise ValueError(f"{layer}.{name} must be a finite number {rule} (got {value!r})")
