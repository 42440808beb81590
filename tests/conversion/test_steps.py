"""Models that were trained in spikes: the same spikes in every step on every backend."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion import compare_spikes
from nengo_softlif.errors import ConversionError, ParameterError
from nengo_softlif.layers import (
    BySegments,
    DiscreteLIF,
    EncodeSpikes,
    LeakyIntegrator,
    OverTime,
    RecurrentLIF,
    SpikingLSTM,
)

L = keras.layers
X = np.random.default_rng(0).uniform(size=(20, 8, 8, 1)).astype("float32")
T = 12
VARYING = np.random.default_rng(2).uniform(size=(7, T, 20)).astype("float32")


def model_of(*layers, shape=(8, 8, 1)):
    model = keras.Sequential([keras.Input(shape), *layers])
    rng = np.random.default_rng(1)
    for weight in model.trainable_weights:
        if weight.name in ("kernel", "bias"):
            weight.assign(weight + rng.normal(0, 0.1, size=weight.shape))
    return model


@pytest.fixture(scope="module")
def convolutional():
    """Every kind of layer, trained thresholds, both resets, adaptation."""
    keras.utils.set_random_seed(0)
    model = model_of(
        EncodeSpikes(nsl.BernoulliSpikes(1000), T, seed=0),
        OverTime(L.Conv2D(6, 3)),
        DiscreteLIF(0.8, 0.4, trainable_threshold=True, trainable_decay=True),
        OverTime(L.AveragePooling2D(2)),
        OverTime(L.Flatten()),
        L.Dense(30),
        L.BatchNormalization(),
        DiscreteLIF(0.9, 0.5, "subtract", refractory_steps=1, min_voltage=-0.2),
        L.Dropout(0.2),
        L.Dense(20, use_bias=False),
        DiscreteLIF(0.5, 0.3, adaptation_strength=0.5, adaptation_decay=0.8),
        L.Dense(4),
        LeakyIntegrator(0.7),
    )
    for weight in model.trainable_weights:
        if weight.name == "threshold":
            weight.assign(np.linspace(0.2, 0.6, 6))
        elif weight.name == "decay":
            weight.assign(np.linspace(0.5, 0.9, 6))
    return model


@pytest.mark.parametrize("backend", ["compiled", "nengo", "nengo_dl"])
def test_every_spike_of_every_step_is_the_same(convolutional, backend):
    if backend == "nengo_dl":
        pytest.importorskip("nengo_dl")
    spiking = nsl.convert(convolutional)
    layers = compare_spikes(convolutional, spiking, X, backend=backend)
    assert [layer.n_differing for layer in layers] == [0, 0, 0], str(layers)
    assert [layer.n_compared for layer in layers] == [20 * T * n for n in (216, 30, 20)]
    assert all(layer.n_spikes > 0.01 * layer.n_compared for layer in layers)


@pytest.mark.parametrize("over_time", ["last", "mean"])
@pytest.mark.parametrize("backend", ["compiled", "nengo", "nengo_dl"])
def test_outputs_of_time_varying_samples_are_those_of_keras(over_time, backend):
    if backend == "nengo_dl":
        pytest.importorskip("nengo_dl")
    x = np.random.default_rng(2).uniform(size=(7, T, 20)).astype("float32")
    model = model_of(
        L.Dense(30), DiscreteLIF(), L.Dense(4), LeakyIntegrator(0.7, over_time), shape=(T, 20)
    )
    spiking = nsl.convert(model)
    assert list(spiking.input_shapes.values()) == [(20,)]
    found = spiking.predict(x, backend=backend, progress=False).output
    np.testing.assert_allclose(found, model.predict(x, verbose=0), rtol=1e-4, atol=1e-5)


def read_in_two_ways(one, other, between=None):
    """Two readouts of one hidden layer."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((T, 20))
    hidden = DiscreteLIF()(L.Dense(6)(inputs))
    readouts = [
        LeakyIntegrator(0.7, over_time, name=over_time + name)(L.Dense(3)(hidden))
        for over_time, name in ((one, "_p"), (other, "_q"))
    ]
    return keras.Model(inputs, readouts if between is None else between(readouts))


@pytest.mark.parametrize("over_time", ["last", "mean"])
def test_several_outputs_are_read_at_the_same_steps(over_time):
    model, x = read_in_two_ways(over_time, over_time), VARYING
    found = nsl.convert(model).predict(x, progress=False).outputs
    for name, wanted in zip(found, model.predict(x, verbose=0), strict=True):
        np.testing.assert_allclose(found[name], wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "one, other, between",
    [("last", "mean", None), ("last", "mean", L.Add())],
)
def test_outputs_that_are_read_at_other_steps_are_refused(one, other, between):
    with pytest.raises(ConversionError, match=r"read at the same steps.*last"):
        nsl.convert(read_in_two_ways(one, other, between))


