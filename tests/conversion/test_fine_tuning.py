"""Rate models whose activations are swapped for spiking neurons, and back."""

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion import (
    compare_spikes,
    to_quantized_model,
    to_rate_model,
    to_spiking_model,
)
from nengo_softlif.errors import ConversionError, ParameterError
from nengo_softlif.functional.surrogates import FastSigmoidSurrogate
from nengo_softlif.layers import DiscreteLIF, LinearResetLIF, QuantizedReLU, SoftLIF
from tests.hints.test_fine_tuning import dense

L = keras.layers
X = np.random.RandomState(0).uniform(-1, 2, size=(60, 8, 8, 1)).astype("float32")
Y = np.arange(60) % 5


@pytest.fixture(scope="module")
def rates():
    """Branches, batch normalisation, pooling, activations as layers and inside of them."""
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 1))
    x = L.Conv2D(4, 3, padding="same")(image)
    x = L.MaxPooling2D(2, name="pool")(L.ReLU(name="first")(L.BatchNormalization()(x)))
    branch = L.Conv2D(4, 3, padding="same", activation="relu", name="branch")(x)
    x = L.Dropout(0.2)(L.Flatten()(L.AveragePooling2D(2)(L.Add()([x, branch]))))
    x = L.Dense(20, activation="relu", name="hidden")(x)
    return keras.Model(image, L.Dense(5, activation="softmax", name="out")(x))


def without_max_pooling(model_of_rates):
    """The same weights, so that spikes converge to the rates: max pooling of spikes does not."""
    inner = keras.Model(model_of_rates.inputs, model_of_rates.get_layer("first").output)
    return keras.Sequential(
        [inner, L.AveragePooling2D(2), L.Flatten(), L.Dense(20, "relu"), L.Dense(5, "softmax")]
    )


def test_more_steps_come_closer_to_the_rates(rates):
    model = without_max_pooling(rates)
    expected = model.predict(X, verbose=0)
    errors = [
        np.abs(to_spiking_model(model, X, n_steps=n).predict(X, verbose=0) - expected).mean()
        for n in (4, 32, 256)
    ]
    assert errors[0] > 4 * errors[1] > 16 * errors[2]
    assert errors[2] < 1e-3


@pytest.mark.parametrize("layer", [SoftLIF, LinearResetLIF])
def test_neurons_with_a_leak_have_the_rates_of_their_curve(layer):
    keras.utils.set_random_seed(0)
    curve = layer(tau_rc=0.02, amplitude=0.01, sigma=0.005)
    parts = [L.Dense(30, bias_initializer="ones"), curve, L.Dense(4)]
    model = keras.Sequential([keras.Input((8,)), *parts])
    x = X.reshape(-1, 8)[:40]
    expected = model.predict(x, verbose=0)
    found = to_spiking_model(model, n_steps=1000).predict(x, verbose=0)
    assert np.abs(found - expected).mean() < 0.08 * np.abs(expected).mean()


