"""TensorFlow step of the spiking neurons, which train as rate neurons."""

import numpy as np
import tensorflow as tf

from nengo_softlif.nengodl.builder import NeuronBuilder
from nengo_softlif.nengodl.rate_neurons import LinearResetLIFCurve, SoftLIFCurve

__all__ = ["LIFBuilder", "LinearResetLIFBuilder"]


class SpikingBuilder(NeuronBuilder):
    """Base class: spikes when run; in training the noisy curve, and the state is left alone.

    Subclasses set ``curve_type`` and implement `spike`, with the interface of
    `NeuronBuilder.step`.
    """

    def build_pre(self, signals, config):
        """Read the parameters."""
        super().build_pre(signals, config)
        self.curve = self.curve_type(self)
        self.spike_height = self.amplitude / tf.constant(self.dt, self.dtype)

    def step(self, J, *state):
        """Return output and states, by the pass that is being run."""
        # Only the branch that is taken gets computed, so that training does not pay for spikes.
        # No gradient flows through them: the one of the spike times would be infinite, and
        # TensorFlow would multiply it by the zero of the branch not taken.
        return self.if_training(
            lambda: (self.curve.noise.add(self.curve.rates(J), J), *state),
            lambda: self.spike(*(tf.stop_gradient(x) for x in (J, *state))),
        )


class LIFBuilder(SpikingBuilder):
    """Builds `nengo_softlif.SpikingLIF`, which spikes as `nengo.LIF.step` does."""

    curve_type = SoftLIFCurve
    state_names = ("voltage", "refractory_time")

    def build_pre(self, signals, config):
        """Read the parameters."""
        super().build_pre(signals, config)
        self.tau_rc = self.constant(lambda neurons: neurons.tau_rc)
        self.tau_ref = self.constant(lambda neurons: neurons.tau_ref)
        self.min_voltage = self.constant(lambda neurons: neurons.min_voltage)

    def spike(self, J, voltage, refractory_time):
        """Advance by one time step."""
        dt = tf.constant(self.dt, self.dtype)
        zero, one = tf.zeros((), self.dtype), tf.ones((), self.dtype)

        refractory_time = refractory_time - dt
        active_time = tf.clip_by_value(dt - refractory_time, zero, dt)
        # exp and log are much faster than expm1 and log1p, which would be no better here:
        # the last bit of the voltage, which is of order 1, is lost in any case
        voltage = J + (voltage - J) * tf.exp(active_time * (-1 / self.tau_rc))

        spiked = voltage > one
        # a negative time: when the voltage crossed 1 on its way to J. Neurons that don't spike
        # may get NaN here, and do not use it.
        since_end = self.tau_rc * tf.math.log((J - voltage) / (J - one))

        output = tf.where(spiked, self.spike_height, zero)
        refractory_time = tf.where(spiked, (dt + self.tau_ref) + since_end, refractory_time)
        voltage = tf.where(spiked, zero, tf.maximum(voltage, self.min_voltage))
        return output, voltage, refractory_time


class LinearResetLIFBuilder(SpikingBuilder):
    """Builds `nengo_softlif.SpikingLinearResetLIF`."""

    curve_type = LinearResetLIFCurve
    state_names = ("voltage",)

    def build_pre(self, signals, config):
        """Read the parameters."""
        super().build_pre(signals, config)
        self.min_voltage = self.constant(lambda neurons: neurons.min_voltage)
        self.gain = self.constant(
            lambda neurons: (
                -np.expm1(-self.dt / neurons.tau_rc) if neurons.leak else self.dt / neurons.tau_rc
            )
        )
        self.leak = self.constant(lambda neurons: float(neurons.leak))

    def spike(self, J, voltage):
        """Advance by one time step."""
        voltage = voltage + (J - self.leak * voltage) * self.gain
        voltage = tf.maximum(voltage, self.min_voltage)
        spiked = tf.cast(voltage >= tf.ones((), self.dtype), self.dtype)
        return spiked * self.spike_height, voltage - spiked
