"""The network of Diehl & Cook (2015), whose neurons learn prototypes of images without labels."""

from __future__ import annotations

import math

import nengo
import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.learning_rules import TripletSTDP, WeightNormalization
from nengo_softlif.networks.inhibition import LateralInhibition
from nengo_softlif.networks.learned import learned_weights
from nengo_softlif.networks.populations import population
from nengo_softlif.neurons import SpikingDiscreteLIF
from nengo_softlif.validation import (
    check_bool,
    check_integer,
    check_number,
    check_numbers,
    check_seconds,
    check_steps,
)

__all__ = ["DiehlCook"]

# Diehl & Cook (2015), table 1 and section 2; voltages in mV above rest
TAU_RC, TAU_REF = 0.1, 0.005
THRESHOLD, RISE, TAU_RISE = 13.0, 0.05, 1e4
# Ours, for currents in the place of their conductances
GAIN, INHIBITION, MIN_VOLTAGE = 0.65, 120.0, -35.0
TOTAL_WEIGHT = 0.1  # of each output, a fraction of what it would be with all weights at 1
HIGHEST_INITIAL_WEIGHT = 0.3


class DiehlCook(nengo.Network):
    r"""Winner-take-all network that learns without labels: STDP, inhibition, adaptive thresholds.

    Poisson neurons, one for each pixel, excite output neurons through weights that learn. An output
    that spikes inhibits all others, so that one or a few fire for an image, and only their weights
    move towards it. Two kinds of homeostasis let every neuron get its turn: the threshold of a
    neuron rises with each of its spikes, and the weights to each neuron keep their sum.

    Outputs are LIF neurons in discrete time. Their voltage v above rest, in mV, follows

    .. math::

       v_i \leftarrow \max\Bigl(e^{-dt / \tau_{rc}} v_i + g \sum_j w_{ij} s_j
       - h \sum_{k \ne i} s_k, v_{min}\Bigr), \quad \text{spike where } v_i \ge 13 + \theta_i,
       \quad \theta_i \leftarrow e^{-dt / \tau_\theta} \theta_i + 0.05 \, [\text{spike}]

    with :math:`\tau_{rc}` = 100 ms, :math:`\tau_\theta = 10^4` s, 5 ms of refractory period,
    g = 0.65 and :math:`v_{min}` = -35. The time constants, thresholds and the rule are those of the
    paper. Its synapses are conductances and its inhibition has neurons of its own; here both are
    changes of the voltage.

    Parameters
    ----------
    n_inputs, n_outputs : int
        Numbers of pixels and of neurons that learn.
    weights : (n_outputs, n_inputs) array_like, optional
        From 0 to 1; by default uniform between 0 and 0.3.
    threshold_rises : (n_outputs,) array_like, optional
        :math:`\theta` at the beginning in mV (>= 0), zeros by default.
    frozen : bool
        Whether weights and thresholds stay as they are.
    inhibition : float
        h, in mV (>= 0).
    dt : float
        Step in seconds of the simulator that is going to run the network.
    label : str, optional
    seed : int, optional
        Of the default weights, and of the Poisson neurons.

    Attributes
    ----------
    stimulus : nengo.Node
        Firing rates of the inputs in Hz. The paper's are up to 63.75 Hz for a white pixel.
    inputs, outputs : nengo.Ensemble
    connection : nengo.Connection
        From inputs to outputs, with the rule `TripletSTDP.diehl_cook`.
    inhibition : LateralInhibition
    normalization : WeightNormalization
        To a mean weight of 0.1.
    spikes : nengo.Probe
        Of the outputs, 1 where there is a spike.

    Raises
    ------
    ParameterError
        If an argument is of the wrong shape or out of range.

    References
    ----------
    .. [1] Diehl & Cook (2015), "Unsupervised learning of digit recognition using
       spike-timing-dependent plasticity".

    Examples
    --------
    >>> import nengo_softlif as nsl
    >>> circuit = DiehlCook(n_inputs=64, n_outputs=10, seed=0)
    >>> with nsl.Simulator(circuit, progress_bar=False) as sim:
    ...     for _ in range(3):
    ...         spike_counts = circuit.present(sim, np.full(64, 60.0))
    ...     weights = circuit.weights(sim)
    >>> spike_counts.shape, weights.shape
    ((10,), (10, 64))
    """

    def __init__(
        self,
        n_inputs=784,
        n_outputs=100,
        *,
        weights=None,
        threshold_rises=None,
        frozen=False,
        inhibition=INHIBITION,
        dt=0.001,
        label=None,
        seed=None,
    ):
        n_inputs = check_integer("n_inputs", n_inputs, minimum=1)
        n_outputs = check_integer("n_outputs", n_outputs, minimum=1)
        frozen = check_bool("frozen", frozen)
        inhibition = check_number("inhibition", inhibition, minimum=0, unit="mV")
        self.dt = check_seconds("dt", dt)
        if weights is None:
            shape = (n_outputs, n_inputs)
            weights = np.random.default_rng(seed).uniform(0, HIGHEST_INITIAL_WEIGHT, shape)
        weights = check_numbers("weights", weights, minimum=0, maximum=1)
        _check_shape("weights", weights, (n_outputs, n_inputs))
        if threshold_rises is None:
            threshold_rises = np.zeros(n_outputs)
        rises = check_numbers("threshold_rises", threshold_rises, minimum=0, unit="mV")
        _check_shape("threshold_rises", rises, (n_outputs,))
        super().__init__(label=label, seed=seed)
        poisson = nengo.PoissonSpiking(nengo.RectifiedLinear(), amplitude=self.dt)
        with self:
            self.stimulus = nengo.Node(np.zeros(n_inputs), label="firing rates")
            self.inputs = population(n_inputs, poisson, "inputs")
            kind = _outputs(self.dt, rises, frozen)
            self.outputs = population(n_outputs, kind, "outputs", gain=GAIN)
            nengo.Connection(self.stimulus, self.inputs.neurons, synapse=None)
            self.connection = nengo.Connection(
                self.inputs.neurons,
                self.outputs.neurons,
                transform=weights,
                synapse=None,
                learning_rule_type=TripletSTDP.diehl_cook(frozen=frozen),
            )
            self.inhibition = LateralInhibition(
                self.outputs.neurons, inhibition / GAIN, label="inhibition"
            )
            self.spikes = nengo.Probe(self.outputs.neurons)
        self.normalization = WeightNormalization(self.connection, TOTAL_WEIGHT * n_inputs)

    def present(self, sim, rates, presentation_time=0.35):
        """Show one sample, from the resting state, and learn from it unless the network is frozen.

        Weights are normalised before. What the probes recorded is cleared.

        Parameters
        ----------
        sim : nengo_softlif.Simulator or nengo.Simulator
            Of this network, or of one that it is a part of.
        rates : (n_inputs,) array_like
            Firing rates of the inputs in Hz.
        presentation_time : float
            In seconds.

        Returns
        -------
        spike_counts : (n_outputs,) ndarray
            Of the outputs.

        Raises
        ------
        ParameterError
            If the simulator is of another network or another step, or rates are no such numbers.
        """
        if "voltage" not in sim.model.sig[self.outputs.neurons] or not hasattr(sim, "signals"):
            raise ParameterError(
                f"sim must be a nengo.Simulator or nengo_softlif.Simulator of this network (got "
                f"{sim!r}); build one of these two with it"
            )
        if not math.isclose(sim.dt, self.dt):
            raise ParameterError(
                f"the simulator's dt must be that of the network, {self.dt:g} s (got {sim.dt:g}); "
                f"build the simulator with dt={self.dt:g}, or the network with dt={sim.dt:g}"
            )
        n_steps = check_steps("presentation_time", presentation_time, sim.dt)
        rates = check_numbers("rates", rates, minimum=0, unit="Hz")
        _check_shape("rates", rates, (self.inputs.n_neurons,))
        self._rest(sim)
        if not self.connection.learning_rule_type.frozen:
            self.normalization(sim)
        sim.signals[sim.model.sig[self.stimulus]["out"]][...] = rates
        sim.clear_probes()
        sim.run_steps(n_steps)
        return np.rint(sim.data[self.spikes].sum(axis=0)).astype(int)

    def weights(self, sim):
        """Weights of the moment.

        Parameters
        ----------
        sim : nengo_softlif.Simulator or nengo.Simulator

        Returns
        -------
        weights : (n_outputs, n_inputs) ndarray
        """
        return learned_weights(sim, self.connection)

    def threshold_rises(self, sim):
        """By how much the thresholds have risen.

        Parameters
        ----------
        sim : nengo_softlif.Simulator or nengo.Simulator

        Returns
        -------
        rises : (n_outputs,) ndarray
            In mV.
        """
        signals = sim.model.sig[self.outputs.neurons]
        return sim.signals[signals["adaptation_strength"]] * sim.signals[signals["adaptation"]]

    def _rest(self, sim):
        """Forget what the last sample left, as a long pause would: voltages, traces, inhibition."""
        sig = sim.model.sig
        rule = self.connection.learning_rule
        neurons = sig[self.outputs.neurons]
        signals = [
            neurons["voltage"],
            neurons["refractory"],
            sig[self.inhibition.from_all]["weighted"],
            sig[self.inhibition.to_self]["weighted"],
        ]
        if not rule.learning_rule_type.frozen:
            signals += [sig[rule][trace] for trace in rule.learning_rule_type.probeable]
        for signal in signals:
            sim.signals[signal][...] = 0


def _check_shape(name, array, shape):
    if array.shape != shape:
        raise ParameterError(f"{name} must be of shape {shape} (got {array.shape})")


def _outputs(dt, rises, frozen):
    # the threshold rises by the strength times the fraction of the adaptation that a spike adds
    strength = RISE / -math.expm1(-dt / TAU_RISE)
    return SpikingDiscreteLIF(
        decay=math.exp(-dt / TAU_RC),
        threshold=THRESHOLD,
        refractory_steps=round(TAU_REF / dt),
        min_voltage=MIN_VOLTAGE,
        adaptation_strength=strength,
        adaptation_decay=1.0 if frozen else math.exp(-dt / TAU_RISE),
        amplitude=dt,
        initial_state={"adaptation": rises / strength},
    )
