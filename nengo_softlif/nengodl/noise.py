"""Training noise in TensorFlow."""

from types import SimpleNamespace

import tensorflow as tf

from nengo_softlif.functional.noise import FilteredSpikeNoise, GaussianRateNoise
from nengo_softlif.functional.spike_statistics import fluctuation

__all__ = ["TrainingNoise"]

_TENSORFLOW = SimpleNamespace(exp=tf.exp, maximum=tf.maximum, tanh=tf.tanh)


class TrainingNoise:
    """Adds the noise of `nengo_softlif.functional.noise` to the output of the neurons of a group.

    Parameters
    ----------
    builder : NeuronBuilder
        Builder of the group, after its ``build_pre``.
    threshold : float or (1, n_neurons) array_like
        Current above which a neuron fires; below it there is no noise.
    """

    def __init__(self, builder, threshold):
        self._builder = builder
        std = builder.per_neuron(
            lambda neurons: (
                neurons.noise.std if isinstance(neurons.noise, GaussianRateNoise) else 0.0
            )
        )
        self._any_gaussian = bool((std > 0).any())
        antithetic = builder.per_neuron(lambda neurons: getattr(neurons.noise, "antithetic", False))
        self._any_antithetic = bool(antithetic.any())
        self._antithetic = tf.constant(antithetic)
        self._std = tf.constant(std, dtype=builder.dtype) * builder.amplitude
        self._threshold = tf.constant(threshold, dtype=builder.dtype)
        noises = {op.neurons.noise for op in builder.ops}
        self._fluctuations = [  # each with the neurons that have it
            (noise, tf.constant(builder.per_neuron(lambda neurons, n=noise: neurons.noise == n)))
            for noise in noises
            if isinstance(noise, FilteredSpikeNoise)
        ]
        self._any = self._any_gaussian or bool(self._fluctuations)

    def draw(self, rates, J):
        """Draw noise for the current ``J``; the gradient does not pass through it.

        Parameters
        ----------
        rates, J : (minibatch_size, n_neurons) tf.Tensor
            Output without noise, and input current including bias.

        Returns
        -------
        noise : (minibatch_size, n_neurons) tf.Tensor
            To be added to the output: ``amplitude`` times the noise in Hz.
        """
        noise = tf.zeros_like(J)
        if self._any_gaussian:
            normal = tf.random.normal(tf.shape(J), dtype=J.dtype)
            noise = self._in_pairs(normal, lambda drawn: -drawn) * self._std
        for description, have_it in self._fluctuations:
            noise = tf.where(have_it, self._fluctuation(description, rates), noise)
        return tf.where(self._threshold < J, noise, tf.zeros_like(J))

    def _fluctuation(self, description, rates):
        phases = tf.random.uniform(tf.shape(rates), dtype=rates.dtype)
        phases = self._in_pairs(  # half a period apart
            phases, lambda drawn: drawn + 0.5 - tf.cast(drawn >= 0.5, drawn.dtype)
        )
        hz = tf.stop_gradient(rates) / self._builder.amplitude
        return self._builder.amplitude * fluctuation(
            phases, hz, tau_s=description.tau_s, tau_rc=description.tau_rc, xp=_TENSORFLOW
        )

    def _in_pairs(self, drawn, opposite):
        """Give the second half of the minibatch the opposite of the first, if noise asks for it."""
        if not self._any_antithetic:
            return drawn
        n_samples = tf.shape(drawn)[0]
        half = drawn[: (n_samples + 1) // 2]
        pairs = tf.concat([half, opposite(half)], axis=0)[:n_samples]
        return tf.where(self._antithetic, pairs, drawn)

    def add(self, rates, J):
        """Return ``rates`` with noise. To be called in the training pass only."""
        return rates + self.draw(rates, J) if self._any else rates

    def add_if_training(self, rates, J):
        """Return ``rates`` with noise in the training pass, unchanged in all others."""
        if not self._any:
            return rates
        return rates + self._builder.if_training(
            lambda: self.draw(rates, J), lambda: tf.zeros_like(J)
        )
