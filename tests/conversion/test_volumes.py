"""Layers of three spatial dimensions, for every time step, and with the channels first."""

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion.rate_run import RateRun
from tests.conversion.checking import check, check_compiled, randomize

L = keras.layers

VOLUME_LAYERS = {
    "conv": lambda: L.Conv3D(3, (2, 3, 2), strides=(1, 2, 1), padding="same", activation="relu"),
    "conv groups": lambda: L.Conv3D(4, 2, groups=2, dilation_rate=(1, 2, 1)),
    "transposed": lambda: L.Conv3DTranspose(2, 2, strides=2),
    "average pool": lambda: L.AveragePooling3D(2),
    "average pool same": lambda: L.AveragePooling3D(2, padding="same"),
    "global average pool": lambda: L.GlobalAveragePooling3D(),
    "cropping": lambda: L.Cropping3D(1),
    "zero padding": lambda: L.ZeroPadding3D(1),
    "up-sampling": lambda: L.UpSampling3D((1, 2, 1)),
    "each image conv": lambda: L.TimeDistributed(
        L.Conv2D(3, 2, strides=2, padding="same", activation="relu")
    ),
    "each image flat": lambda: L.TimeDistributed(L.Flatten()),
    "each image pool": lambda: L.TimeDistributed(L.AveragePooling2D(2, padding="same")),
    "each image leaky": lambda: L.TimeDistributed(L.LeakyReLU()),
}


@pytest.mark.parametrize("make", VOLUME_LAYERS.values(), ids=VOLUME_LAYERS.keys())
def test_volume_layer_between_neurons(make):
    layers = [keras.Input((4, 5, 3, 2)), L.Conv3D(4, 1, activation="relu"), make(), L.ReLU()]
    check(randomize(keras.Sequential([*layers, L.Flatten(), L.Dense(3)])))


@pytest.mark.parametrize(
    "make",
    [
        lambda: L.MaxPooling3D(2, strides=1),
        lambda: L.GlobalMaxPooling3D(),
        lambda: L.TimeDistributed(L.MaxPooling2D(2)),
    ],
)
def test_max_pooling_of_volumes(make):
    layers = [keras.Input((4, 5, 3, 2)), L.Conv3D(4, 1), L.ReLU(), make(), L.Flatten(), L.Dense(3)]
    model = randomize(keras.Sequential(layers))
    spiking = nsl.convert(model, max_pool="spiking")
    items = np.random.default_rng(0).uniform(size=(3, 4, 5, 3, 2))
    assert nsl.conversion.verify(model, spiking, items)
    check_compiled(model, spiking, [items])


# Keras computes these with the channels first on a CPU too
CHANNELS_FIRST = {
    "depthwise": lambda: L.DepthwiseConv2D(3, activation="relu", data_format="channels_first"),
    "average pool": lambda: L.AveragePooling2D(2, data_format="channels_first"),
    "global": lambda: L.GlobalAveragePooling2D(data_format="channels_first"),
    "global keeping dims": lambda: L.GlobalAveragePooling2D(
        data_format="channels_first", keepdims=True
    ),
    "flatten": lambda: L.Flatten(data_format="channels_first"),
    "up-sampling": lambda: L.UpSampling2D(2, data_format="channels_first"),
    "bilinear up-sampling": lambda: L.UpSampling2D(
        2, data_format="channels_first", interpolation="bilinear"
    ),
    "resizing": lambda: L.Resizing(5, 9, data_format="channels_first"),
    "zero padding": lambda: L.ZeroPadding2D(((0, 1), (2, 0)), data_format="channels_first"),
    "dropout": lambda: L.SpatialDropout2D(0.5, data_format="channels_first"),
    "batch norm": lambda: L.BatchNormalization(axis=1),
}


@pytest.mark.parametrize("make", CHANNELS_FIRST.values(), ids=CHANNELS_FIRST.keys())
def test_layers_with_the_channels_first(make):
    layers = [keras.Input((3, 7, 6)), L.ReLU(), make(), L.ReLU(), L.Flatten(), L.Dense(3)]
    check(randomize(keras.Sequential(layers)))


def test_convolutions_with_the_channels_first_compute_the_same_as_with_them_last():
    """A CPU can't run the Keras model with the channels first."""

    def model(data_format, shape):
        conv = {"padding": "same", "activation": "relu", "data_format": data_format}
        layers = [keras.Input(shape), L.Conv2D(4, 3, **conv), L.Conv2D(2, 3, strides=2, **conv)]
        return randomize(keras.Sequential(layers))

    last, first = model("channels_last", (7, 6, 3)), model("channels_first", (3, 7, 6))
    items = np.random.default_rng(0).uniform(size=(2, 7, 6, 3))
    spiking = nsl.convert(first)
    assert [layer.shape for layer in spiking.layers] == [(4, 7, 6), (2, 4, 3)]
    with RateRun(spiking.graph) as run:
        for item, want in zip(items, last.predict(items, verbose=0), strict=True):
            run.present(dict.fromkeys(spiking.inputs, np.moveaxis(item, -1, 0)))
            result = run.result(spiking.graph.outputs[0]).reshape(2, 4, 3)
            np.testing.assert_allclose(np.moveaxis(result, 0, -1), want, rtol=1e-4)
