"""TensorFlow step of max pooling of spikes."""

import tensorflow as tf
from nengo_dl.builder import OpBuilder
from nengo_dl.process_builders import SimProcessBuilder

from nengo_softlif.nengodl.builder import if_training
from nengo_softlif.processes import SpikingMaxPool

__all__ = ["SpikingMaxPoolBuilder", "install", "mergeable", "register"]

_mergeable = SimProcessBuilder.mergeable


class SpikingMaxPoolBuilder(OpBuilder):
    """Builds one `nengo_softlif.SpikingMaxPool`; in training it is max pooling of rates."""

    def build_pre(self, signals, config):
        """Gather what stays the same in all time steps."""
        super().build_pre(signals, config)
        (op,) = self.ops
        self.process = op.process
        self.x_data, self.output_data, *self.state_data = (
            signals.combine([signal])
            for signal in (op.input, op.output, op.state["sums"], op.state["largest"])
        )

    def build_step(self, signals):
        """Build one time step."""
        x, sums, largest = (signals.gather(data) for data in (self.x_data, *self.state_data))
        results = if_training(
            self.config,
            lambda: (self.pooled(x), sums, largest),
            lambda: self.spikes(*(tf.stop_gradient(value) for value in (x, sums, largest))),
        )
        for data, value in zip([self.output_data, *self.state_data], results, strict=True):
            signals.scatter(data, value)

    def spikes(self, x, sums, largest):
        """Return output and states, by the equation of the process."""
        sums = sums + x
        now = self.pooled(sums)
        return now - largest, sums, now

    def pooled(self, x):
        """Largest value in each window, (minibatch_size, n_out)."""
        process = self.process
        images = tf.reshape(x, (-1, *process.input_shape))
        # not tf.nn.pool, which refuses steps that are longer than a window
        largest = tf.nn.max_pool(
            images, process.pool_size, process.strides, process.padding.upper()
        )
        return tf.reshape(largest, (-1, process.default_size_out))


def mergeable(x, y):
    """Whether two operators can be computed as one.

    Parameters
    ----------
    x, y : nengo.builder.processes.SimProcess
        Operators; ``y`` stands for a group that is merged already.

    Returns
    -------
    mergeable : bool
        As NengoDL has it, but never with pooling, whose windows differ.
    """
    if any(isinstance(op.process, SpikingMaxPool) for op in (x, y)):
        return False
    return _mergeable(x, y)


def register():
    """Register the builder with NengoDL. May be called again."""
    SimProcessBuilder.TF_PROCESS_IMPL[SpikingMaxPool] = SpikingMaxPoolBuilder


def install():
    """Have NengoDL ask `mergeable`. May be called again."""
    SimProcessBuilder.mergeable = staticmethod(mergeable)
