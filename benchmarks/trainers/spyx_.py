"""Spyx: `LIF` on JAX, the whole step compiled.

It resets by subtraction, and its spikes are of the voltage before a step: other numbers, as much
work.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax
import spyx
from flax import nnx

from benchmarks.trainers.networks import DECAY, EPSILON, LEARNING_RATE, STEEPNESS


class Model(nnx.Module):
    """Weights act on all steps at once; `spyx.nn.run` goes through the steps of the neurons."""

    def __init__(self, network):
        self.weights = nnx.List([nnx.Param(jnp.asarray(x.weights)) for x in network.layers])
        self.readout = nnx.Param(jnp.asarray(network.readout))
        self.neurons = nnx.List([])
        shape = network.shape
        for layer in network.layers:
            shape = _shape(layer, shape)
            self.neurons.append(
                spyx.nn.LIF(
                    shape,
                    DECAY,
                    layer.threshold,
                    spyx.axn.superspike(STEEPNESS),
                    rngs=nnx.Rngs(0),
                )
            )

    def __call__(self, x):
        """Logits of spikes (steps, batch, ...)."""
        for weights, neurons in zip(self.weights, self.neurons, strict=True):
            start = neurons.initial_state(x.shape[1])
            x, _ = spyx.nn.run(neurons, _currents(weights[...], x), start)
        return (x.reshape(*x.shape[:2], -1) @ self.readout[...]).sum(0)


def build(network, batches):
    """See `benchmarks.trainers`."""
    model = Model(network)
    optimizer = nnx.Optimizer(model, optax.adam(LEARNING_RATE, eps=EPSILON), wrt=nnx.Param)

    @nnx.jit
    def step(model, optimizer, x, y):
        def loss_of(model):
            return optax.softmax_cross_entropy_with_integer_labels(model(x), y).mean()

        loss, gradients = nnx.value_and_grad(loss_of)(model)
        optimizer.update(model, gradients)
        return loss

    ready = [(jnp.asarray(x.swapaxes(0, 1)), jnp.asarray(y)) for x, y in batches]
    return lambda: [step(model, optimizer, x, y).block_until_ready() for x, y in ready]


def _shape(layer, shape):
    if not layer.is_convolution:
        return (layer.weights.shape[-1],)
    size = layer.weights.shape[0]
    return (*((n - size) // 2 + 1 for n in shape[:2]), layer.weights.shape[-1])


def _currents(weights, x):
    if weights.ndim == 2:
        return x @ weights
    flat = x.reshape(-1, *x.shape[2:])
    made = jax.lax.conv_general_dilated(
        flat, weights, (2, 2), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    return made.reshape(*x.shape[:2], *made.shape[1:])
