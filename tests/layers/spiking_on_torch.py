"""A program of its own, since Keras has one backend a process: every spiking layer on PyTorch."""

import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import torch

import nengo_softlif as nsl
from nengo_softlif import layers
from nengo_softlif.functional.time_gate import TimeGate

L = keras.layers
STEPS = np.random.default_rng(0).uniform(size=(4, 6, 5)).astype("float32")
IMAGES = np.random.default_rng(0).uniform(size=(4, 6, 5, 5, 1)).astype("float32").round() * 2
CONSTANT = STEPS[:, 0]
LOIHI = {"quantize": "loihi"}
penalty = layers.FiringRateRegularizer(target=100, lower=5)
CASES = {
    "lif": (STEPS, [L.Dense(8), layers.DiscreteLIF(0.8, refractory_steps=1)]),
    "adaptive": (STEPS, [L.Dense(8), layers.DiscreteLIF(0.8, adaptation_strength=0.5)]),
    "trained": (
        STEPS,
        [L.Dense(8), layers.DiscreteLIF(trainable_decay=True, trainable_threshold=True)],
    ),
    "penalty": (STEPS, [L.Dense(8), layers.DiscreteLIF(rate_regularizer=penalty)]),
    "recurrent": (STEPS, [L.Dense(8), layers.RecurrentLIF(reset="subtract", delay=2)]),
    "segments": (STEPS, [layers.BySegments([L.Dense(8), layers.RecurrentLIF()], n_steps=4)]),
    "encoded": (
        CONSTANT,
        [layers.EncodeSpikes(nsl.BernoulliSpikes(1000), 6), L.Dense(8), layers.DiscreteLIF()],
    ),
    "repeated": (CONSTANT, [layers.RepeatSteps(6), L.Dense(8), layers.DiscreteLIF()]),
    "images": (
        IMAGES,
        [
            layers.SpikeCounts(2),
            layers.OverTime(L.Conv2D(3, 3, use_bias=False), **LOIHI),
            layers.DiscreteLIF(0.8, **LOIHI),
            layers.OverTime(L.Flatten()),
        ],
    ),
    "lstm": (STEPS, [layers.SpikingLSTM(8, bias_initializer="ones")]),
    "lstm_gated": (
        STEPS,
        [layers.SpikingLSTM(8, bias_initializer="ones", time_gate=TimeGate((2, 5), 0.5))],
    ),
    "sub_lstm": (STEPS, [layers.SubLSTM(8, fixed_forget=True)]),
    "sub_lstm_gated": (
        STEPS,
        [layers.SubLSTM(8, time_gate=TimeGate((2, 5), 0.5, leak=0.1, trainable=True))],
    ),
    "sub_lstm_spiking": (STEPS, [layers.SubLSTM(16, spiking=True)]),
    "sub_lstm_by_segments": (STEPS, [layers.BySegments([layers.SubLSTM(8)], n_steps=4)]),
}

for name, (x, stack) in CASES.items():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input(x.shape[1:]), *stack, L.Dense(2), layers.LeakyIntegrator(0.9, "last")]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    # a layer without spikes has no gradient for what its spikes are weighted with
    weights = [w for w in model.trainable_weights if "recurrent" not in w.name]
    before = [keras.ops.convert_to_numpy(w).copy() for w in weights]
    loss = model.fit(x, np.array([0, 1, 1, 1]), epochs=2, verbose=0).history["loss"][-1]
    assert np.isfinite(loss), name
    after = [keras.ops.convert_to_numpy(w) for w in weights]
    same = [w.path for w, a, b in zip(weights, after, before, strict=True) if np.all(a == b)]
    assert not same, f"{name}: {same} do not learn"
    assert isinstance(model(x), torch.Tensor)

rates = keras.Sequential([keras.Input((5,)), L.Dense(8, "relu"), L.Dense(2)])
tuned = nsl.conversion.to_spiking_model(rates, CONSTANT, n_steps=6)
stack = [L.Dense(8), layers.RecurrentLIF(0.5), L.Dense(2), layers.LeakyIntegrator()]
recurrent = keras.Sequential([keras.Input(STEPS.shape[1:]), *stack])
for model, x in ((tuned, CONSTANT), (recurrent, STEPS)):
    (layer,) = nsl.conversion.compare_spikes(model, nsl.convert(model), x)
    assert layer.n_spikes > 0 and layer.n_differing == 0, model.name
assert nsl.conversion.to_rate_model(tuned, rates).count_params() == rates.count_params()
