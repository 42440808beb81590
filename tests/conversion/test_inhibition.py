"""Layers whose neurons inhibit each other: gradients, conversion, spikes."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.analysis.connectivity import count_connections
from nengo_softlif.functional import soft_lif_rate
from nengo_softlif.functional.inhibition import inhibited_rate
from nengo_softlif.layers import SoftLIF

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 3, (4, 8, 8, 1)).astype("float32")
GROUPS = [1, 2, 8]


def model(inhibition, **options):
    net = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(8, 3, bias_initializer="ones", name="weights"),
            SoftLIF(amplitude=0.01, inhibition=inhibition, name="image", **options),
            keras.layers.Flatten(),
            keras.layers.Dense(8, bias_initializer="ones"),
            SoftLIF(amplitude=0.01, inhibition=inhibition, name="flat", **options),
            keras.layers.Dense(3),
        ]
    )
    rng = np.random.default_rng(1)
    net.set_weights([rng.normal(w.mean(), 0.4, w.shape) for w in net.get_weights()])
    return net


@pytest.mark.parametrize("n_channels", GROUPS)
def test_layer_has_the_rates_and_their_gradient(n_channels):
    inhibition = nsl.Inhibition(0.02, n_channels)
    layer = SoftLIF(amplitude=0.01, sigma=0.1, inhibition=inhibition, dtype="float64")
    J = RNG.normal(1.5, 1, (2, 8))
    np.testing.assert_allclose(
        layer(J), inhibited_rate(J, inhibition, amplitude=0.01, sigma=0.1), rtol=1e-6
    )
    weights = RNG.normal(size=(2, 8))
    tf = pytest.importorskip("tensorflow")
    variable = tf.Variable(J)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(weights * layer(variable))
    gradient = tape.gradient(total, variable).numpy()
    step = 1e-4
    for k in range(8):
        moved = step * np.eye(8)[k]
        high, low = (
            inhibited_rate(J + sign * moved, inhibition, amplitude=0.01, sigma=0.1)
            for sign in (1, -1)
        )
        numeric = (weights * (high - low)).sum(axis=1) / (2 * step)
        np.testing.assert_allclose(gradient[:, k], numeric, rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize("n_channels", GROUPS)
def test_networks_verify_and_are_stored(n_channels, tmp_path):
    source = model(nsl.Inhibition(0.02, n_channels))
    spiking = nsl.convert(source)
    nsl.conversion.verify(source, spiking, X)
    spiking.save(tmp_path / "network.npz")
    loaded = nsl.SpikingNetwork.load(tmp_path / "network.npz")
    nsl.conversion.verify(source, loaded, X)
    short = {"presentation": nsl.Presentation(time=0.05), "progress": False}
    np.testing.assert_array_equal(
        spiking.predict(X, **short).output, loaded.predict(X, **short).output
    )
    source.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.get_layer("image").inhibition == nsl.Inhibition(0.02, n_channels)


@pytest.mark.parametrize("n_channels", GROUPS)
def test_spikes_have_the_rates_of_the_steady_state(n_channels):
    # over many spikes, that is with a long filter
    inhibition = nsl.Inhibition(0.02, n_channels, tau=0.2)
    J = RNG.uniform(1.5, 6, 8)
    layer = keras.Sequential(
        [keras.Input((8,)), SoftLIF(inhibition=inhibition, sigma=0.005, name="neurons")]
    )
    spiking = nsl.convert(layer)
    (ensemble,) = spiking.net.ensembles
    with spiking.net:
        probe = nengo.Probe(ensemble.neurons)
    (node,) = spiking.inputs.values()
    node.output = J
    spikes = []
    for simulator in (nengo.Simulator, nsl.Simulator):
        with simulator(spiking.net, progress_bar=False) as sim:
            sim.run(4.0)
        spikes.append(sim.data[probe])
    np.testing.assert_array_equal(*spikes)
    rates = spikes[0][1000:].mean(axis=0)
    expected = inhibited_rate(J, inhibition, sigma=0.005)
    np.testing.assert_allclose(rates, expected, rtol=0.03, atol=1)
    assert rates.mean() < 0.8 * soft_lif_rate(J).mean()


def test_connections_among_the_neurons_are_counted():
    projections = count_connections(nsl.convert(model(nsl.Inhibition(0.02, 4)))).projections
    inner = {p.source: p.n_connections for p in projections if p.source == p.target}
    assert inner == {"image": 36 * 8 * 4, "flat": 8 * 4}


def test_noise_goes_by_the_inhibited_current():
    noisy = {"noise": nsl.GaussianRateNoise(10.0), "seed": 0}
    layer = SoftLIF(inhibition=nsl.Inhibition(1.0, 2), **noisy)
    J = np.array([[1.2, 100.0]] * 50, "float32")  # the second silences the first
    rates = np.asarray(layer(J, training=True))
    assert np.ptp(rates[:, 0]) < 1e-3 and np.ptp(rates[:, 1]) > 1


def test_training_lowers_the_loss():
    net = model(nsl.Inhibition(0.01, 4), noise=nsl.FilteredSpikeNoise(antithetic=True))
    net.compile(keras.optimizers.Adam(0.01), "mse")
    y = RNG.normal(size=(4, 3))
    losses = net.fit(X, y, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
