"""LIF neurons in discrete time, as networks are trained with that are spikes from the start."""

from __future__ import annotations

import numpy as np
from nengo.dists import Choice
from nengo.neurons import NeuronType, settled_firingrate
from nengo.params import EnumParam, IntParam

from nengo_softlif.functional.discrete_lif import (
    adapt,
    integrate,
    reset_by_subtraction,
    reset_to_zero,
)
from nengo_softlif.functional.fixed_point import HIGHEST_VOLTAGE, integrate_fixed
from nengo_softlif.neurons.params import FiniteParam, FloorParam

__all__ = ["SpikingDiscreteLIF"]

RESETS = {"zero": reset_to_zero, "subtract": reset_by_subtraction}
_OF_EACH_NEURON = ("decay", "threshold", "adaptation_strength")
_RATE_DT = 0.001  # a rate in Hz needs a step in seconds


class SpikingDiscreteLIF(NeuronType):
    r"""LIF neuron of a digital spiking network: one update a step, however long the step is.

    .. math::

       v \leftarrow \max(\beta v + J, v_{min}); \text{ spike where } v \ge s + \gamma a;
       \text{ then reset}; \quad a \leftarrow \rho a + (1 - \rho) [\text{spike}]

    With ``adaptation_strength`` it is the ALIF neuron of LSNNs. The equations are those of
    `nengo_softlif.functional.discrete_lif`, and of the Keras layer
    `nengo_softlif.layers.DiscreteLIF`, which trains them.

    Parameters
    ----------
    decay : float
        Fraction :math:`\beta` of the voltage that is left after a step, from 0 (no memory) to 1 (no
        leak).
    threshold : float
        Voltage s of a spike (> 0).
    reset : {"zero", "subtract"}
        Reset to zero (hard reset), or by subtraction of the threshold (soft reset).
    refractory_steps : int
        Steps after a spike in which the neuron ignores its input (>= 0).
    min_voltage : float
        Floor of the membrane voltage (<= 0; ``-np.inf`` for none).
    adaptation_strength : float
        By how much the threshold rises (:math:`\gamma`) if the neuron fires in every step (>= 0).
    adaptation_decay : float
        Fraction :math:`\rho` of the adaptation that is left after a step, from 0 to 1.
    amplitude : float
        Height of a spike is ``amplitude / dt`` (> 0). With ``amplitude=dt`` spikes are ones, as in
        Keras.
    fraction_bits : int, optional
        Computes as Loihi does: voltages are integers of 23 bits and a sign, with so many of the
        bits after the point (from 0 to 23), and the leak rounds them towards zero. ``decay`` is
        then a multiple of 1 / 4096; see `nengo_softlif.functional.fixed_point`.
    initial_state : dict, optional
        Initial ``voltage``, ``refractory`` (steps left) and ``adaptation``, zeros by default; and
        ``decay``, ``threshold`` and ``adaptation_strength`` of each neuron, where they differ.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range.

    References
    ----------
    .. [1] Bondarev, "Training a digital model of a deep spiking neural network using
       backpropagation", equations 3 to 6.
    .. [2] Bellec et al. (2018), "Long short-term memory and learning-to-learn in networks of
       spiking neurons".

    Examples
    --------
    >>> import nengo
    >>> with nengo.Network() as net:
    ...     neurons = nengo.Ensemble(
    ...         1, 1, neuron_type=SpikingDiscreteLIF(decay=0.5), gain=[1], bias=[0.6]
    ...     ).neurons
    ...     voltages = nengo.Probe(neurons, "voltage")
    >>> with nengo.Simulator(net, progress_bar=False) as sim:
    ...     sim.run_steps(4)
    >>> sim.data[voltages].ravel().round(3)
    array([0.6, 0.9, 0. , 0.6])
    """

    negative = False
    spiking = True
    state = {
        "voltage": Choice([0]),
        "refractory": Choice([0]),
        "adaptation": Choice([0]),
        "decay": Choice([np.nan]),  # see make_state
        "threshold": Choice([np.nan]),
        "adaptation_strength": Choice([np.nan]),
    }

    decay = FiniteParam("decay", low=0, high=1)
    threshold = FiniteParam("threshold", low=0, low_open=True)
    reset = EnumParam("reset", values=tuple(RESETS))
    refractory_steps = IntParam("refractory_steps", low=0)
    min_voltage = FloorParam("min_voltage", high=0)
    adaptation_strength = FiniteParam("adaptation_strength", low=0)
    adaptation_decay = FiniteParam("adaptation_decay", low=0, high=1)
    amplitude = FiniteParam("amplitude", low=0, low_open=True)
    fraction_bits = IntParam("fraction_bits", low=0, high=23, optional=True)

    def __init__(
        self,
        decay=0.9,
        threshold=1.0,
        reset="zero",
        refractory_steps=0,
        min_voltage=-np.inf,
        adaptation_strength=0.0,
        adaptation_decay=0.99,
        amplitude=1.0,
        fraction_bits=None,
        initial_state=None,
    ):
        super().__init__(initial_state)
        self.decay = decay
        self.threshold = threshold
        self.reset = reset
        self.refractory_steps = refractory_steps
        self.min_voltage = min_voltage
        self.adaptation_strength = adaptation_strength
        self.adaptation_decay = adaptation_decay
        self.amplitude = amplitude
        self.fraction_bits = fraction_bits

    @property
    def unit(self):
        """Voltage of the last bit, or 0 in floating point."""
        return 0.0 if self.fraction_bits is None else 2.0**-self.fraction_bits

    @property
    def highest_voltage(self):
        """Largest voltage, infinite in floating point."""
        return np.inf if self.fraction_bits is None else HIGHEST_VOLTAGE * self.unit

    def make_state(self, n_neurons, rng=np.random, dtype=None):
        """Return the initial value of each state variable, as in all Nengo neuron types.

        Parameters that differ by neuron are among them, constant, so that every simulator can merge
        populations that differ in them.
        """
        state = super().make_state(n_neurons, rng=rng, dtype=dtype)
        for name in _OF_EACH_NEURON:
            if name not in (self.initial_state or {}):
                state[name][...] = getattr(self, name)
        return state

    def rates(self, x, gain, bias):
        """Mean output over 200 steps of 1 ms with a constant input, after 100 to settle.

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
        J = self.current(x, gain, bias)
        names = ("output", "voltage", "refractory", "adaptation")
        state = {name: np.zeros_like(J) for name in names}
        state |= {name: np.full_like(J, getattr(self, name)) for name in _OF_EACH_NEURON}
        return settled_firingrate(self.step, J, state, dt=_RATE_DT, settle_time=0.1, sim_time=0.2)

    def max_rates_intercepts(self, gain, bias):
        """Rates at ``x = 1`` and intercepts.

        Parameters
        ----------
        gain, bias : (n_neurons,) array_like
            With ``J = gain * x + bias``.

        Returns
        -------
        max_rates : (n_neurons,) ndarray
            In Hz, see `rates`.
        intercepts : (n_neurons,) ndarray
            Values of ``x`` above which the voltage gets to the threshold.
        """
        gain, bias = np.asarray(gain, dtype=float), np.asarray(bias, dtype=float)
        return self.rates(1, gain, bias)[0], ((1 - self.decay) * self.threshold - bias) / gain

    def step(
        self,
        dt,
        J,
        output,
        voltage,
        refractory,
        adaptation,
        decay,
        threshold,
        adaptation_strength,
    ):
        """Advance by one step and write spikes into ``output``."""
        active = refractory <= 0
        np.maximum(refractory - 1, 0, out=refractory)
        v = np.where(active, self._integrate(J, voltage, decay), voltage)
        raised = threshold + adaptation_strength * adaptation
        spiked = active & (v >= raised)
        output[...] = spiked * (self.amplitude / dt)
        voltage[...] = RESETS[self.reset](v, spiked, raised)
        refractory[spiked] = self.refractory_steps
        adaptation[...] = adapt(
            adaptation, spiked, self.adaptation_decay, 1 - self.adaptation_decay
        )

    def _integrate(self, J, voltage, decay):
        if self.fraction_bits is None:
            return integrate(J, voltage, decay, self.min_voltage)
        floor = max(self.min_voltage, -self.highest_voltage)
        return integrate_fixed(J, voltage, decay, floor, self.unit, self.highest_voltage)
