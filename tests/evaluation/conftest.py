"""A network of two inputs that says which one is larger."""

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.layers import SoftLIF

L = keras.layers


@pytest.fixture(scope="package")
def spiking():
    """Neurons that fire at about 100 Hz for an input of 1."""
    layers = [
        keras.Input((2,), name="x"),
        L.Dense(20),
        SoftLIF(amplitude=0.01, name="lif"),
        L.Dense(2, name="out"),
    ]
    model = keras.Sequential(layers, name="larger")
    first = np.repeat([[1.0, 0.0], [0.0, 1.0]], 10, axis=1)
    model.set_weights([2 * first, np.ones(20), first.T / 10, np.zeros(2)])
    return nsl.convert(model)


@pytest.fixture(scope="package")
def data():
    x = np.random.default_rng(0).uniform(size=(12, 2))
    return x, x.argmax(axis=1)


@pytest.fixture(scope="package")
def deep():
    """Two populations in a row, as Loihi needs them."""
    keras.utils.set_random_seed(0)
    layers = [keras.Input((2,), name="x")]
    for _ in range(2):
        layers += [L.Dense(20, bias_initializer="ones"), SoftLIF(amplitude=0.01)]
    return nsl.convert(keras.Sequential([*layers, L.Dense(2)]))
