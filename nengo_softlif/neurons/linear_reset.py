"""LIF neurons that subtract the threshold at a spike, and their rate curve."""

from __future__ import annotations

import numpy as np
from nengo.dists import Uniform
from nengo.exceptions import ValidationError
from nengo.neurons import NeuronType
from nengo.params import BoolParam

from nengo_softlif.functional.rates import (
    linear_reset_lif_current,
    linear_reset_lif_rate,
    soft_lif_rate,
)
from nengo_softlif.neurons.params import FiniteParam, FloorParam, NoiseParam

__all__ = ["LinearResetLIFRate", "SpikingLinearResetLIF"]


class LinearResetLIFRate(NeuronType):
    r"""Rate neuron with the curve of a `SpikingLinearResetLIF`.

    With leak it is the soft LIF curve without refractory period,

    .. math:: r(J) = a / [\tau_{rc} \log(1 + 1/\rho(J - 1))], \quad
              \rho(x) = \sigma \log(1 + e^{x / \sigma}),

    and without leak a rectified line, :math:`r(J) = a \max(J, 0) / \tau_{rc}`: the ReLU.

    Parameters
    ----------
    tau_rc : float
        Membrane time constant in seconds (> 0).
    leak : bool
        Whether the membrane leaks.
    amplitude : float
        Output per Hz of firing rate (> 0).
    sigma : float
        Smoothing width around the threshold of the leaky curve, in units of the input
        current (> 0). The rectified line needs none.
    noise : GaussianRateNoise or FilteredSpikeNoise, optional
        Noise on the firing rate while training in NengoDL. Never added when running.
    initial_state : dict, optional
        As in all Nengo neuron types.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range.

    References
    ----------
    .. [1] Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based Spiking Neural
       Networks and Its Mapping Relationship to Deep Neural Networks".

    Examples
    --------
    >>> LinearResetLIFRate(tau_rc=0.01, leak=False).rates([-1.0, 2.0], gain=[1.0], bias=[0.0])
    array([[  0.],
           [200.]])
    """

    negative = False

    tau_rc = FiniteParam("tau_rc", low=0, low_open=True)
    leak = BoolParam("leak")
    amplitude = FiniteParam("amplitude", low=0, low_open=True)
    sigma = FiniteParam("sigma", low=0, low_open=True)
    noise = NoiseParam("noise", optional=True)

    def __init__(
        self,
        tau_rc=0.02,
        leak=True,
        amplitude=1,
        sigma=0.02,
        noise=None,
        initial_state=None,
    ):
        super().__init__(initial_state)
        self.tau_rc = tau_rc
        self.leak = leak
        self.amplitude = amplitude
        self.sigma = sigma
        self.noise = noise

    @property
    def threshold(self):
        """Current at which the neuron starts to fire: 1 with leak, 0 without."""
        return 1.0 if self.leak else 0.0

    def gain_bias(self, max_rates, intercepts):
        """Gain and bias for which J reaches threshold at the intercept, ``max_rates`` at 1.

        Parameters
        ----------
        max_rates : (n_neurons,) array_like
            Firing rates at ``x = 1`` in Hz (> 0).
        intercepts : (n_neurons,) array_like
            Values of ``x`` at which the neuron starts to fire; below 1.

        Returns
        -------
        gain, bias : (n_neurons,) ndarray
            With ``J = gain * x + bias``.
        """
        max_rates = np.atleast_1d(np.asarray(max_rates, dtype=float))
        intercepts = np.atleast_1d(np.asarray(intercepts, dtype=float))
        try:
            J_max = linear_reset_lif_current(max_rates, tau_rc=self.tau_rc, leak=self.leak)
        except ValueError as err:
            raise ValidationError(str(err), attr="max_rates", obj=self) from err
        gain = (J_max - self.threshold) / (1 - intercepts)
        return gain, self.threshold - gain * intercepts

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
            Values of ``x`` at which the neuron starts to fire.
        """
        gain = np.asarray(gain, dtype=float)
        bias = np.asarray(bias, dtype=float)
        max_rates = linear_reset_lif_rate(gain + bias, tau_rc=self.tau_rc, leak=self.leak)
        return max_rates, (self.threshold - bias) / gain

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
        return self._training_curve(self.current(x, gain, bias))

    def step(self, dt, J, output):
        """Write ``amplitude`` times the rate in Hz at current ``J`` into ``output``."""
        output[...] = self._training_curve(J)

    def _training_curve(self, J):
        if self.leak:
            return soft_lif_rate(
                J, tau_rc=self.tau_rc, tau_ref=0, amplitude=self.amplitude, sigma=self.sigma
            )
        return linear_reset_lif_rate(J, tau_rc=self.tau_rc, leak=False, amplitude=self.amplitude)


class SpikingLinearResetLIF(LinearResetLIFRate):
    r"""LIF neuron whose voltage drops by the threshold at a spike, so no charge is lost.

    In a step of ``dt``, with leak and without,

    .. math:: v \leftarrow J + (v - J) e^{-dt / \tau_{rc}} \quad\text{or}\quad
              v \leftarrow v + J \, dt / \tau_{rc},

    then :math:`v \leftarrow \max(v, v_{min})`; where :math:`v \ge 1` there is one spike and
    :math:`v \leftarrow v - 1`. The overshoot above the threshold is kept, current of either
    sign is integrated, and a neuron spikes at most once in a step. In NengoDL it trains as
    `LinearResetLIFRate`.

    Parameters
    ----------
    tau_rc : float
        Membrane time constant in seconds (> 0).
    leak : bool
        Whether the membrane leaks. Without leak the neuron maps onto a ReLU.
    min_voltage : float
        Floor of the membrane voltage (<= 0). The default, ``-np.inf``, remembers all
        inhibition; 0 forgets it at once, as `nengo.SpikingRectifiedLinear` does.
    amplitude : float
        Height of a spike is ``amplitude / dt`` (> 0).
    sigma, noise
        Of the training curve, see `LinearResetLIFRate`.
    initial_state : dict, optional
        Initial ``voltage``; uniform between 0 and 1 by default.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range.

    References
    ----------
    .. [1] Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based Spiking Neural
       Networks and Its Mapping Relationship to Deep Neural Networks".

    Examples
    --------
    Half a threshold of charge a step makes a spike every second step:

    >>> voltage, output = np.zeros(1), np.zeros(1)
    >>> neuron = SpikingLinearResetLIF(tau_rc=0.001, leak=False)
    >>> spikes = []
    >>> for _ in range(4):
    ...     neuron.step(dt=0.001, J=np.array([0.5]), output=output, voltage=voltage)
    ...     spikes.append(float(output[0]))
    >>> spikes
    [0.0, 1000.0, 0.0, 1000.0]
    """

    state = {"voltage": Uniform(low=0, high=1)}
    spiking = True

    min_voltage = FloorParam("min_voltage", high=0)

    def __init__(
        self,
        tau_rc=0.02,
        leak=True,
        min_voltage=-np.inf,
        amplitude=1,
        sigma=0.02,
        noise=None,
        initial_state=None,
    ):
        super().__init__(
            tau_rc=tau_rc,
            leak=leak,
            amplitude=amplitude,
            sigma=sigma,
            noise=noise,
            initial_state=initial_state,
        )
        self.min_voltage = min_voltage

    def rates(self, x, gain, bias):
        """Output for normalized input, by the hard curve that the spikes follow.

        Parameters and shapes as in `LinearResetLIFRate.rates`.
        """
        return linear_reset_lif_rate(
            self.current(x, gain, bias),
            tau_rc=self.tau_rc,
            leak=self.leak,
            amplitude=self.amplitude,
        )

    def step(self, dt, J, output, voltage):
        """Advance ``voltage`` by ``dt`` seconds and write spikes into ``output``."""
        if self.leak:
            voltage -= (J - voltage) * np.expm1(-dt / self.tau_rc)
        else:
            voltage += J * (dt / self.tau_rc)
        np.maximum(voltage, self.min_voltage, out=voltage)
        spiked = voltage >= 1
        output[...] = spiked * (self.amplitude / dt)
        voltage -= spiked
