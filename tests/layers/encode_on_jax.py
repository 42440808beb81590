"""Encodings, and a program that applies them on JAX, since Keras has one backend a process."""

import json
import sys
from pathlib import Path

import keras
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.layers import EncodeSpikes

ENCODINGS = {
    "regular": nsl.RegularSpikes(400),
    "bernoulli": nsl.BernoulliSpikes(400),
    "poisson": nsl.PoissonSpikes(400),
    "many": nsl.PoissonSpikes(30_000),  # in parts, as their mean is large
    "constant": nsl.ConstantCurrent(400),
    "latency": nsl.LatencySpikes(),
}
VALUES = np.linspace(0, 1, 24, dtype="float32").reshape(2, 12)


class Drawn:
    """The same random numbers for every library."""

    def uniform(self, shape):
        return np.random.default_rng(0).random(tuple(shape), np.float32)

    def poisson(self, mean, shape, highest):
        assert np.asarray(mean).max() <= highest * (1 + 1e-6)
        return np.broadcast_to(np.asarray(mean), shape) + self.uniform(shape)


def same_draws(encoding, xp):
    """Apply the formula of an encoding with random numbers that are given."""
    if xp is np:
        return encoding.spikes(VALUES, 30, 0.001, Drawn()).astype("float32")
    values = xp.convert_to_tensor(VALUES)
    return xp.cast(encoding.spikes(values, 30, 0.001, Drawn(), xp), "float32")


if __name__ == "__main__":
    import jax

    result = {
        "backend": keras.backend.backend(),
        "formulas": {
            k: np.asarray(same_draws(e, keras.ops)).tolist() for k, e in ENCODINGS.items()
        },
        "means": {
            k: np.asarray(EncodeSpikes(e, 2000, seed=0)(VALUES)).mean(axis=(1, 2)).tolist()
            for k, e in ENCODINGS.items()
        },
    }
    layer = EncodeSpikes(ENCODINGS["bernoulli"], 5, name="e")
    result["refused"] = {}
    for name, call in {
        "eager": layer,
        "compiled": jax.jit(
            lambda x: layer.stateless_call([], [w.value for w in layer.non_trainable_variables], x)
        ),
    }.items():
        try:
            jax.block_until_ready(call(VALUES + 1))
        except (ParameterError, jax.errors.JaxRuntimeError) as error:
            result["refused"][name] = str(error)
    Path(sys.argv[1]).write_text(json.dumps(result))