def test_outputs_of_all_steps_come_beside_others():
    model = read_in_two_ways("all", "last")
    found = nsl.convert(model).predict(VARYING, keep="outputs", progress=False)
    everything, last = model.predict(VARYING, verbose=0)
    np.testing.assert_allclose(found.outputs["last_q"], last, rtol=1e-4, atol=1e-5)
    shown = found.outputs_over_time["all_p"]
    np.testing.assert_allclose(shown, everything, rtol=1e-4, atol=1e-5)


def test_voltages_of_all_steps_within_a_network_do_not_say_when_it_is_read():
    model = model_of(
        L.Dense(30),
        DiscreteLIF(),
        L.Dense(10),
        LeakyIntegrator(0.7, "all"),
        DiscreteLIF(),
        L.Dense(4),
        LeakyIntegrator(0.7),
        shape=(T, 20),
    )
    found = nsl.convert(model).predict(VARYING, progress=False).output
    np.testing.assert_allclose(found, model.predict(VARYING, verbose=0), rtol=1e-4, atol=1e-5)


def test_samples_are_shown_as_in_training(convolutional, tmp_path):
    spiking = nsl.convert(convolutional)
    shown = nsl.Presentation(time=0.012, classify_from=0.011, encoding=nsl.BernoulliSpikes(1000))
    assert spiking.presentation == shown
    assert spiking.predict(X, progress=False).presentation.n_steps() == T
    spiking.save(tmp_path / "network.zip")
    loaded = nsl.SpikingNetwork.load(tmp_path / "network.zip")
    assert loaded.presentation == shown
    found = [network.predict(X, progress=False, seed=3).output for network in (spiking, loaded)]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("delay", [1, 2, 4])
@pytest.mark.parametrize("backend", ["compiled", "nengo", "nengo_dl"])
def test_recurrent_spikes_are_the_same(delay, backend, tmp_path):
    if backend == "nengo_dl":
        pytest.importorskip("nengo_dl")
    keras.utils.set_random_seed(0)
    model = model_of(
        L.Dense(30),
        RecurrentLIF(0.9, 0.8, adaptation_strength=[0.0] * 10 + [0.5] * 20, delay=delay),
        L.Dense(4),
        LeakyIntegrator(),
        shape=(20, 6),
    )
    x = np.random.default_rng(3).uniform(size=(6, 20, 6)).astype("float32")
    nsl.convert(model).save(tmp_path / "network.zip")
    spiking = nsl.SpikingNetwork.load(tmp_path / "network.zip")
    (layer,) = compare_spikes(model, spiking, x, backend=backend)
    assert layer.n_differing == 0 and layer.n_spikes > 100


@pytest.mark.parametrize("backend", ["nengo", "compiled", "nengo_dl"])
def test_slow_adaptation_is_the_same(backend):
    """In single precision, 1 less a decay near 1 has only a few digits."""
    if backend == "nengo_dl":
        pytest.importorskip("nengo_dl")
    keras.utils.set_random_seed(0)
    layer = RecurrentLIF(
        0.95,
        adaptation_strength=[0.0] * 20 + [180.0] * 20,
        adaptation_decay=float(np.exp(-1 / 700)),
        reset="subtract",
        refractory_steps=3,
        recurrent_initializer=keras.initializers.RandomNormal(stddev=0.5),
    )
    parts = [keras.layers.Dense(40), layer, keras.layers.Dense(2), LeakyIntegrator(0.99)]
    model = keras.Sequential([keras.Input((400, 10)), *parts])
    x = (np.random.default_rng(0).random((4, 400, 10)) < 0.2).astype("float32")
    (layer,) = compare_spikes(model, nsl.convert(model), x, backend=backend)
    assert layer.n_differing == 0 and layer.n_spikes > 1000


def test_a_difference_is_found_and_named(convolutional):
    spiking = nsl.convert(convolutional)
    name = spiking.layers[1].name
    other = keras.models.clone_model(convolutional)
    other.set_weights(convolutional.get_weights())
    other.layers[7].threshold = 0.6
    layers = {layer.name: layer for layer in compare_spikes(other, spiking, X)}
    assert layers[name].n_differing > 0 and layers[name].n_origins > 0
    assert layers[spiking.layers[0].name].n_differing == 0


def test_spikes_cross_the_network_within_the_step():
    model = model_of(
        DiscreteLIF(0.0, 0.5),
        L.Dense(1, kernel_initializer="ones", use_bias=False),
        DiscreteLIF(0.0, 0.5),
        shape=(4, 1),
    )
    model.layers[1].set_weights([np.ones((1, 1))])
    x = np.array([[[0.0], [1.0], [0.0], [1.0]]], dtype="float32")
    run = nsl.convert(model).predict(x, keep="spikes", progress=False)
    for spikes in run.spikes.values():
        np.testing.assert_array_equal(spikes[0, :, 0], [False, True, False, True])


