"""Gated layers of every kind; as a program, their outputs and gradients on another backend."""

import os
import sys

if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = sys.argv[1]

import keras
import numpy as np

from nengo_softlif.functional.time_gate import TimeGate
from nengo_softlif.layers import SpikingLSTM, SubLSTM

_CELLS = {
    "lstm_of_spikes": (SpikingLSTM, {}),
    "rates": (SubLSTM, {}),
    "rates_fixed": (SubLSTM, {"fixed_forget": True}),
    "spikes": (SubLSTM, {"spiking": True}),
    "spikes_fixed": (SubLSTM, {"spiking": True, "fixed_forget": True}),
}
GATED = [f"{name}_gated" for name in _CELLS]
LAYERS = [*_CELLS, *GATED]


def make_layer(kind, units=5, **options):
    """A layer by its name in ``LAYERS``, always with the same weights."""
    keras.utils.set_random_seed(0)
    cls, own = _CELLS[kind.removesuffix("_gated")]
    if kind.endswith("_gated"):
        rates = cls is SubLSTM and not own.get("spiking")
        trained = {"leak": 0.1, "trainable": True} if rates else {}
        options["time_gate"] = TimeGate((4, 9), 0.4, **trained)
    uniform = keras.initializers.RandomUniform(-1, 1)
    return cls(units, bias_initializer=uniform, **own, **options)


def on_jax(layer, x, upstream):
    """Outputs, and gradients by the weights."""
    import jax

    def outputs_of(trainable):
        return layer.stateless_call(trainable, fixed, x)[0]

    fixed = [w.value for w in layer.non_trainable_variables]
    outputs, back = jax.vjp(jax.jit(outputs_of), [w.value for w in layer.trainable_variables])
    return outputs, back(upstream)[0]


def on_torch(layer, x, upstream):
    """Outputs, and gradients by the weights."""
    import torch

    outputs = layer(x)
    (outputs * torch.from_numpy(upstream)).sum().backward()
    return outputs, [w.value.grad for w in layer.trainable_variables]


if __name__ == "__main__":
    data = np.load(sys.argv[2])
    x, upstream = data["x"], data["upstream"]
    differentiated = on_jax if sys.argv[1] == "jax" else on_torch
    results = {}
    for kind in GATED:
        layer = make_layer(kind)
        layer.build(x.shape)
        layer.set_weights([data[f"{kind}/{k}"] for k in range(len(layer.weights))])
        outputs, gradients = differentiated(layer, x, upstream)
        results[kind] = keras.ops.convert_to_numpy(outputs)
        for k, gradient in enumerate(gradients):
            results[f"{kind}/{k}"] = keras.ops.convert_to_numpy(gradient)
    np.savez(sys.argv[3], **results)
