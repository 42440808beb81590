"""Models that were trained in the arithmetic of Loihi: not one spike differs on the emulator."""

import keras
import nengo
import nengo_loihi
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion import compare_spikes
from nengo_softlif.layers import (
    DiscreteLIF,
    EncodeSpikes,
    LeakyIntegrator,
    OverTime,
    RecurrentLIF,
    SpikeCounts,
)

L = keras.layers
LOIHI = {"quantize": "loihi"}
T = 10
IMAGES = np.random.default_rng(0).uniform(size=(20, 8, 8, 1)).astype("float32")
COUNTS = np.random.default_rng(3).poisson(0.6, (9, T, 6, 6, 2)).astype("float32")


def lively(std=0.3):
    return keras.initializers.RandomNormal(0.1, std)


def conv(filters, **options):
    layer = L.Conv2D(filters, 3, use_bias=False, kernel_initializer=lively(), **options)
    return OverTime(layer, **LOIHI)


def dense(units, std=0.2):
    return OverTime(L.Dense(units, use_bias=False, kernel_initializer=lively(std)), **LOIHI)


@pytest.fixture(scope="module")
def convolutional():
    """Convolutions and recurrent weights, trained thresholds and decays, both resets, a bias."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            EncodeSpikes(nsl.BernoulliSpikes(500), T, seed=0),
            conv(6, strides=2),
            DiscreteLIF(0.83, 0.7, trainable_threshold=True, trainable_decay=True, **LOIHI),
            conv(8, padding="same"),
            DiscreteLIF(0.9, 0.8, reset="subtract", **LOIHI),
            OverTime(L.Flatten()),
            dense(20),
            RecurrentLIF(0.93, 0.9, refractory_steps=1, min_voltage=-1.0, **LOIHI),
            L.Dense(4, bias_initializer="random_normal"),
            LeakyIntegrator(0.8),
        ]
    )
    for name, low, high in (("threshold", 0.5, 1.0), ("decay", 0.5, 1.0)):
        (weight,) = [w for w in model.trainable_weights if w.name == name]
        weight.assign(np.linspace(low, high, 6))
    return model


@pytest.mark.parametrize("backend", ["loihi", "compiled", "nengo", "nengo_dl"])
def test_every_spike_of_every_step_is_the_same(convolutional, backend, tmp_path):
    if backend == "nengo_dl":
        pytest.importorskip("nengo_dl")
    nsl.convert(convolutional, target="loihi").save(tmp_path / "network.zip")
    spiking = nsl.SpikingNetwork.load(tmp_path / "network.zip")
    layers = compare_spikes(convolutional, spiking, IMAGES, backend=backend)
    assert [layer.n_differing for layer in layers] == [0, 0, 0], str(layers)
    assert [layer.n_compared for layer in layers] == [20 * T * n for n in (54, 72, 20)]
    assert all(layer.n_spikes > 0.05 * layer.n_compared for layer in layers)


def test_the_chip_has_all_layers_and_the_weights_without_an_error(convolutional):
    report = nsl.loihi.check(nsl.convert(convolutional))
    assert report.fits
    assert [layer.on_chip for layer in report.layers] == [False, True, True, True]
    assert all(layer.precision.weight_error == 0 for layer in report.layers if layer.on_chip)


def test_both_emulators_give_the_outputs_of_nengo(convolutional):
    """NengoLoihi's by hand: every layer is a step later than the one before."""
    spiking = nsl.convert(convolutional)
    pixels = (np.random.default_rng(1).random((2 * T, 64)) < 0.4) * 2.0
    spiking.input.output = lambda t: pixels[round(t / 0.001) - 1]
    with spiking.net:
        probes = [nengo.Probe(layer.neurons) for layer in spiking.layers]
    spikes = []
    for make in (nengo.Simulator, nengo_loihi.Simulator):
        with make(spiking.net, progress_bar=False) as sim:
            sim.run_steps(2 * T)
        spikes.append([sim.data[probe] > 0 for probe in probes])
    for steps, (expected, found) in enumerate(zip(*spikes, strict=True)):
        assert expected.any()
        np.testing.assert_array_equal(found[steps:], expected[: 2 * T - steps])
        assert not found[:steps].any()


