"""The networks have the sizes that the papers give."""

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from experiments.fused_normalization import fuse_normalization
from experiments.networks import Neurons, cifar50k, mnist27k, mnist_mlp
from experiments.residual import cifar_residual
from experiments.response_normalization import LocalResponseNormalization
from nengo_softlif.analysis.connectivity import count_connections

SIZES = {
    mnist27k: ([12544, 12544, 2000], [313600, 5017600, 6272000, 20000]),
    cifar50k: ([36864, 9216, 2304, 1152], [2764800, 14745600, 1327104, 663552, 11520]),
    mnist_mlp: ([500, 200], [392000, 100000, 2000]),
}


@pytest.mark.parametrize("build", SIZES, ids=lambda build: build.__name__)
def test_sizes_are_those_of_the_papers(build):
    n_neurons, n_connections = SIZES[build]
    spiking = nsl.convert(build(Neurons()))
    assert [layer.n_neurons for layer in spiking.layers] == n_neurons
    projections = count_connections(spiking).projections
    assert [p.n_connections for p in projections] == n_connections


@pytest.mark.parametrize("neurons", [Neurons(rates=(40.0,) * 6), Neurons(lif=False)])
def test_shortcuts_convert(neurons):
    model = cifar_residual(neurons)
    assert model.count_params() < 2e6
    spiking = nsl.convert(model)
    assert sum(layer.n_neurons for layer in spiking.layers) == 188_416
    x = np.random.RandomState(0).uniform(size=(2, 32, 32, 3)).astype("float32")
    nsl.conversion.verify(model, spiking, x)


@pytest.mark.parametrize("neurons", [Neurons(), Neurons(lif=False)], ids=["LIF", "ReLU"])
def test_all_variants_classify(neurons):
    x = np.random.RandomState(0).uniform(size=(2, 24, 24, 3)).astype("float32")
    for options in ({}, {"max_pooling": True}, {"max_pooling": True, "normalization": True}):
        assert cifar50k(neurons, **options)(x).shape == (2, 10)


def test_normalisation_by_batches_folds_into_the_weights():
    keras.utils.set_random_seed(0)  # one weight in millions is zero, and no connection
    model = cifar50k(Neurons(), batch_normalization=True)
    random = np.random.RandomState(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            for variable in layer.weights:
                variable.assign(random.uniform(0.5, 1.5, size=variable.shape))
    spiking = nsl.convert(model)
    n_neurons, n_connections = SIZES[cifar50k]
    assert [layer.n_neurons for layer in spiking.layers] == n_neurons
    projections = count_connections(spiking).projections
    assert [p.n_connections for p in projections] == n_connections
    x = random.uniform(size=(2, 24, 24, 3)).astype("float32")
    nsl.conversion.verify(model, spiking, x)


def test_response_normalization_divides_by_the_neighbours():
    x = np.random.RandomState(0).uniform(size=(2, 3, 3, 12)).astype("float32")
    layer = LocalResponseNormalization(n=5, alpha=0.1, beta=0.75)
    wanted = np.empty_like(x)
    for c in range(12):
        near = x[..., max(0, c - 2) : c + 3]
        wanted[..., c] = x[..., c] / (1 + 0.1 / 5 * (near**2).sum(axis=-1)) ** 0.75
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(x)), wanted, rtol=1e-5)


def test_fused_normalisation_is_that_of_keras():
    x = np.random.RandomState(0).normal(3, 2, (8, 6, 6, 5)).astype(np.float32)
    models = []
    for _ in range(2):
        layer = keras.layers.BatchNormalization(momentum=0.9, scale=False)
        models.append(keras.Sequential([keras.Input((6, 6, 5)), layer]))
    fused, plain = models
    fuse_normalization(fused)
    for training in (True, True, False):
        np.testing.assert_allclose(
            fused(x, training=training), plain(x, training=training), atol=1e-5
        )
    for ours, theirs in zip(fused.weights, plain.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)
