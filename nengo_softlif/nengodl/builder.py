"""What the TensorFlow implementations of all our neuron types share."""

import numpy as np
import tensorflow as tf
from nengo_dl.builder import OpBuilder

__all__ = ["NeuronBuilder", "choose_pass", "if_training"]


class NeuronBuilder(OpBuilder):
    """Base class: builds a group of ensembles of one neuron type into one TensorFlow step.

    NengoDL merges ensembles of equal type whatever their parameters, so every parameter is a
    constant over all neurons of the group, see `per_neuron`. Subclasses implement `step`.

    Attributes
    ----------
    state_names : tuple of str
        Names of the state variables that `step` takes after ``J``, and returns after the
        output.
    """

    state_names = ()

    def build_pre(self, signals, config):
        """Gather signals and constants that stay the same in all time steps."""
        super().build_pre(signals, config)
        self.dtype = tf.as_dtype(signals.dtype)
        self.dt = signals.dt_val
        self.J_data = signals.combine([op.J for op in self.ops])
        self.output_data = signals.combine([op.output for op in self.ops])
        self.state_data = [
            signals.combine([op.state[name] for op in self.ops]) for name in self.state_names
        ]
        self.amplitude = self.constant(lambda neurons: neurons.amplitude)

    def build_step(self, signals):
        """Build one time step."""
        results = self.step(
            signals.gather(self.J_data), *(signals.gather(data) for data in self.state_data)
        )
        for data, value in zip([self.output_data, *self.state_data], results, strict=True):
            signals.scatter(data, value)

    def step(self, J, *state):
        """Return the output and the new value of each state variable.

        Parameters
        ----------
        J : (minibatch_size, n_neurons) tf.Tensor
            Input current including bias.
        *state : (minibatch_size, n_neurons) tf.Tensor
            One for each of ``state_names``.

        Returns
        -------
        results : sequence of (minibatch_size, n_neurons) tf.Tensor
            Output, then the new states.
        """
        raise NotImplementedError("Subclasses implement the step")

    def per_neuron(self, read):
        """Read a parameter of the neuron types of the group.

        Parameters
        ----------
        read : callable
            Takes a neuron type, returns the value of the parameter.

        Returns
        -------
        values : scalar or (1, n_neurons) ndarray
            A scalar if the parameter is the same, to the last bit, in the whole group.
        """
        values = np.asarray([read(op.neurons) for op in self.ops])
        if np.all(values == values[0]):
            return values[0]
        return np.repeat(values, [op.J.shape[0] for op in self.ops])[np.newaxis]

    def constant(self, read):
        """Read a parameter as in `per_neuron` into a tensor of the simulator's float type."""
        return tf.constant(self.per_neuron(read), dtype=self.dtype)

    def if_training(self, in_training, otherwise):
        """Evaluate one of two functions of no argument, see `if_training`."""
        return if_training(self.config, in_training, otherwise)


def if_training(config, in_training, otherwise):
    """Evaluate one of two functions of no argument, by the pass that is being run.

    Parameters
    ----------
    config : nengo_dl.builder.BuildConfig
        Of the operator's builder.
    in_training, otherwise : callable
        Return tensors, or equal structures of tensors. ``in_training`` is never called if the
        network is built for inference only.

    Returns
    -------
    result
        What the chosen function returns.
    """
    if config.inference_only:
        return otherwise()
    return choose_pass(config.training, in_training, otherwise)


def choose_pass(training, in_training, otherwise):
    """Evaluate one of two functions of no argument.

    Parameters
    ----------
    training : bool, tf.Tensor or None
        Whether the network is being trained.
    in_training, otherwise : callable
        Return tensors, or equal structures of tensors.

    Returns
    -------
    result
        What the chosen function returns.

    Examples
    --------
    >>> choose_pass(True, lambda: "rates with noise", lambda: "spikes")
    'rates with noise'
    """
    if tf.is_tensor(training):
        known = tf.get_static_value(training)
        if known is None:
            return tf.cond(tf.cast(training, tf.bool), in_training, otherwise)
        training = known
    return in_training() if training else otherwise()
