"""The rate curve as one differentiable Keras operation, and noise on top of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import keras

from nengo_softlif.functional.curves import soft_lif_rate_and_slope
from nengo_softlif.functional.inhibition import mean_of_group, pull_back
from nengo_softlif.functional.noise import FilteredSpikeNoise, GaussianRateNoise
from nengo_softlif.functional.rates import soft_lif_rate
from nengo_softlif.functional.spike_statistics import fluctuation

__all__ = ["draw", "in_one_loop", "inhibited_soft_lif", "soft_lif", "with_noise"]

_KERAS = SimpleNamespace(
    exp=keras.ops.exp,
    log=math.log,  # of sigma, a number
    log1p=keras.ops.log1p,
    maximum=keras.ops.maximum,
    sigmoid=keras.ops.sigmoid,
    softplus=keras.ops.softplus,
    tanh=keras.ops.tanh,
)

# In units of sigma. The currents of bfloat16 go up to 3e38.
_HIGHEST = 1e30


def soft_lif(J, **parameters):
    """Soft LIF output in which the gradient reuses what the forward pass has computed.

    Parameters
    ----------
    J : (batch, ..., n_neurons) tensor of float32 or float64
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
        # the formula divides by sigma and squares: so high up it would leave single precision
        J = keras.ops.minimum(J, _HIGHEST * parameters["sigma"])
        rates, slopes = soft_lif_rate_and_slope(J, **parameters, xp=_KERAS)

        def grad(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            return keras.ops.multiply(upstream, slopes)

        return rates, grad

    return fused(J)


def inhibited_soft_lif(J, inhibition, **parameters):
    """Soft LIF output in the steady state of neurons that inhibit each other.

    Parameters
    ----------
    J : (batch, ..., channels) tensor of float32 or float64
        Input current, threshold at 1.
    inhibition : Inhibition
    **parameters : float
        ``tau_rc, tau_ref, amplitude, sigma`` of `functional.soft_lif_rate`.

    Returns
    -------
    rates : tensor like ``J``
        ``amplitude`` times the firing rate in Hz, with the gradient of the steady state.
    """
    amplitude = parameters.pop("amplitude")
    strength = inhibition.strength
    at_threshold = float(soft_lif_rate(1.0, **parameters))

    def curve(J):
        return soft_lif_rate_and_slope(J, **parameters, xp=_KERAS)

    @keras.ops.custom_gradient
    def steady(J):
        J = keras.ops.minimum(J, _HIGHEST * parameters["sigma"])
        shape = keras.ops.shape(J)
        grouped = keras.ops.reshape(J, (*shape[:-1], -1, inhibition.n_channels))
        mean = mean_of_group(grouped, strength, curve, at_threshold, xp=keras.ops)
        rates, slopes = curve(grouped - strength * mean)

        def grad(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            upstream = keras.ops.reshape(upstream, keras.ops.shape(slopes))
            gradient = pull_back(upstream, slopes, strength, xp=keras.ops)
            return keras.ops.reshape(amplitude * gradient, shape)

        return keras.ops.reshape(amplitude * rates, shape), grad

    return steady(J)


def draw(
    noise: GaussianRateNoise | FilteredSpikeNoise,
    shape: tuple,
    dtype: str,
    seed_generator: keras.random.SeedGenerator,
) -> Any:
    """Draw the random numbers that the noise of a batch is made of.

    Parameters
    ----------
    noise : GaussianRateNoise or FilteredSpikeNoise
    shape : tuple
        Of the batch, samples first.
    dtype : str
    seed_generator : keras.random.SeedGenerator
        State of the random numbers.

    Returns
    -------
    draws : tensor
        Normal numbers, or phases from 0 to 1. They are independent unless the noise is antithetic:
        then the second half of the batch has the opposite of the first.
    """
    gaussian = isinstance(noise, GaussianRateNoise)
    random = keras.random.normal if gaussian else keras.random.uniform
    if not noise.antithetic:
        return random(shape, dtype=dtype, seed=seed_generator)
    n_samples = shape[0]
    half = random(((n_samples + 1) // 2, *shape[1:]), dtype=dtype, seed=seed_generator)
    opposite = -half if gaussian else _half_a_period_later(half)
    return keras.ops.concatenate([half, opposite], axis=0)[:n_samples]


def _half_a_period_later(phases):
    # a remainder would take TensorFlow a quarter of a training step
    return phases + 0.5 - keras.ops.cast(phases >= 0.5, phases.dtype)


def with_noise(rates, fires, noise, draws, amplitude):
    """Add training noise to the rates of neurons above threshold.

    Parameters
    ----------
    rates : (batch, ..., n_neurons) tensor
        Output without noise.
    fires : (batch, ..., n_neurons) tensor of bool
        Whether the current of a neuron is above its threshold.
    noise : GaussianRateNoise or FilteredSpikeNoise
        In Hz; the output carries it times ``amplitude``.
    draws : tensor like ``rates``
        From `draw`.
    amplitude : float
        Output per Hz.

    Returns
    -------
    rates : tensor like ``rates``
    """
    if isinstance(noise, GaussianRateNoise):
        n = noise.std * draws
    else:
        hz = rates * (1.0 / amplitude)
        n = fluctuation(draws, hz, tau_s=noise.tau_s, tau_rc=noise.tau_rc, xp=_KERAS)
    noise = keras.ops.where(fires, amplitude * n, 0.0)
    # without gradient: of a fluctuation that a time picks, it says nothing about other times
    return rates + keras.ops.stop_gradient(noise)


def in_one_loop(function: Callable, *, shared: bool = False) -> Callable:
    """Compile elementwise operations into one loop, where Keras does not do so by itself.

    TensorFlow goes through memory once for every operation. Compiled into one loop, curve and
    noise take a third of the time on a CPU. JAX compiles whole models anyway.

    Parameters
    ----------
    function : callable
        Of tensors of one shape.
    shared : bool
        Whether to compile it once for all uses; only for functions of nothing but their arguments.

    Returns
    -------
    function : callable
    """
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    # Outside of a graph each call would compile anew.
    if not tf.inside_function():
        return function
    return _compiled_once(function) if shared else _compiled(function)


def _compiled(function):
    import tensorflow as tf

    return tf.function(function, jit_compile=True, autograph=False)


_compiled_once = lru_cache(maxsize=256)(_compiled)
