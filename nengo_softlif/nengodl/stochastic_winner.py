"""TensorFlow step of `nengo_softlif.neurons.StochasticWinner`."""

import numpy as np
import tensorflow as tf

from nengo_softlif.functional.plasticity import to_log_probability
from nengo_softlif.nengodl.builder import NeuronBuilder

__all__ = ["StochasticWinnerBuilder"]


class StochasticWinnerBuilder(NeuronBuilder):
    """Builds a group of ensembles, each with one winner at a time. It has no gradient."""

    state_names = ("excitability",)

    def build_pre(self, signals, config):
        """Find the ensembles in the group, and check their rates."""
        super().build_pre(signals, config)
        for op in self.ops:
            op.neurons.check_rate(self.dt)
        self.sizes = [op.J.shape[0] for op in self.ops]
        self.seed = int(config.rng.randint(np.iinfo(np.int32).max))

    def step(self, J, excitability):
        """Draw who fires, ensemble by ensemble."""
        results = [
            self.winner(op.neurons, part, state, index)
            for index, (op, part, state) in enumerate(
                zip(
                    self.ops,
                    tf.split(J, self.sizes, axis=1),
                    tf.split(excitability, self.sizes, axis=1),
                    strict=True,
                )
            )
        ]
        return [tf.stop_gradient(tf.concat(parts, axis=1)) for parts in zip(*results, strict=True)]

    def winner(self, neurons, J, excitability, index):
        """Output and excitabilities of one ensemble.

        Parameters
        ----------
        neurons : StochasticWinner
        J, excitability : (minibatch_size, n_neurons) tf.Tensor
        index : int
            Of the ensemble in the group.

        Returns
        -------
        output, excitability : (minibatch_size, n_neurons) tf.Tensor
        """
        n_neurons = J.shape[1]
        shape, seed = tf.shape(J)[:1], self.seed + 2 * index
        fires = tf.random.uniform(shape, seed=seed) < neurons.total_rate * self.dt
        drawn = tf.random.categorical(J + excitability, 1, seed=seed + 1)[:, 0]
        fired = tf.one_hot(drawn, n_neurons, dtype=self.dtype) * tf.cast(fires, self.dtype)[:, None]
        rate = neurons.excitability_rate
        if neurons.goal == "equal":
            moved = excitability + rate * (1 / n_neurons - fired)
        else:
            moved = to_log_probability(excitability, fired, rate, 0.0, tf)
        changed = tf.where(fires[:, None], moved, excitability) if rate else excitability
        return neurons.amplitude / self.dt * fired, changed
