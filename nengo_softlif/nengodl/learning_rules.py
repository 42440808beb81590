"""Learning rules for spikes on NengoDL: their steps in Python, sample by sample."""

import numpy as np
import tensorflow as tf
from nengo_dl import utils
from nengo_dl.builder import Builder, OpBuilder

from nengo_softlif.learning_rules.operators import SimSTDP
from nengo_softlif.learning_rules.probabilistic import SimProbabilisticSTDP

__all__ = ["SpikeRuleBuilder"]


@Builder.register(SimSTDP)
@Builder.register(SimProbabilisticSTDP)
class SpikeRuleBuilder(OpBuilder):
    """Runs the Python step of one rule. It has no gradient, and needs none."""

    def build_pre(self, signals, config):
        """Make a step for each sample of the batch, on arrays of its own."""
        super().build_pre(signals, config)
        (operator,) = self.ops
        self.updates = [signals.combine([signal]) for signal in operator.updates]
        self.reads = [signals.combine([signal]) for signal in operator.reads]
        taken = [*operator.reads, *operator.updates]
        dtype = tf.as_dtype(signals.dtype).as_numpy_dtype
        self.arrays = [
            {signal: np.zeros(signal.shape, dtype) for signal in taken}
            for _ in range(signals.minibatch_size)
        ]
        self.steps = [operator.make_step(arrays, signals.dt_val, None) for arrays in self.arrays]

    def build_step(self, signals):
        """Build one time step."""
        (operator,) = self.ops
        n_reads = len(self.reads)

        def step(*values):
            for sample, (arrays, run) in enumerate(zip(self.arrays, self.steps, strict=True)):
                for array, value in zip(arrays.values(), values, strict=True):
                    array[...] = value[sample].reshape(array.shape)
                run()
            return [
                np.stack([arrays[signal] for arrays in self.arrays]).reshape(value.shape)
                for signal, value in zip(operator.updates, values[n_reads:], strict=True)
            ]

        values = [signals.gather(data) for data in (*self.reads, *self.updates)]
        name = utils.sanitize_name(type(operator.rule).__name__)
        results = utils.numpy_function(step, values, [data.dtype for data in self.updates], name)
        for data, result in zip(self.updates, tf.nest.flatten(results), strict=True):
            result.set_shape(data.full_shape)
            signals.scatter(data, result)
