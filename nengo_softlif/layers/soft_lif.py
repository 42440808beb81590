"""Soft LIF neurons as a Keras layer."""

from __future__ import annotations

import keras

from nengo_softlif.layers.curves import check_parameters, soft_lif, with_noise
from nengo_softlif.noise import GaussianNoise

__all__ = ["SoftLIF"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class SoftLIF(keras.layers.Layer):
    r"""Activation layer with the smoothed LIF rate curve, and noise while training.

    .. math:: r(J) = a / [\tau_{ref} + \tau_{rc} \log(1 + 1/\rho(J - 1))], \quad
              \rho(x) = \sigma \log(1 + e^{x / \sigma})

    The threshold is at :math:`J = 1`: give the layer before it a bias that starts near 1
    (``bias_initializer="ones"``), or most neurons begin silent.

    Parameters
    ----------
    tau_rc : float
        Membrane time constant in seconds (> 0).
    tau_ref : float
        Refractory period in seconds (>= 0).
    amplitude : float
        Output per Hz of firing rate (> 0). With 0.01, 100 Hz give an output of 1.
    sigma : float
        Smoothing width in units of the input (> 0).
    noise : GaussianNoise or float, optional
        Noise on firing rates while training; a number is its standard deviation in Hz.
    seed : int, optional
        Seed of the noise.
    **kwargs
        As for every Keras layer (``name``, ``dtype``, ...).

    Raises
    ------
    ValueError
        If a parameter is out of range.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic
       Hardware", equations 2 and 3, section 2.3.

    Examples
    --------
    >>> import numpy as np
    >>> layer = SoftLIF(amplitude=0.01, noise=10)
    >>> round(float(layer(np.array([[2.0]], dtype="float32"))[0, 0]), 4)
    0.6304
    """

    def __init__(
        self,
        tau_rc=0.02,
        tau_ref=0.002,
        amplitude=1.0,
        sigma=0.02,
        noise=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_parameters(
            self.name, tau_rc=tau_rc, tau_ref=tau_ref, amplitude=amplitude, sigma=sigma
        )
        self.tau_rc = float(tau_rc)
        self.tau_ref = float(tau_ref)
        self.amplitude = float(amplitude)
        self.sigma = float(sigma)
        self.noise = noise_from(noise)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs, training=False):
        """Return ``amplitude`` times the firing rate in Hz, shaped as ``inputs``."""
        rates = soft_lif(
            inputs,
            tau_rc=self.tau_rc,
            tau_ref=self.tau_ref,
            amplitude=self.amplitude,
            sigma=self.sigma,
        )
        if training and self.noise is not None:
            rates = with_noise(rates, inputs, self.noise, self.amplitude, 1.0, self.seed_generator)
        return rates

    def compute_output_shape(self, input_shape):
        """Output has the shape of the input."""
        return input_shape

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {
            **super().get_config(),
            "tau_rc": self.tau_rc,
            "tau_ref": self.tau_ref,
            "amplitude": self.amplitude,
            "sigma": self.sigma,
            "noise": None if self.noise is None else self.noise.get_config(),
            "seed": self.seed,
        }


def noise_from(noise):
    """Return training noise given as an object, as its config, in Hz, or as ``None``."""
    if noise is None or isinstance(noise, GaussianNoise):
        return noise
    return GaussianNoise(**noise) if isinstance(noise, dict) else GaussianNoise(noise)
