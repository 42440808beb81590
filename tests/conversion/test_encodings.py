"""Models with an encoding as their first layer: kept by conversion, with the same spikes."""

from functools import cache

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion import compare_spikes
from nengo_softlif.errors import ConversionError
from nengo_softlif.layers import DiscreteLIF, EncodeSpikes, LeakyIntegrator, OverTime

L = keras.layers
T = 20
X = np.random.default_rng(0).uniform(size=(20, 12)).astype("float32")
ENCODINGS = {
    "regular": nsl.RegularSpikes(400),
    "bernoulli": nsl.BernoulliSpikes(400),
    "poisson": nsl.PoissonSpikes(1400),
    "constant": nsl.ConstantCurrent(400),
    "latency": nsl.LatencySpikes(),
}
EACH = pytest.mark.parametrize("kind", ENCODINGS)


def model_of(encoding, *layers, dt=0.001):
    keras.utils.set_random_seed(0)
    encode = EncodeSpikes(encoding, T, dt=dt, seed=1)
    return keras.Sequential([keras.Input((12,)), encode, *layers])


def spiking_layers():
    return L.Dense(30), DiscreteLIF(0.9, 0.3), L.Dense(4), LeakyIntegrator()


@EACH
@pytest.mark.parametrize("dt", [0.001, 0.0005])
def test_spikes_are_those_of_keras(kind, dt, tmp_path):
    model = model_of(ENCODINGS[kind], *spiking_layers(), dt=dt)
    nsl.convert(model).save(tmp_path / "network.zip")
    spiking = nsl.SpikingNetwork.load(tmp_path / "network.zip")
    encoding = spiking.presentation.encoding
    assert type(encoding) is type(ENCODINGS[kind])
    if kind != "latency":  # as many spikes a step, in steps of 1 ms
        assert encoding.max_rate == pytest.approx(ENCODINGS[kind].max_rate * dt / 0.001)
    (layer,) = compare_spikes(model, spiking, X)
    assert layer.n_differing == 0 and layer.n_spikes > 100
    if kind in ("regular", "constant", "latency"):  # the network encodes by itself
        found = spiking.predict(X, progress=False).output
        np.testing.assert_allclose(found, model.predict(X, verbose=0), atol=1e-4)


@cache
def counting(kind):
    """A network whose output counts its input spikes, and the mean counts of its Keras model."""
    inputs = keras.Input((12,))
    spikes = EncodeSpikes(ENCODINGS[kind], T, seed=1)(inputs)
    weighted = L.Dense(12, use_bias=False, kernel_initializer="identity")(spikes)
    neurons = DiscreteLIF(0.0, 1e-3)(spikes)  # by which conversion knows the time axis
    model = keras.Model(inputs, [LeakyIntegrator(name="n")(weighted), neurons])
    drawn = model.predict(np.tile(X, (30, 1)), verbose=0)[0].reshape(30, *X.shape)
    return nsl.convert(model), drawn.mean(axis=0)


@EACH
@pytest.mark.parametrize("backend", ["compiled", "nengo", "nengo_dl"])
def test_encoded_values_have_the_statistics_of_keras_on_every_backend(kind, backend):
    if backend == "nengo_dl":
        pytest.importorskip("nengo_dl")
    spiking, drawn = counting(kind)
    x, drawn = X[:8], drawn[:8]
    found = spiking.predict(x, output="n", backend=backend, progress=False).output
    if kind in ("bernoulli", "poisson"):
        mean = (x * ENCODINGS[kind].max_rate * T / 1000).sum()
        assert abs(found.sum() - mean) < 5 * np.sqrt(mean)  # the deviation of Poisson numbers
        assert abs(drawn.sum() - mean) < 5 * np.sqrt(mean / 30)
    else:
        np.testing.assert_allclose(found, drawn, atol=1e-3)


def test_different_encodings_are_refused():
    def two(first, second):
        inputs = [keras.Input((3,)), keras.Input((3,))]
        spikes = [EncodeSpikes(e, T)(x) for e, x in zip((first, second), inputs, strict=True)]
        return keras.Model(inputs, DiscreteLIF()(L.Add()(spikes)))

    with pytest.raises(ConversionError, match=r"got RegularSpikes\(100\) and LatencySpikes\(\)"):
        nsl.convert(two(nsl.RegularSpikes(100), nsl.LatencySpikes()))
    with pytest.raises(ConversionError, match=r"RegularSpikes\(100\) and RegularSpikes\(200\)"):
        nsl.convert(two(nsl.RegularSpikes(100), nsl.RegularSpikes(200)))
    shown = nsl.convert(two(nsl.RegularSpikes(100), nsl.RegularSpikes(100))).presentation
    assert shown.encoding == nsl.RegularSpikes(100)


@EACH
def test_spikes_are_the_same_on_loihi(kind):
    """Single spikes a step enter the chip; other encodings have their first layer on the host."""
    loihi = {"quantize": "loihi"}
    random = keras.initializers.RandomNormal(0.1, 0.3)
    layers = [
        OverTime(L.Dense(n, use_bias=False, kernel_initializer=random), **loihi) for n in (20, 10)
    ]
    model = model_of(
        ENCODINGS[kind],
        layers[0],
        DiscreteLIF(0.9, 1.0, **loihi),
        layers[1],
        DiscreteLIF(0.9, 1.0, **loihi),
    )
    spiking = nsl.convert(model, target="loihi")
    found = compare_spikes(model, spiking, X, backend="loihi")
    assert all(layer.n_spikes > 100 for layer in found)
    if kind == "constant":  # sums of products that are no binary fractions are rounded
        assert sum(layer.n_differing for layer in found) <= 0.01 * sum(x.n_spikes for x in found)
    else:
        assert [layer.n_differing for layer in found] == [0, 0]
    on_chip = [layer.on_chip for layer in nsl.loihi.check(spiking).layers]
    assert on_chip[-1] and on_chip[-2] == (kind not in ("constant", "poisson"))
