"""A program of its own, since Keras has one backend a process: inputs beyond the chip on JAX."""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import jax
import numpy as np

from nengo_softlif.layers import DiscreteLIF

layer = DiscreteLIF(0.9, name="lif", quantize="loihi")
layer.build((None, 5, 3))
compiled = jax.jit(lambda x: layer.stateless_call([], [], x)[0])


def error_of(function, size):
    """Text of the error that a function raises."""
    try:
        jax.block_until_ready(function(np.full((2, 5, 3), size, "float32")))
        jax.effects_barrier()
    except Exception as error:
        return str(error)
    return "nothing"


found = {
    "inside": error_of(compiled, 2.0),
    "eager": error_of(layer, 20.0),
    "compiled": error_of(compiled, 20.0),
}
with open(sys.argv[1], "w") as file:
    json.dump(found, file)
