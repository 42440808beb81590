"""The random numbers of some steps, drawn in the order in which NengoLoihi draws them."""

from functools import cached_property
from itertools import pairwise

import numpy as np

__all__ = ["Draws"]


class Draws:
    """Draws noise of compartments, and numbers for the stochastic rounding of learning.

    Parameters
    ----------
    noise : nengo_loihi.emulator.interface.NoiseState
    order : (n_compartments,) ndarray
        NengoLoihi's numbers of the compartments, in our order.
    learning : Learning
    seed : int
    """

    def __init__(self, noise, order, learning, seed):
        self._seed = seed
        self._noise = noise
        self._order = order
        self._has_noise = bool(np.any(noise.enabled))
        is_integer = np.issubdtype(noise.dtype, np.integer)
        synapses = learning.synapses
        n_axons = synapses["last_axon"] - synapses["first_axon"]
        n_weights = n_axons * (synapses["last_error"] - synapses["first_error"])
        self._rounded = [
            *zip(synapses["train_epoch"], n_axons * is_integer, strict=True),
            *zip(synapses["learn_epoch"], n_weights * is_integer, strict=True),
        ]

    @cached_property
    def rng(self):
        """(numpy.random.RandomState) Made when it is needed, which takes as long as many steps."""
        return np.random.RandomState(self._seed)

    @property
    def numbers_a_step(self):
        """How many numbers a step takes at most."""
        return self._has_noise * self._noise.n_compartments + sum(n for _, n in self._rounded)

    def draw(self, t, n_steps):
        """Draw for steps ``t + 1`` to ``t + n_steps``.

        Returns
        -------
        noise : (n_steps, n_compartments) or (n_steps, 0) ndarray
        uniforms : (n,) ndarray
        first_uniform : (n_steps + 1,) ndarray
            Where those of each step are.
        """
        n_noise = self._noise.n_compartments if self._has_noise else 0
        noise = np.zeros((n_steps, n_noise), dtype=self._noise.dtype)
        steps = t + 1 + np.arange(n_steps)
        n_uniforms = sum((n * (steps % epoch == 0) for epoch, n in self._rounded), 0 * steps)
        first_uniform = np.cumsum([0, *n_uniforms])
        uniforms = np.zeros(first_uniform[-1])
        if self.numbers_a_step:
            for k, (a, b) in enumerate(pairwise(first_uniform)):
                uniforms[a:b] = self.rng.rand(b - a)
                # NengoLoihi draws for all compartments, whether or not any has noise
                sample = self._noise.sample(self.rng)
                if n_noise:
                    noise[k] = sample[self._order]
        return noise, uniforms, first_uniform