@pytest.mark.parametrize("max_count, over_time", [(1, "last"), (3, "mean"), (1, "all")])
def test_counts_enter_and_outputs_leave_the_emulator_exactly(max_count, over_time):
    """Also with a single spiking layer, which is on the chip."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((T, 6, 6, 2)),
            SpikeCounts(max_count),
            OverTime(L.Flatten()),
            dense(12),
            RecurrentLIF(0.8, 1.0, **LOIHI),
            L.Dense(3, bias_initializer="ones"),
            LeakyIntegrator(0.9, over_time=over_time),
        ]
    )
    spiking = nsl.convert(model, target="loihi")
    layers = compare_spikes(model, spiking, COUNTS, backend="loihi")
    assert layers.n_differing == 0 and layers[-1].n_spikes > 100
    run = spiking.predict(COUNTS, backend="loihi", keep="outputs", progress=False)
    found = run.output_over_time if over_time == "all" else run.output
    np.testing.assert_allclose(found, model.predict(COUNTS, verbose=0), atol=1e-5)
    other = spiking.predict(COUNTS, backend="compiled", progress=False)
    np.testing.assert_allclose(run.output, other.output, atol=1e-5)


def test_without_spike_counts_the_first_layer_takes_any_counts_on_the_host():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((T, 6, 6, 2)),
            conv(4),
            DiscreteLIF(0.8, 1.0, **LOIHI),
            conv(4),
            DiscreteLIF(0.8, 1.0, **LOIHI),
        ]
    )
    spiking = nsl.convert(model)
    layers = compare_spikes(model, spiking, COUNTS, backend="loihi")
    assert [layer.n_differing for layer in layers] == [0, 0] and layers[1].n_spikes > 100
    assert [layer.on_chip for layer in nsl.loihi.check(spiking).layers] == [False, True]


def test_images_of_eight_bits_are_exact_as_a_constant_current():
    """In multiples of 1/256: all sums of products then have a few bits."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            EncodeSpikes(nsl.ConstantCurrent(1000), T),
            conv(6, strides=2),
            DiscreteLIF(0.9, 1.0, **LOIHI),
            conv(6),
            DiscreteLIF(0.9, 1.0, **LOIHI),
        ]
    )
    spiking = nsl.convert(model)
    images = np.round(IMAGES * 255) / 256
    layers = compare_spikes(model, spiking, images, backend="loihi")
    assert [layer.n_differing for layer in layers] == [0, 0] and layers[1].n_spikes > 100


def test_the_same_draws_classify_the_same_on_and_off_the_chip(convolutional):
    spiking = nsl.convert(convolutional)
    labels = np.arange(20) % 4
    accuracies = [
        spiking.evaluate(IMAGES, labels, backend=backend, progress=False, seed=5).accuracy
        for backend in ("loihi", "compiled")
    ]
    assert accuracies[0] == accuracies[1]


def test_networks_of_floats_run_too_with_nearly_the_same_spikes():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((T, 20)),
            L.Dense(30, use_bias=False, kernel_initializer=lively()),
            DiscreteLIF(0.8),
            L.Dense(20, use_bias=False, kernel_initializer=lively()),
            DiscreteLIF(0.8),
        ]
    )
    x = np.random.default_rng(2).uniform(size=(7, T, 20)).astype("float32")
    layers = compare_spikes(model, nsl.convert(model), x, backend="loihi")
    assert layers[0].n_differing == 0  # on the host
    assert layers[1].n_spikes > 0 and layers[1].n_differing < 0.02 * layers[1].n_spikes


def test_weights_that_do_not_fit_are_counted():
    model = keras.Sequential(
        [keras.Input((T, 4)), dense(3), RecurrentLIF(0.8, 1.0, **LOIHI, name="loop")]
    )
    kernel = np.full((4, 3), 0.5)
    kernel[:2, 0] = [17, -40]
    loops = np.full((3, 3), 0.1)
    loops[0, 0] = 16
    model.set_weights([kernel, loops])
    with pytest.warns(UserWarning) as found:
        nsl.convert(model)
    messages = [str(w.message) for w in found if "clipped" in str(w.message)]
    assert len(messages) == 2
    assert "2 of 12 weights are clipped to 15.875" in messages[0]
    assert messages[1].startswith("loop: 1 of 9 weights")


def test_weights_that_fit_raise_no_warning(recwarn):
    nsl.convert(keras.Sequential([keras.Input((T, 4)), dense(3), DiscreteLIF(0.8, **LOIHI)]))
    assert not [w for w in recwarn if "clipped" in str(w.message)]
