"""Models in half precision: the network computes in single precision, with their weights."""

import keras
import numpy as np
import pytest
import tf_keras

import nengo_softlif as nsl
from nengo_softlif.conversion import verify
from nengo_softlif.layers import LocallyConnected2D, SoftLIF

L = keras.layers
LAYERS = {
    "dense": lambda: [L.Flatten(), L.Dense(8, activation="relu")],
    "conv": lambda: [L.Conv2D(4, 3, activation="relu")],
    "relu6": lambda: [L.Conv2D(4, 3, activation="relu6")],
    "tanh": lambda: [L.Conv2D(4, 3, activation="tanh")],
    "prelu": lambda: [L.Conv2D(4, 3), L.PReLU()],
    "batch norm": lambda: [L.Conv2D(4, 3), L.BatchNormalization(), L.ReLU()],
    "separable": lambda: [L.SeparableConv2D(4, 3, activation="relu")],
    "transpose": lambda: [L.Conv2DTranspose(3, 2, activation="relu")],
    "volumes": lambda: [L.Reshape((6, 6, 2, 1)), L.Conv3D(3, 2, activation="relu")],
    "local": lambda: [LocallyConnected2D(3, 2), L.ReLU()],
    "normalization": lambda: [L.Normalization(mean=0.1, variance=2.0), L.ReLU()],
    "upsampling": lambda: [L.UpSampling2D(2, interpolation="bilinear"), L.Conv2D(3, 3), L.ReLU()],
}
X = np.random.default_rng(0).uniform(size=(3, 6, 6, 2)).astype("float32")


def model_of(layers, policy):
    usual = keras.config.dtype_policy()
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    try:
        return keras.Sequential([keras.Input((6, 6, 2)), *layers(), L.Flatten(), L.Dense(3)])
    finally:
        keras.config.set_dtype_policy(usual)


@pytest.mark.parametrize("policy", ["bfloat16", "float16", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_computes_what_the_model_does(name, policy):
    model = model_of(LAYERS[name], policy)
    spiking = nsl.convert(model)
    assert max(check.max_rel for check in verify(model, spiking, X)) < 1e-4
    # and the model is as it was
    assert {layer.compute_dtype for layer in model.layers} == {policy.removeprefix("mixed_")}
    shown = nsl.Presentation(time=0.01)
    assert np.isfinite(spiking.predict(X[:1], presentation=shown, progress=False).output).all()


def test_differences_are_found_behind_the_rounding():
    model = model_of(LAYERS["conv"], "bfloat16")
    spiking = nsl.convert(model)
    kernel = model.layers[0].kernel
    kernel.assign(kernel.value * 1.01)  # one step of bfloat16, or two
    with pytest.raises(nsl.errors.ConversionError, match="conv2d"):
        verify(model, spiking, X)


def test_soft_lif_neurons_behind_half_precision():
    model = model_of(lambda: [L.Conv2D(4, 3), SoftLIF(dtype="float32")], "bfloat16")
    spiking = nsl.convert(model)
    verify(model, spiking, X)
    assert np.isfinite(spiking.predict(X[:1], progress=False).output).all()


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float16"])
def test_tf_keras(policy):
    layers = [
        tf_keras.layers.Conv2D(4, 3, activation="relu", dtype=policy),
        tf_keras.layers.Flatten(dtype=policy),
        tf_keras.layers.Dense(3, dtype=policy),
    ]
    model = tf_keras.Sequential([tf_keras.Input((6, 6, 2)), *layers])
    spiking = nsl.convert(model)
    if policy == "float16":  # which tf_keras can't compute otherwise
        with pytest.raises(nsl.errors.ConversionError, match=r"half precision; pass tolerance"):
            verify(model, spiking, X)
        verify(model, spiking, X, tolerance=0.05)
    else:
        verify(model, spiking, X)
