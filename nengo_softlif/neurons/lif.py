"""The spiking LIF neuron that trains as a soft LIF."""

from __future__ import annotations

import nengo
import numpy as np

from nengo_softlif.functional.rates import lif_rate
from nengo_softlif.neurons.params import FiniteParam, FloorParam, NoiseParam

__all__ = ["SpikingLIF"]


class SpikingLIF(nengo.LIF):
    r"""Leaky integrate-and-fire neuron that spikes when run and trains as `SoftLIFRate`.

    .. math:: \tau_{rc} \frac{dv}{dt} = J - v; \text{ spike at } v = 1,
              \text{ then } v = 0 \text{ for } \tau_{ref}

    It steps exactly as `nengo.LIF`. In NengoDL its training pass is the soft LIF curve with
    ``sigma`` and ``noise``.

    Parameters
    ----------
    tau_rc : float
        Membrane time constant in seconds (> 0).
    tau_ref : float
        Refractory period in seconds (>= 0).
    min_voltage : float
        Floor of the membrane voltage (<= 0; ``-np.inf`` for none).
    amplitude : float
        Height of a spike is ``amplitude / dt`` (> 0).
    sigma : float
        Smoothing width of the training curve, in units of the input current (> 0).
    noise : GaussianRateNoise or FilteredSpikeNoise, optional
        Noise on the firing rate while training in NengoDL. Never added when running.
    initial_state : dict, optional
        Initial ``voltage`` and ``refractory_time``, as in `nengo.LIF`.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic
       Hardware", equations 1 to 3.

    Examples
    --------
    >>> import nengo
    >>> with nengo.Network() as net:
    ...     neurons = nengo.Ensemble(10, 1, neuron_type=SpikingLIF(sigma=0.05)).neurons
    """

    tau_rc = FiniteParam("tau_rc", low=0, low_open=True)
    tau_ref = FiniteParam("tau_ref", low=0)
    min_voltage = FloorParam("min_voltage", high=0)
    amplitude = FiniteParam("amplitude", low=0, low_open=True)
    sigma = FiniteParam("sigma", low=0, low_open=True)
    noise = NoiseParam("noise", optional=True)

    def __init__(
        self,
        tau_rc=0.02,
        tau_ref=0.002,
        min_voltage=0,
        amplitude=1,
        sigma=0.02,
        noise=None,
        initial_state=None,
    ):
        super().__init__(
            tau_rc=tau_rc,
            tau_ref=tau_ref,
            min_voltage=min_voltage,
            amplitude=amplitude,
            initial_state=initial_state,
        )
        self.sigma = sigma
        self.noise = noise

    def max_rates_intercepts(self, gain, bias):
        """Rates at ``x = 1`` and intercepts, inverse of `gain_bias`.

        Other than in `nengo.LIF`, a neuron that stays silent at ``x = 1`` has a rate of 0 there,
        not NaN and a warning. In converted networks that is the rule.

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
        gain, bias = np.asarray(gain, dtype=float), np.asarray(bias, dtype=float)
        max_rates = lif_rate(gain + bias, tau_rc=self.tau_rc, tau_ref=self.tau_ref)
        return max_rates, (1 - bias) / gain
