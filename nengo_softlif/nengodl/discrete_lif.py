"""TensorFlow step of the discrete-time LIF neurons."""

from types import SimpleNamespace

import tensorflow as tf

from nengo_softlif.functional.discrete_lif import (
    adapt,
    integrate,
    reset_by_subtraction,
    reset_to_zero,
)
from nengo_softlif.functional.fixed_point import integrate_fixed
from nengo_softlif.nengodl.builder import NeuronBuilder

__all__ = ["DiscreteLIFBuilder"]

_TENSORFLOW = SimpleNamespace(
    maximum=tf.maximum,
    minimum=tf.minimum,
    round=tf.round,
    trunc=lambda x: tf.sign(x) * tf.floor(tf.abs(x)),
)


class DiscreteLIFBuilder(NeuronBuilder):
    """Builds `nengo_softlif.SpikingDiscreteLIF`; no gradient flows through its spikes."""

    state_names = (
        "voltage",
        "refractory",
        "adaptation",
        "decay",
        "threshold",
        "adaptation_strength",
    )

    def build_pre(self, signals, config):
        """Read the parameters."""
        super().build_pre(signals, config)
        self.spike_height = self.amplitude / tf.constant(self.dt, self.dtype)
        self.refractory_steps = self.constant(lambda neurons: neurons.refractory_steps)
        self.min_voltage = self.constant(
            lambda neurons: max(neurons.min_voltage, -neurons.highest_voltage)
        )
        self.highest = self.constant(lambda neurons: neurons.highest_voltage)
        self.is_fixed = self.per_neuron(lambda neurons: neurons.fraction_bits is not None)
        self.unit = self.constant(lambda neurons: neurons.unit or 1.0)
        self.adaptation_decay = self.constant(lambda neurons: neurons.adaptation_decay)
        self.adaptation_rise = self.constant(lambda neurons: 1 - neurons.adaptation_decay)
        self.subtracts = self.constant(lambda neurons: neurons.reset == "subtract") > 0

    def step(self, J, voltage, refractory, adaptation, decay, threshold, strength):
        """Advance by one step."""
        J, voltage = tf.stop_gradient(J), tf.stop_gradient(voltage)
        zero = tf.zeros((), self.dtype)
        active = refractory <= zero
        v = tf.where(active, self._integrate(J, voltage, decay), voltage)
        raised = threshold + strength * adaptation
        spiked = tf.logical_and(active, v >= raised)
        spike = tf.cast(spiked, self.dtype)
        voltage = tf.where(
            self.subtracts, reset_by_subtraction(v, spike, raised), reset_to_zero(v, spike, raised)
        )
        refractory = tf.where(spiked, self.refractory_steps, tf.maximum(refractory - 1, zero))
        adaptation = adapt(adaptation, spike, self.adaptation_decay, self.adaptation_rise)
        return (
            spike * self.spike_height,
            voltage,
            refractory,
            adaptation,
            decay,
            threshold,
            strength,
        )

    def _integrate(self, J, voltage, decay):
        v = integrate(J, voltage, decay, self.min_voltage, tf)
        if not self.is_fixed.any():
            return v
        fixed = integrate_fixed(
            J, voltage, decay, self.min_voltage, self.unit, self.highest, _TENSORFLOW
        )
        return tf.where(self.is_fixed, fixed, v)
