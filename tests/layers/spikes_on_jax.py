"""A program of its own, since Keras has one backend a process: spikes and gradients on JAX."""

import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import jax
import numpy as np

from nengo_softlif.layers import DiscreteLIF

options = {"reset": sys.argv[3], "refractory_steps": 1, "adaptation_strength": 0.5}
layer = DiscreteLIF(0.8, 0.9, detach_reset=False, min_voltage=-0.3, **options)
data = np.load(sys.argv[1])
layer.build(data["currents"].shape)
spikes = layer(data["currents"])
gradient = jax.grad(lambda x: (layer(x) * data["upstream"]).sum())(data["currents"])
np.savez(sys.argv[2], spikes=np.asarray(spikes), gradient=np.asarray(gradient))
