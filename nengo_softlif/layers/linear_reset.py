"""Linear-reset LIF neurons as a Keras layer."""

from __future__ import annotations

import keras

from nengo_softlif.layers.curves import check_parameters, soft_lif, with_noise
from nengo_softlif.layers.soft_lif import noise_from

__all__ = ["LinearResetLIF"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class LinearResetLIF(keras.layers.Layer):
    r"""Activation layer with the rate curve of LIF neurons that reset by subtraction.

    Without leak a ReLU, :math:`r(J) = a \max(J, 0) / \tau_{rc}`; with leak the soft LIF curve
    without refractory period.

    Parameters
    ----------
    tau_rc : float
        Membrane time constant in seconds (> 0).
    leak : bool
        Whether the membrane leaks.
    amplitude : float
        Output per Hz of firing rate (> 0).
    sigma : float
        Smoothing width of the leaky curve, in units of the input (> 0).
    noise : GaussianNoise or float, optional
        Noise on firing rates while training; a number is its standard deviation in Hz.
    seed : int, optional
        Seed of the noise.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    References
    ----------
    .. [1] Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based Spiking Neural
       Networks and Its Mapping Relationship to Deep Neural Networks".

    Examples
    --------
    >>> import numpy as np
    >>> layer = LinearResetLIF(tau_rc=0.01, leak=False, amplitude=0.01)
    >>> float(layer(np.array([[2.0]], dtype="float32"))[0, 0])
    2.0
    """

    def __init__(
        self,
        tau_rc=0.02,
        leak=True,
        amplitude=1.0,
        sigma=0.02,
        noise=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_parameters(self.name, tau_rc=tau_rc, amplitude=amplitude, sigma=sigma)
        self.tau_rc = float(tau_rc)
        self.leak = bool(leak)
        self.amplitude = float(amplitude)
        self.sigma = float(sigma)
        self.noise = noise_from(noise)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs, training=False):
        """Return ``amplitude`` times the firing rate in Hz, shaped as ``inputs``."""
        if self.leak:
            rates = soft_lif(
                inputs,
                tau_rc=self.tau_rc,
                tau_ref=0.0,
                amplitude=self.amplitude,
                sigma=self.sigma,
            )
        else:
            rates = keras.ops.relu(inputs) * (self.amplitude / self.tau_rc)
        if training and self.noise is not None:
            threshold = 1.0 if self.leak else 0.0
            rates = with_noise(
                rates, inputs, self.noise, self.amplitude, threshold, self.seed_generator
            )
        return rates

    def compute_output_shape(self, input_shape):
        """Output has the shape of the input."""
        return input_shape

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {
            **super().get_config(),
            "tau_rc": self.tau_rc,
            "leak": self.leak,
            "amplitude": self.amplitude,
            "sigma": self.sigma,
            "noise": None if self.noise is None else self.noise.get_config(),
            "seed": self.seed,
        }
