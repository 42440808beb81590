"""The rate curve as one differentiable Keras operation, and noise on top of it."""

from __future__ import annotations

import math
from types import SimpleNamespace

import keras

from nengo_softlif.functional.curves import soft_lif_rate_and_slope
from nengo_softlif.functional.noise import GaussianRateNoise
from nengo_softlif.functional.numbers import is_number
from nengo_softlif.functional.spike_statistics import fluctuation

__all__ = ["check_parameters", "draw", "in_one_loop", "soft_lif", "with_noise"]

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


def draw(noise, shape, dtype, seed_generator):
    """Draw the random numbers that the noise of a batch is made of.

    The second half of a batch is the opposite of the first. Drawing takes as long as the curve
    does, each number is distributed as before, and pairs of opposite noise disturb the gradient
    of a batch less than independent ones.

    Parameters
    ----------
    noise : GaussianRateNoise or FilteredSpikeNoise
    shape : tuple
        Of the batch.
    dtype : str
    seed_generator : keras.random.SeedGenerator
        State of the random numbers.

    Returns
    -------
    draws : tensor
        Normal numbers, or phases from 0 to 1.
    """
    n_items = shape[0]
    half_shape = ((n_items + 1) // 2, *shape[1:])
    if isinstance(noise, GaussianRateNoise):
        half = keras.random.normal(half_shape, dtype=dtype, seed=seed_generator)
        opposite = -half
    else:
        half = keras.random.uniform(half_shape, dtype=dtype, seed=seed_generator)
        opposite = 1.0 - half
    return keras.ops.concatenate([half, opposite], axis=0)[:n_items]


def with_noise(rates, J, noise, draws, amplitude, threshold):
    """Add training noise to the rates of neurons above threshold.

    Parameters
    ----------
    rates, J : (batch, ..., n_neurons) tensor
        Output without noise, and the current that made it.
    noise : GaussianRateNoise or FilteredSpikeNoise
        In Hz; the output carries it times ``amplitude``.
    draws : tensor like ``rates``
        From `draw`.
    amplitude, threshold : float
        Output per Hz; current at which neurons start to fire.

    Returns
    -------
    rates : tensor like ``rates``
    """
    if isinstance(noise, GaussianRateNoise):
        n = noise.std * draws
    else:
        hz = rates * (1.0 / amplitude)
        n = fluctuation(draws, hz, tau_s=noise.tau_s, tau_rc=noise.tau_rc, xp=_KERAS)
    noise = keras.ops.where(keras.ops.greater(J, threshold), amplitude * n, 0.0)
    # without gradient: of a fluctuation that a time picks, it says nothing about other times
    return rates + keras.ops.stop_gradient(noise)


def in_one_loop(function):
    """Compile elementwise operations into one loop, where Keras does not do so by itself.

    TensorFlow goes through memory once for every operation. Compiled into one loop, curve and
    noise take a third of the time on a CPU. JAX compiles whole models anyway.

    Parameters
    ----------
    function : callable
        Of tensors of one shape.

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
    return tf.function(function, jit_compile=True, autograph=False)


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
