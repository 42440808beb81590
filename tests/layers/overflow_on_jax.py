"""A program of its own, since Keras has one backend a process: inputs beyond the chip on JAX."""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import jax
import keras
import numpy as np

from nengo_softlif.layers import BySegments, DiscreteLIF, LeakyIntegrator, RecurrentLIF

layer = DiscreteLIF(0.9, name="lif", quantize="loihi")
layer.build((None, 5, 3))
compiled = jax.jit(lambda x: layer.stateless_call([], [], x)[0])


recurrent = BySegments([RecurrentLIF(0.9, name="lif", quantize="loihi")], 3)
model = keras.Sequential([keras.Input((6, 3)), recurrent, LeakyIntegrator()])
model.compile("sgd", "mse")


def trained(x):
    """Train in segments, which run in a loop and are computed again in the backward pass."""
    return model.fit(x, np.zeros((2, 3)), verbose=0).history["loss"]


def error_of(function, size, n_steps=5):
    """Text of the error that a function raises."""
    try:
        jax.block_until_ready(function(np.full((2, n_steps, 3), size, "float32")))
        jax.effects_barrier()
    except Exception as error:
        return str(error)
    return "nothing"


found = {
    "inside": error_of(compiled, 2.0),
    "eager": error_of(layer, 20.0),
    "compiled": error_of(compiled, 20.0),
    "trained inside": error_of(trained, 2.0, n_steps=6),
    "trained": error_of(trained, 20.0, n_steps=6),
}
with open(sys.argv[1], "w") as file:
    json.dump(found, file)
