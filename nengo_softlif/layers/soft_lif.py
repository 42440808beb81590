"""Soft LIF neurons as a Keras layer."""

from __future__ import annotations

import keras

from nengo_softlif.functional.inhibition import Inhibition
from nengo_softlif.functional.rates import soft_lif_rate
from nengo_softlif.layers.curves import inhibited_soft_lif, soft_lif
from nengo_softlif.layers.rate_layer import RateLayer
from nengo_softlif.validation import check_number, check_type

__all__ = ["SoftLIF"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class SoftLIF(RateLayer):
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
    noise : GaussianRateNoise, FilteredSpikeNoise or float, optional
        Noise on firing rates while training; a number is the standard deviation in Hz of
        `GaussianRateNoise`. It is independent between the samples of a batch, unless its
        ``antithetic`` is set; see `nengo_softlif.functional.noise`.
    rate_regularizer : FiringRateRegularizer, optional
        Penalty while training on rates above a target.
    seed : int, optional
        Seed of the noise.
    inhibition : Inhibition, optional
        The neurons of each group of channels inhibit each other: spike-frequency adaptation, or
        local response normalisation. The output is that of the steady state; in the network that
        `convert` makes, it is a connection of the neurons to themselves.
    **kwargs
        As for every Keras layer (``name``, ``dtype``, ...).

    Raises
    ------
    ParameterError
        If a parameter is out of range, or ``inhibition.n_channels`` does not divide the number of
        channels.

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
        rate_regularizer=None,
        seed=None,
        inhibition=None,
        **kwargs,
    ):
        super().__init__(tau_rc, amplitude, sigma, noise, rate_regularizer, seed, **kwargs)
        self.tau_ref = check_number(f"{self.name}.tau_ref", tau_ref, minimum=0, unit="seconds")
        self.inhibition = _inhibition(self.name, inhibition)

    threshold = 1.0

    def build(self, input_shape):
        """Check that the channels can be grouped."""
        if self.inhibition is not None:
            self.inhibition.check_channels(input_shape[-1], self.name)
        super().build(input_shape)

    @property
    def _parameters(self):
        return {
            "tau_rc": self.tau_rc,
            "tau_ref": self.tau_ref,
            "amplitude": self.amplitude,
            "sigma": self.sigma,
        }

    def curve(self, J):
        """Return ``amplitude`` times the soft LIF rate in Hz at the currents ``J``."""
        if self.inhibition is None:
            return soft_lif(J, **self._parameters)
        return inhibited_soft_lif(J, self.inhibition, **self._parameters)

    def fires(self, J, rates):
        """Return which neurons are above threshold; inhibition lowers the currents ``J``."""
        if self.inhibition is None:
            return super().fires(J, rates)
        return rates > float(soft_lif_rate(self.threshold, **self._parameters))

    def get_config(self):
        """Return everything that makes an equal layer."""
        inhibition = self.inhibition
        return {
            **super().get_config(),
            "tau_ref": self.tau_ref,
            "inhibition": None if inhibition is None else inhibition.get_config(),
        }


def _inhibition(layer, inhibition):
    """Return inhibition given as an object, as its config, or as ``None``."""
    if isinstance(inhibition, dict):
        return Inhibition(**inhibition)
    return check_type(
        f"{layer}.inhibition",
        inhibition,
        (Inhibition, type(None)),
        "give nengo_softlif.Inhibition(0.02), for instance",
    )
