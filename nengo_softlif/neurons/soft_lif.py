"""The soft LIF rate neuron."""

from __future__ import annotations

import numpy as np
from nengo.exceptions import ValidationError
from nengo.neurons import LIFRate

from nengo_softlif.functional.curves import soft_lif_rate_and_slope
from nengo_softlif.functional.rates import soft_lif_current
from nengo_softlif.neurons.params import FiniteParam, NoiseParam

__all__ = ["SoftLIFRate"]


class SoftLIFRate(LIFRate):
    r"""Rate neuron with the LIF curve, smoothed around the threshold.

    .. math:: r(J) = a / [\tau_{ref} + \tau_{rc} \log(1 + 1/\rho(J - 1))], \quad
              \rho(x) = \sigma \log(1 + e^{x / \sigma})

    Its derivative is bounded, so that networks of it can be trained by gradient descent; then
    `LIF` neurons take its place. Unlike `nengo.LIFRate` it has a small output below threshold,
    which is what lets silent neurons learn.

    Parameters
    ----------
    tau_rc : float
        Membrane time constant in seconds (> 0).
    tau_ref : float
        Refractory period in seconds (>= 0).
    amplitude : float
        Output per Hz of firing rate (> 0).
    sigma : float
        Smoothing width in units of the input current (> 0).
    noise : GaussianRateNoise or FilteredSpikeNoise, optional
        Noise on the firing rate while training in NengoDL. Never added when running.
    initial_state : dict, optional
        As in all Nengo neuron types (this one has no state).

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic
       Hardware", section 2.2.

    Examples
    --------
    >>> round(float(SoftLIFRate().rates(2.0, gain=[1.0], bias=[0.0])[0, 0]), 2)
    63.04
    """

    tau_rc = FiniteParam("tau_rc", low=0, low_open=True)
    tau_ref = FiniteParam("tau_ref", low=0)
    amplitude = FiniteParam("amplitude", low=0, low_open=True)
    sigma = FiniteParam("sigma", low=0, low_open=True)
    noise = NoiseParam("noise", optional=True)

    def __init__(
        self,
        tau_rc=0.02,
        tau_ref=0.002,
        amplitude=1,
        sigma=0.02,
        noise=None,
        initial_state=None,
    ):
        super().__init__(
            tau_rc=tau_rc, tau_ref=tau_ref, amplitude=amplitude, initial_state=initial_state
        )
        self.sigma = sigma
        self.noise = noise

    def gain_bias(self, max_rates, intercepts):
        """Gain and bias for which J is 1 at the intercept and the rate is ``max_rates`` at 1.

        Parameters
        ----------
        max_rates : (n_neurons,) array_like
            Firing rates at ``x = 1`` in Hz; above 0 and below ``1 / tau_ref``.
        intercepts : (n_neurons,) array_like
            Values of ``x`` at which the current reaches the threshold; below 1.

        Returns
        -------
        gain, bias : (n_neurons,) ndarray
            With ``J = gain * x + bias``.
        """
        max_rates = np.atleast_1d(np.asarray(max_rates, dtype=float))
        intercepts = np.atleast_1d(np.asarray(intercepts, dtype=float))
        try:
            J_max = soft_lif_current(
                max_rates, tau_rc=self.tau_rc, tau_ref=self.tau_ref, sigma=self.sigma
            )
        except ValueError as err:
            top = 1 / self.tau_ref if self.tau_ref > 0 else np.inf
            raise ValidationError(
                f"Max rates must be below the inverse refractory period ({top:0.3f}) and above "
                f"zero (got {max_rates})",
                attr="max_rates",
                obj=self,
            ) from err
        gain = (J_max - 1) / (1 - intercepts)
        return gain, 1 - gain * intercepts

    def max_rates_intercepts(self, gain, bias):
        """Rates at ``x = 1`` and intercepts, inverse of `gain_bias`.

        Parameters
        ----------
        gain, bias : (n_neurons,) array_like
            With ``J = gain * x + bias``.

        Returns
        -------
        max_rates : (n_neurons,) ndarray
            In Hz.
        intercepts : (n_neurons,) ndarray
            Values of ``x`` at which the current reaches the threshold.
        """
        gain = np.asarray(gain, dtype=float)
        bias = np.asarray(bias, dtype=float)
        return self._curve(gain + bias, amplitude=1.0), (1 - bias) / gain

    def rates(self, x, gain, bias):
        """Output for normalized input.

        Parameters
        ----------
        x : (n_samples,) or (n_samples, n_neurons) array_like
            Input before gain and bias.
        gain, bias : (n_neurons,) array_like
            With ``J = gain * x + bias``.

        Returns
        -------
        rates : (n_samples, n_neurons) ndarray
            ``amplitude`` times the firing rate in Hz.
        """
        return self._curve(self.current(x, gain, bias), amplitude=self.amplitude)

    def step(self, dt, J, output):
        """Write ``amplitude`` times the rate in Hz at current ``J`` into ``output``."""
        output[...] = self._curve(J, amplitude=self.amplitude)

    def _curve(self, J, amplitude):
        rates, _ = soft_lif_rate_and_slope(
            J,
            tau_rc=self.tau_rc,
            tau_ref=self.tau_ref,
            amplitude=amplitude,
            sigma=self.sigma,
        )
        return rates
