"""TensorFlow step of the rate neurons."""

import tensorflow as tf

from nengo_softlif.nengodl.builder import NeuronBuilder
from nengo_softlif.nengodl.curves import linear_reset_lif, soft_lif
from nengo_softlif.nengodl.noise import TrainingNoise

__all__ = ["LinearResetLIFCurve", "LinearResetLIFRateBuilder", "SoftLIFCurve", "SoftLIFRateBuilder"]


class SoftLIFCurve:
    """The soft LIF curve of a group of neurons that have ``tau_rc, tau_ref, sigma, noise``.

    Parameters
    ----------
    builder : NeuronBuilder
        Builder of the group, after its ``build_pre``.
    """

    def __init__(self, builder):
        self._parameters = {
            "tau_rc": builder.constant(lambda neurons: neurons.tau_rc),
            "tau_ref": builder.constant(lambda neurons: neurons.tau_ref),
            "sigma": builder.constant(lambda neurons: neurons.sigma),
            "amplitude": builder.amplitude,
        }
        self.noise = TrainingNoise(builder, threshold=1.0)

    def rates(self, J):
        """Return ``amplitude`` times the firing rates in Hz, without noise."""
        return soft_lif(J, **self._parameters)


class LinearResetLIFCurve:
    """The training curve of a group of neurons that have ``tau_rc, leak, sigma, noise``.

    Parameters
    ----------
    builder : NeuronBuilder
        Builder of the group, after its ``build_pre``.
    """

    def __init__(self, builder):
        leak = builder.per_neuron(lambda neurons: neurons.leak)
        self._parameters = {
            "tau_rc": builder.constant(lambda neurons: neurons.tau_rc),
            "sigma": builder.constant(lambda neurons: neurons.sigma),
            "amplitude": builder.amplitude,
            "leak": tf.constant(leak) if leak.ndim else bool(leak),
        }
        self.noise = TrainingNoise(
            builder, threshold=builder.per_neuron(lambda neurons: neurons.threshold)
        )

    def rates(self, J):
        """Return ``amplitude`` times the firing rates in Hz, without noise."""
        return linear_reset_lif(J, **self._parameters)


class SoftLIFRateBuilder(NeuronBuilder):
    """Builds `nengo_softlif.SoftLIFRate`: the curve, with noise in the training pass."""

    curve_type = SoftLIFCurve

    def build_pre(self, signals, config):
        """Read the parameters of the curve."""
        super().build_pre(signals, config)
        self.curve = self.curve_type(self)

    def step(self, J):
        """Return the output at current ``J``."""
        return [self.curve.noise.add_if_training(self.curve.rates(J), J)]


class LinearResetLIFRateBuilder(SoftLIFRateBuilder):
    """Builds `nengo_softlif.LinearResetLIFRate`: the curve, with noise in the training pass."""

    curve_type = LinearResetLIFCurve
