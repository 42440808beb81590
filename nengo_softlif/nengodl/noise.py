"""Training noise in TensorFlow."""

import tensorflow as tf

__all__ = ["TrainingNoise"]


class TrainingNoise:
    """Adds `nengo_softlif.GaussianNoise` to the output of the neurons of a group.

    Parameters
    ----------
    builder : NeuronBuilder
        Builder of the group, after its ``build_pre``.
    threshold : float or (1, n_neurons) array_like
        Current above which a neuron fires; below it there is no noise.
    """

    def __init__(self, builder, threshold):
        self._builder = builder
        std = builder.per_neuron(lambda neurons: neurons.noise.std if neurons.noise else 0.0)
        self._any = bool((std > 0).any())
        self._std = tf.constant(std, dtype=builder.dtype) * builder.amplitude
        self._threshold = tf.constant(threshold, dtype=builder.dtype)

    def draw(self, J):
        """Draw noise for the current ``J``; the gradient does not pass through it.

        Parameters
        ----------
        J : (minibatch_size, n_neurons) tf.Tensor
            Input current including bias.

        Returns
        -------
        noise : (minibatch_size, n_neurons) tf.Tensor
            To be added to the output: ``amplitude`` times the noise in Hz.
        """
        normal = tf.random.normal(tf.shape(J), dtype=J.dtype)
        return tf.where(self._threshold < J, normal * self._std, tf.zeros_like(J))

    def add(self, rates, J):
        """Return ``rates`` with noise. To be called in the training pass only."""
        return rates + self.draw(J) if self._any else rates

    def add_if_training(self, rates, J):
        """Return ``rates`` with noise in the training pass, unchanged in all others."""
        if not self._any:
            return rates
        return rates + self._builder.if_training(lambda: self.draw(J), lambda: tf.zeros_like(J))