def test_it_trains_converts_and_goes_back(rates):
    keras.utils.set_random_seed(0)
    spiking = to_spiking_model(rates, X, n_steps=6, surrogate=FastSigmoidSurrogate(2))
    assert spiking.count_params() == rates.count_params()
    spiking.compile("adam", "sparse_categorical_crossentropy")
    losses = spiking.fit(X, Y, epochs=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    network = nsl.convert(spiking)
    layers = compare_spikes(spiking, network, X)
    assert [layer.name for layer in layers] == [
        "first", "pool_steps", "branch_spikes", "hidden_spikes"
    ]  # fmt: skip
    assert layers.n_differing == 0 and min(layer.n_spikes for layer in layers) > 100
    found = network.predict(X, progress=False).output.argmax(axis=1)
    np.testing.assert_array_equal(found, spiking.predict(X, verbose=0).argmax(axis=1))
    back = to_rate_model(spiking, rates)
    for layer in ("branch", "hidden", "out"):
        kernel = back.get_layer(layer).get_weights()[0]
        assert not np.array_equal(kernel, rates.get_layer(layer).get_weights()[0])
    again = to_spiking_model(back, X, n_steps=6).get_layer("out").get_weights()
    np.testing.assert_array_equal(again[0], back.get_layer("out").get_weights()[0])


def test_the_model_stays_as_it_was(rates):
    before = rates.get_weights()
    spiking = to_spiking_model(rates, X, n_steps=2)
    spiking.set_weights([w + 1 for w in spiking.get_weights()])
    for one, other in zip(before, rates.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_several_inputs_and_outputs():
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    joined = L.Concatenate()([L.Dense(6, "relu")(a), L.Dense(5, "relu")(b)])
    model = keras.Model([a, b], [L.Dense(2)(joined), L.Dense(3)(joined)])
    x = [X.reshape(-1, 4)[:30], X.reshape(-1, 3)[:30]]
    spiking = to_spiking_model(model, x, n_steps=200)
    for one, other in zip(spiking.predict(x, verbose=0), model.predict(x, verbose=0), strict=True):
        assert np.abs(one - other).max() < 0.05 * np.abs(other).max()


def test_a_shared_layer_stays_shared():
    a, b = keras.Input((4,)), keras.Input((4,))
    shared = L.Dense(6, "relu", name="shared")
    model = keras.Model([a, b], L.Dense(2)(L.Add()([shared(a), shared(b)])))
    spiking = to_spiking_model(model, [X.reshape(-1, 4)[:30]] * 2, n_steps=3)
    assert spiking.count_params() == model.count_params()


def test_spikes_are_pooled_as_keras_does():
    parts = [DiscreteLIF(0.5, 0.5), nsl.layers.OverTime(L.MaxPooling2D(2, padding="same"))]
    parts += [nsl.layers.OverTime(L.GlobalMaxPooling2D()), nsl.layers.LeakyIntegrator()]
    model = keras.Sequential([keras.Input((6, 5, 5, 2)), *parts])
    x = np.random.default_rng(0).uniform(0, 0.4, size=(7, 6, 5, 5, 2)).astype("float32")
    network = nsl.convert(model)
    layers = compare_spikes(model, network, x)
    assert len(layers) == 3 and layers.n_differing == 0
    found = network.predict(x, progress=False).output
    np.testing.assert_allclose(found, model.predict(x, verbose=0), atol=1e-5)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"n_steps": 0}, "n_steps"),
        ({"start": 1.5}, "start"),
        ({"surrogate": "triangle"}, "surrogate"),
    ],
)
def test_bad_options_are_named(options, words):
    with pytest.raises(ParameterError, match=words):
        to_spiking_model(dense(L.Dense(4, "relu")), X, **options)


def test_other_curves_of_relu_are_refused():
    with pytest.raises(ConversionError, match="ReLU with parameters"):
        to_spiking_model(dense(L.Dense(4), L.ReLU(max_value=6)), X)


def test_quantized_rates_are_those_of_the_spikes(rates):
    """Except for max pooling, where spikes in the same step count once."""
    model = without_max_pooling(rates)
    quantized = to_quantized_model(model, X, n_steps=8)
    # every layer after the first takes spikes that come unevenly
    first = quantized.get_layer("first").output
    expected = keras.Model(quantized.inputs, first).predict(X, verbose=0)
    spiking = to_spiking_model(quantized, n_steps=8)
    spikes = keras.Model(spiking.inputs, spiking.get_layer("first").output).predict(X, verbose=0)
    threshold = float(quantized.get_layer("first").trained_threshold)
    np.testing.assert_allclose(threshold * spikes.mean(axis=1), expected, atol=1e-5)
    exact = model.predict(X, verbose=0)
    near, nearer = (
        np.abs(to_quantized_model(model, X, n_steps=n).predict(X, verbose=0) - exact).mean()
        for n in (8, 64)
    )
    assert near > 4 * nearer


def test_it_trains_quantized_then_in_spikes_and_goes_back(rates):
    keras.utils.set_random_seed(0)
    quantized = to_quantized_model(rates, X, n_steps=6)
    before = [float(x.trained_threshold) for x in quantized.layers if isinstance(x, QuantizedReLU)]
    assert len(before) == 3
    quantized.compile("adam", "sparse_categorical_crossentropy")
    losses = quantized.fit(X, Y, epochs=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    spiking = to_spiking_model(quantized, n_steps=6)
    network = nsl.convert(spiking)
    assert compare_spikes(spiking, network, X).n_differing == 0
    back = to_rate_model(spiking, rates)
    np.testing.assert_array_equal(
        back.get_layer("hidden").get_weights()[0], quantized.get_layer("hidden").get_weights()[0]
    )
    after, kept = (
        [float(x.trained_threshold) for x in trained.layers if isinstance(x, QuantizedReLU)]
        for trained in (quantized, to_rate_model(spiking, quantized))
    )
    assert all(a != b for a, b in zip(after, before, strict=True))
    assert kept == after


def test_only_relus_can_be_quantized():
    with pytest.raises(ConversionError, match="can't be quantized; use ReLUs"):
        to_quantized_model(dense(L.Dense(4), SoftLIF(amplitude=0.01)), X)
