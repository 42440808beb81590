"""A program of its own, since Keras has one backend a process: segments on JAX."""

import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
import jax
import keras
import numpy as np

from nengo_softlif.layers import BySegments, RecurrentLIF
from tests.layers.segment_stack import layers

data = np.load(sys.argv[1])
x, upstream = data["x"], data["upstream"]
keras.config.set_dtype_policy("float64")


def with_gradient(layer, upstream):
    """Outputs and gradients by the weights, compiled."""
    fixed = [w.value for w in layer.non_trainable_variables]

    def run(trainable, x):
        outputs, back = jax.vjp(lambda w: layer.stateless_call(w, fixed, x)[0], trainable)
        return outputs, back(upstream)[0]

    return jax.jit(run)


def temporary_bytes(n_steps, make):
    """Memory of a training step besides inputs, outputs and weights."""
    layers = [keras.layers.Dense(64), RecurrentLIF(0.9), keras.layers.Dense(1)]
    layer = make(layers)
    x = np.ones((8, n_steps, 1))
    layer.build(x.shape)
    trainable = [w.value for w in layer.trainable_variables]
    compiled = with_gradient(layer, x).lower(trainable, x).compile()
    return compiled.memory_analysis().temp_size_in_bytes


results = {}
for name, layer in {"plain": keras.Sequential(layers()), "by": BySegments(layers(), 7)}.items():
    layer.build(x.shape)
    layer.set_weights([data[f"w{k}"] for k in range(len(layer.weights))])
    trainable = [w.value for w in layer.trainable_variables]
    spikes, gradients = with_gradient(layer, upstream)(trainable, x)
    results[f"{name}/spikes"] = np.asarray(spikes)
    results |= {f"{name}/{k}": np.asarray(g) for k, g in enumerate(gradients)}
for name, make in {
    "all": keras.Sequential,
    "segments": lambda layers: BySegments(layers, 50),
    "truncated": lambda layers: BySegments(layers, 50, truncate=True),
}.items():
    results[name] = [temporary_bytes(n_steps, make) for n_steps in (50, 400)]
    print(name, results[name])
np.savez(sys.argv[2], **results)
