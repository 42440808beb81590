"""One network, every backend: the same predictions, the same rates, nothing left behind."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif import backends
from nengo_softlif.errors import BackendError
from nengo_softlif.layers import LinearResetLIF, SoftLIF

L = keras.layers
BACKENDS = backends.names()
N_IMAGES = 10
OPTIONS = {"presentation": nsl.Presentation(time=0.1), "progress": False}


@pytest.fixture(scope="module")
def data():
    return nsl.datasets.load("mnist_subset")


def train(data, *hidden):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input(data.input_shape), *hidden, L.Flatten(), L.Dense(10, name="out")]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss)
    model.fit(data.x_train[:2000], data.y_train[:2000], epochs=4, verbose=0)
    return model


def conv(filters, size, strides, start="ones"):
    return L.Conv2D(filters, size, strides=strides, bias_initializer=start)


def lif_network(data):
    model = train(
        data,
        conv(6, 5, 3),
        SoftLIF(amplitude=0.01, noise=20, name="first"),
        L.AveragePooling2D(2),
        conv(16, 2, 1),
        SoftLIF(amplitude=0.01, noise=20, name="second"),
    )
    return model, nsl.convert(model)


def linear_reset_network(data):
    model = train(
        data,
        conv(6, 5, 3, "zeros"),
        L.ReLU(name="first"),
        L.AveragePooling2D(2),
        conv(16, 2, 1, "zeros"),
        LinearResetLIF(leak=False, tau_rc=1.0, name="second"),
    )
    return model, nsl.convert(
        model, target_rates=200, calibration=data.x_train[:50], percentile=99.5
    )


@pytest.fixture(scope="module", params=[lif_network, linear_reset_network])
def network(request, data):
    model, spiking = request.param(data)
    nsl.conversion.verify(model, spiking, data.x_test[:5])
    return model, spiking


@pytest.fixture(scope="module")
def results(network, data):
    _, spiking = network
    return {
        name: nsl.evaluate(
            spiking, data.x_test[:N_IMAGES], data.y_test[:N_IMAGES], backend=name, **OPTIONS
        )
        for name in BACKENDS
    }


@pytest.mark.parametrize("backend", BACKENDS)
def test_predictions_are_those_of_the_rate_network(backend, network, results, data):
    model, _ = network
    logits = model.predict(data.x_test[:N_IMAGES], verbose=0)
    top = np.sort(logits, axis=1)
    clear = top[:, -1] - top[:, -2] > 0.15 * np.ptp(logits, axis=1)
    assert clear.sum() >= 5
    np.testing.assert_array_equal(results[backend].predictions[clear], logits.argmax(axis=1)[clear])


@pytest.mark.parametrize("backend", BACKENDS)
def test_outputs_approach_those_of_the_rate_network(backend, network, results, data):
    model, _ = network
    logits = model.predict(data.x_test[:N_IMAGES], verbose=0)
    correlation = np.corrcoef(results[backend].output.ravel(), logits.ravel())[0, 1]
    assert correlation > 0.95


@pytest.mark.parametrize("backend", ["compiled", "nengo_dl"])
def test_in_single_precision_they_spike_as_in_nengo(backend, results):
    for layer, rates in results["nengo"].mean_rates.items():
        difference = np.abs(rates - results[backend].mean_rates[layer])
        # rounding decides ties: three spikes more or less in all, of ten images for 0.1 s each
        assert difference.max() <= 3 / (10 * 0.1)
        assert difference.mean() < 0.2


def test_loihi_spikes_nearly_alike(results):
    for layer, rates in results["nengo"].mean_rates.items():
        on_loihi = results["loihi"].mean_rates[layer]
        assert on_loihi.mean() == pytest.approx(rates.mean(), rel=0.15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_same_seed_gives_the_same_result(backend, network, results, data):
    _, spiking = network
    x, y = data.x_test[3:5], data.y_test[3:5]
    again = nsl.evaluate(spiking, x, y, backend=backend, keep="spikes", **OPTIONS)
    # and so does another place in another batch
    np.testing.assert_allclose(again.output, results[backend].output[3:5], rtol=1e-4, atol=1e-4)
    assert again.spikes["first"].any()


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_network_is_left_as_it_was(backend, network, results):
    _, spiking = network
    assert spiking.net.probes == []
    np.testing.assert_array_equal(spiking.input.output, np.zeros(784))


def test_all_backends_are_installed_with_the_tests():
    assert all(info.installed for info in backends.available()), backends.available()


def test_what_a_simulator_refuses_is_said():
    model = keras.Sequential(
        [keras.Input((4,)), L.Dense(3), SoftLIF(name="a"), L.Dense(3), SoftLIF(), L.Dense(2)]
    )
    spiking = nsl.convert(model, synapse=nengo.Alpha(0.005))
    with pytest.raises(BackendError, match=r"'loihi' can't run this network: .*nengo.Lowpass"):
        nsl.evaluate(spiking, np.ones((1, 4)), [0], backend="loihi", **OPTIONS)
    assert spiking.net.probes == []


def test_a_network_of_one_layer_leaves_nothing_for_the_chip():
    spiking = nsl.convert(keras.Sequential([keras.Input((4,)), L.Dense(3), SoftLIF(), L.Dense(2)]))
    with pytest.raises(BackendError, match=r"'loihi' .* no neurons for the chip.*; add a layer"):
        nsl.evaluate(spiking, np.ones((1, 4)), [0], backend="loihi", **OPTIONS)


def test_all_that_keeps_a_network_from_the_chip_is_said():
    layers = [L.Conv2D(2, 2), SoftLIF(), L.MaxPooling2D(2), L.Flatten(), L.Dense(2)]
    model = keras.Sequential([keras.Input((5, 5, 1)), *layers])
    spiking = nsl.convert(model, max_pool="spiking")
    with pytest.raises(
        BackendError, match=r"(?s)no neurons for the chip.*no max pooling of spikes"
    ):
        nsl.evaluate(spiking, np.ones((1, 5, 5, 1)), [0], backend="loihi", **OPTIONS)
    text = str(nsl.loihi.check(spiking))
    assert "no neurons for the chip" in text and "no max pooling of spikes" in text
