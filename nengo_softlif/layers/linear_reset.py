"""Linear-reset LIF neurons as a Keras layer."""

from __future__ import annotations

import keras

from nengo_softlif.layers.curves import soft_lif
from nengo_softlif.layers.rate_layer import RateLayer
from nengo_softlif.validation import check_bool

__all__ = ["LinearResetLIF"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class LinearResetLIF(RateLayer):
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
    noise : GaussianRateNoise, FilteredSpikeNoise or float, optional
        Noise on firing rates while training; a number is the standard deviation in Hz of
        `GaussianRateNoise`. It is independent between the samples of a batch, unless its
        ``antithetic`` is set; see `nengo_softlif.functional.noise`.
    rate_regularizer : FiringRateRegularizer, optional
        Penalty while training on rates above a target.
    seed : int, optional
        Seed of the noise.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
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
        rate_regularizer=None,
        seed=None,
        **kwargs,
    ):
        super().__init__(tau_rc, amplitude, sigma, noise, rate_regularizer, seed, **kwargs)
        self.leak = check_bool(f"{self.name}.leak", leak)

    @property
    def threshold(self):
        """Without leak any positive current makes the neurons fire."""
        return 1.0 if self.leak else 0.0

    def curve(self, J):
        """Return ``amplitude`` times the rate in Hz at the currents ``J``."""
        if not self.leak:
            return keras.ops.relu(J) * (self.amplitude / self.tau_rc)
        return soft_lif(
            J,
            tau_rc=self.tau_rc,
            tau_ref=0.0,
            amplitude=self.amplitude,
            sigma=self.sigma,
        )

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {**super().get_config(), "leak": self.leak}