@pytest.mark.parametrize(
    "layers, words",
    [
        ([DiscreteLIF(), L.Flatten(), L.Dense(2)], "flatten.*OverTime"),
        ([L.Dense(3, activation="relu"), DiscreteLIF()], "use nengo_softlif.layers.DiscreteLIF"),
        ([DiscreteLIF(), LeakyIntegrator(over_time="max")], "use over_time='last' or 'mean'"),
    ],
)
def test_what_does_not_go_step_by_step_is_refused(layers, words):
    with pytest.raises(ConversionError, match=words):
        nsl.convert(keras.Sequential([keras.Input((4, 3)), *layers]))


def test_other_lengths_need_a_presentation():
    model = model_of(DiscreteLIF(), L.Dense(2), LeakyIntegrator(), shape=(4, 3))
    spiking, x = nsl.convert(model), np.ones((2, 6, 3), "float32")
    with pytest.raises(ParameterError, match=r"of other than the 4 time steps .*got 6 to 6"):
        spiking.predict(x, progress=False)
    shown = nsl.Presentation(classify_from=0.005)
    found = spiking.predict(x, presentation=shown, progress=False).output
    longer = model_of(DiscreteLIF(), L.Dense(2), LeakyIntegrator(), shape=(6, 3))
    longer.set_weights(model.get_weights())
    np.testing.assert_allclose(found, longer.predict(x, verbose=0), rtol=1e-5)


def test_rates_are_no_matter(convolutional):
    with pytest.raises(ConversionError, match="leave them out"):
        nsl.convert(convolutional, scale=2)
    with pytest.raises(ConversionError, match="compare_spikes"):
        nsl.conversion.verify(convolutional, nsl.convert(convolutional), X)


def test_comparing_needs_a_network_that_was_trained_in_spikes():
    model = model_of(L.Dense(3, activation="relu"), L.Dense(2), shape=(4,))
    with pytest.raises(ParameterError, match=r"check others with .*verify"):
        compare_spikes(model, nsl.convert(model), np.ones((2, 4)))


def test_any_nengo_simulator_runs_the_network(convolutional):
    net = nsl.convert(convolutional).net
    assert {type(e.neuron_type) for e in net.all_ensembles} == {nsl.SpikingDiscreteLIF}
    with nengo.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(3)


def test_layers_within_segments_are_converted_one_by_one():
    keras.utils.set_random_seed(0)
    hidden = [
        L.Dense(20, name="in"),
        RecurrentLIF(0.9, 0.4, name="recurrent"),
        L.Dropout(0.2),
        OverTime(L.Dense(15), name="between"),
        SpikingLSTM(10, name="cells"),
    ]
    readout = [L.Dense(4, name="out"), LeakyIntegrator(0.7)]
    model = model_of(BySegments(hidden, 5), *readout, shape=(T, 6))
    plain = keras.Sequential([keras.Input((T, 6)), *hidden, *readout])
    x = np.random.default_rng(2).normal(size=(7, T, 6)).astype("float32")
    spiking = nsl.convert(model)
    assert [layer.name for layer in spiking.layers] == [
        layer.name for layer in nsl.convert(plain).layers
    ]
    layers = compare_spikes(model, spiking, x)
    assert [layer.name for layer in layers] == ["recurrent", "cells"]
    assert all(layer.n_differing == 0 and layer.n_spikes for layer in layers), str(layers)
    found = spiking.predict(x, progress=False).output
    np.testing.assert_allclose(found, model.predict(x, verbose=0), rtol=1e-4, atol=1e-5)


def test_a_layer_within_segments_that_cannot_be_converted_is_named():
    wrong = BySegments([L.Dense(3, activation="tanh", name="wrong"), DiscreteLIF()], 5)
    with pytest.raises(ConversionError, match="wrong"):
        nsl.convert(model_of(wrong, L.Dense(2), LeakyIntegrator(), shape=(T, 6)))


def test_few_samples_are_compared_at_a_time(monkeypatch):
    """So that results of large networks fit into memory; the sums are the same."""
    model = model_of(
        L.Reshape((T, 10)), L.Dense(7, use_bias=False), DiscreteLIF(0.8, 0.1), shape=(T * 10,)
    )
    x = np.random.default_rng(2).uniform(size=(9, T, 10))
    spiking_part = keras.Sequential([keras.Input((T, 10)), *model.layers[1:]])
    other = keras.models.clone_model(spiking_part)  # with other weights
    spiking = nsl.convert(other)
    (whole,) = compare_spikes(spiking_part, spiking, x)
    monkeypatch.setattr("nengo_softlif.conversion.spike_check.AT_ONCE", 2 * 7 * T)
    assert compare_spikes(spiking_part, spiking, x) == (whole,)
    assert whole.n_differing > 0 and whole.n_compared == 9 * 7 * T
