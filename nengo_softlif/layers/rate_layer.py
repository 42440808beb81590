"""What all activation layers with a firing rate have in common."""

from __future__ import annotations

import keras
from keras import ops

from nengo_softlif.functional.noise import FilteredSpikeNoise, GaussianRateNoise, noise_from_config
from nengo_softlif.layers.curves import draw, in_one_loop, with_noise
from nengo_softlif.layers.precision import (
    at_least_single,
    check_dtype_policy,
    check_training_precision,
)
from nengo_softlif.layers.rate_regularizer import rate_regularizer_of
from nengo_softlif.validation import check_number, check_seed, check_type, is_number

__all__ = ["RateLayer"]


class RateLayer(keras.layers.Layer):
    """Activation layer whose output is ``amplitude`` times a firing rate in Hz.

    Subclasses set `threshold` and return the rates without noise from `curve`.
    """

    def __init__(self, tau_rc, amplitude, sigma, noise, rate_regularizer, seed, **kwargs):
        super().__init__(**kwargs)
        check_dtype_policy(self)
        self.tau_rc = check_number(f"{self.name}.tau_rc", tau_rc, above=0, unit="seconds")
        self.amplitude = check_number(f"{self.name}.amplitude", amplitude, above=0)
        self.sigma = check_number(f"{self.name}.sigma", sigma, above=0)
        self.noise = _noise(self.name, noise)
        self.rate_regularizer = rate_regularizer_of(self.name, rate_regularizer)
        self.seed = None if seed is None else check_seed(f"{self.name}.seed", seed)
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    @property
    def threshold(self):
        """Current above which the neurons fire."""
        raise NotImplementedError

    def curve(self, J):
        """Return ``amplitude`` times the firing rate in Hz at the currents ``J``."""
        raise NotImplementedError

    def fires(self, J, rates):
        """Return which neurons are above threshold, at the currents ``J`` that make the rates."""
        return ops.greater(J, self.threshold)

    def call(self, inputs, training=False):
        """Return ``amplitude`` times the firing rate in Hz, shaped as ``inputs``."""
        check_training_precision(self, training)
        if not training:
            return ops.cast(self.curve(self._current(inputs)), self.compute_dtype)
        draws = ()
        if self.noise is not None:
            precision = at_least_single(self.compute_dtype)
            draws = (draw(self.noise, ops.shape(inputs), precision, self.seed_generator),)
        rates, outputs = in_one_loop(self._rates_and_outputs)(inputs, *draws)
        if self.rate_regularizer is not None:
            penalty = self.rate_regularizer(rates / self.amplitude)
            self.add_loss(ops.cast(penalty, keras.config.floatx()))  # as Keras's own losses
        return outputs

    def _current(self, inputs):
        """Return the inputs in the precision of the rates."""
        return ops.cast(inputs, at_least_single(self.compute_dtype))

    def _rates_and_outputs(self, inputs, draws=None):
        """Return rates without noise, and outputs with it."""
        J = self._current(inputs)
        outputs = rates = self.curve(J)
        if draws is not None:
            outputs = with_noise(rates, self.fires(J, rates), self.noise, draws, self.amplitude)
        return rates, ops.cast(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Output has the shape of the input."""
        return input_shape

    def get_config(self):
        """Return everything that makes an equal layer."""
        regularizer = self.rate_regularizer
        return {
            **super().get_config(),
            "tau_rc": self.tau_rc,
            "amplitude": self.amplitude,
            "sigma": self.sigma,
            "noise": None if self.noise is None else self.noise.get_config(),
            "rate_regularizer": None if regularizer is None else regularizer.get_config(),
            "seed": self.seed,
        }


def _noise(layer, noise):
    """Return training noise given as an object, as its config, in Hz, or as ``None``."""
    if isinstance(noise, dict):
        return noise_from_config(noise)
    if is_number(noise):
        return GaussianRateNoise(noise)
    return check_type(
        f"{layer}.noise",
        noise,
        (FilteredSpikeNoise, GaussianRateNoise, type(None)),
        "a finite number stands for GaussianRateNoise with this standard deviation in Hz",
    )
