"""What all activation layers with a firing rate have in common."""

from __future__ import annotations

import keras
from keras import ops

from nengo_softlif.functional.noise import FilteredSpikeNoise, GaussianRateNoise, noise_from_config
from nengo_softlif.layers.curves import check_parameters, draw, in_one_loop, with_noise
from nengo_softlif.layers.rate_regularizer import FiringRateRegularizer

__all__ = ["RateLayer"]


class RateLayer(keras.layers.Layer):
    """Activation layer whose output is ``amplitude`` times a firing rate in Hz.

    Subclasses set `threshold` and return the rates without noise from `curve`.
    """

    def __init__(self, tau_rc, amplitude, sigma, noise, rate_regularizer, seed, **kwargs):
        super().__init__(**kwargs)
        check_parameters(self.name, tau_rc=tau_rc, amplitude=amplitude, sigma=sigma)
        self.tau_rc = float(tau_rc)
        self.amplitude = float(amplitude)
        self.sigma = float(sigma)
        self.noise = _noise(noise)
        self.rate_regularizer = _regularizer(self.name, rate_regularizer)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    @property
    def threshold(self):
        """Current above which the neurons fire."""
        raise NotImplementedError

    def curve(self, J):
        """Return ``amplitude`` times the firing rate in Hz at the currents ``J``."""
        raise NotImplementedError

    def call(self, inputs, training=False):
        """Return ``amplitude`` times the firing rate in Hz, shaped as ``inputs``."""
        if not training:
            return self.curve(inputs)
        draws = ()
        if self.noise is not None:
            draws = (draw(self.noise, ops.shape(inputs), inputs.dtype, self.seed_generator),)
        rates, outputs = in_one_loop(self._rates_and_outputs)(inputs, *draws)
        if self.rate_regularizer is not None:
            hz = ops.cast(rates, "float32") / self.amplitude
            self.add_loss(self.rate_regularizer(hz))
        return outputs

    def _rates_and_outputs(self, J, draws=None):
        """Return outputs without and with noise."""
        rates = self.curve(J)
        if draws is None:
            return rates, rates
        return rates, with_noise(rates, J, self.noise, draws, self.amplitude, self.threshold)

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


def _noise(noise):
    """Return training noise given as an object, as its config, in Hz, or as ``None``."""
    if noise is None or isinstance(noise, (FilteredSpikeNoise, GaussianRateNoise)):
        return noise
    return noise_from_config(noise) if isinstance(noise, dict) else GaussianRateNoise(noise)


def _regularizer(layer, regularizer):
    """Return a regularizer given as an object, as its config, or as ``None``."""
    if regularizer is None or isinstance(regularizer, FiringRateRegularizer):
        return regularizer
    if isinstance(regularizer, dict):
        return FiringRateRegularizer(**regularizer)
    raise ValueError(
        f"{layer}.rate_regularizer must be a FiringRateRegularizer (got {regularizer!r})"
    )
