"""A program of its own, since Keras has one backend a process: fixed-point spikes on JAX."""

import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np

import nengo_softlif.layers  # noqa: F401  (which registers them)

model = keras.models.load_model(sys.argv[1])
frames = np.load(sys.argv[2])
spikes = np.asarray(model(frames))
before = model.get_weights()
model.compile("sgd", "mse", run_eagerly=True)
model.fit(frames, 1 - spikes, epochs=1, verbose=0)
moved = [np.abs(new - old).max() for new, old in zip(model.get_weights(), before, strict=True)]
np.savez(sys.argv[3], spikes=spikes, moved=moved)
