"""The training pass: rate curves, noise, gradients, and what comes out of it."""

from dataclasses import replace

import nengo
import nengo_dl
import nengo_loihi
import numpy as np
import pytest
import tf_keras

import nengo_softlif as nsl
from nengo_softlif.functional import soft_lif_rate, spike_train_statistics
from tests.nengodl.conftest import build_zoo, neuron_types, run_zoo

N_STEPS = 1000


@pytest.fixture(scope="module")
def zoo_in_training():
    """The training pass in 1000 steps, each of which draws new noise."""
    zoo = build_zoo(learning_phase=True)
    return zoo.J, run_zoo(zoo, nengo_dl.Simulator, N_STEPS)


def training_curve(neuron_type, J):
    if not getattr(neuron_type, "leak", True):
        return neuron_type.amplitude * np.maximum(J, 0) / neuron_type.tau_rc
    return soft_lif_rate(
        J,
        tau_rc=neuron_type.tau_rc,
        tau_ref=getattr(neuron_type, "tau_ref", 0.0),
        amplitude=neuron_type.amplitude,
        sigma=neuron_type.sigma,
    )


@pytest.mark.parametrize("name", list(neuron_types()))
def test_training_pass_is_the_curve_with_noise_where_neurons_fire(zoo_in_training, name):
    J, recorded = zoo_in_training
    for neuron_type, data in zip(neuron_types()[name], recorded[name], strict=True):
        noise = data - training_curve(neuron_type, J)
        rounding = 2e-5 * np.abs(data).max()
        if neuron_type.noise is None:
            assert np.abs(noise).max() <= rounding
            continue
        fires = getattr(neuron_type, "threshold", 1.0) < J
        assert np.abs(noise[:, ~fires]).max() <= rounding
        if isinstance(neuron_type.noise, nsl.FilteredSpikeNoise):
            rates = training_curve(neuron_type, J[fires])
            assert_fluctuates(noise[:, fires], neuron_type, rates)
            continue
        # output = amplitude * (rate + noise); 5 standard errors of mean and deviation
        std = neuron_type.amplitude * neuron_type.noise.std
        n = noise[:, fires].size
        assert abs(noise[:, fires].mean()) < 5 * std / np.sqrt(n)
        assert abs(noise[:, fires].std() - std) < 5 * std / np.sqrt(2 * n)
        # each neuron and each step draws its own
        correlations = np.corrcoef(noise[:, fires].T)
        assert np.abs(correlations - np.eye(len(correlations))).max() < 6 / np.sqrt(N_STEPS)
        assert len(np.unique(noise[:, fires][:, 0])) > 0.9 * N_STEPS


@pytest.mark.parametrize(
    "noise", [nsl.GaussianRateNoise(20), nsl.FilteredSpikeNoise()], ids=lambda n: type(n).__name__
)
def test_antithetic_noise_is_opposite_in_the_halves_of_a_minibatch(noise):
    """One group has neurons with either kind; those without stay independent."""
    n_samples, n_neurons = 6, 2000
    kinds = [noise, replace(noise, antithetic=True), nsl.GaussianRateNoise(5)]
    with nengo.Network(seed=0) as net:
        nengo_dl.configure_settings(learning_phase=True)
        probes = []
        for kind in kinds:
            neurons = nengo.Ensemble(
                n_neurons,
                1,
                neuron_type=nsl.SoftLIFRate(noise=kind),
                gain=nengo.dists.Choice([1]),
                bias=nengo.dists.Choice([2.0]),
            ).neurons
            probes.append(nengo.Probe(neurons))
    with nengo_dl.Simulator(net, minibatch_size=n_samples, progress_bar=False, seed=1) as sim:
        sim.run_steps(1)
        recorded = [sim.data[probe][:, 0] - soft_lif_rate(2.0) for probe in probes]
    correlations = [np.corrcoef(drawn) for drawn in recorded]
    pairs = np.eye(n_samples, k=n_samples // 2, dtype=bool)
    limit = 5 / np.sqrt(n_neurons)  # five standard errors of a correlation
    for one in correlations:
        assert np.abs(one[np.triu(~pairs, k=1)]).max() < limit
    assert np.abs(correlations[0][pairs]).max() < limit
    assert correlations[1][pairs].max() < -0.5
    assert np.abs(correlations[2][pairs]).max() < limit
    if isinstance(noise, nsl.GaussianRateNoise):
        half = n_samples // 2
        np.testing.assert_allclose(recorded[1][:half] + recorded[1][half:], 0, atol=1e-4)
    assert recorded[1].std() == pytest.approx(recorded[0].std(), rel=5 / np.sqrt(n_neurons))


def assert_fluctuates(noise, neuron_type, rates):
    """Hold noise to filtered spikes at the rates of the neurons."""
    amplitude, kind = neuron_type.amplitude, neuron_type.noise
    expected = spike_train_statistics(rates / amplitude, tau_s=kind.tau_s, tau_rc=kind.tau_rc)
    std = amplitude * expected.std
    assert (np.abs(noise.mean(axis=0)) < 5 * std / np.sqrt(N_STEPS)).all()
    # the distribution is far from normal at low rates: 20 % in a thousand draws
    np.testing.assert_allclose(noise.std(axis=0), std, rtol=0.2)
    correlations = np.corrcoef(noise.T)
    assert np.abs(correlations - np.eye(len(correlations))).max() < 6 / np.sqrt(N_STEPS)


def small_network(neuron_type, n=20):
    with nengo.Network(seed=0) as net:
        net.input = nengo.Node(np.zeros(2))
        ens = nengo.Ensemble(
            n, 1, neuron_type=neuron_type, gain=nengo.dists.Choice([1]), bias=np.linspace(0.8, 2, n)
        )
        net.ens = ens
        rng = np.random.RandomState(0)
        net.into = nengo.Connection(
            net.input, ens.neurons, transform=rng.normal(size=(n, 2)), synapse=None
        )
        net.output = nengo.Node(size_in=2)
        net.outof = nengo.Connection(
            ens.neurons, net.output, transform=rng.normal(scale=0.002, size=(2, n)), synapse=None
        )
        net.probe = nengo.Probe(net.output)
        net.filtered = nengo.Probe(net.output, synapse=nengo.Alpha(0.02))
    return net


@pytest.mark.parametrize(
    "neuron_type",
    [nsl.SpikingLIF(sigma=0.1), nsl.SpikingLinearResetLIF(leak=False), nsl.SoftLIFRate(sigma=0.1)],
    ids=lambda neuron_type: type(neuron_type).__name__,
)
def test_gradient_through_a_simulation_is_the_finite_difference(neuron_type):
    net = small_network(neuron_type)
    with net:
        nengo_dl.configure_settings(dtype="float64")
    with nengo_dl.Simulator(net, progress_bar=False) as sim:
        inputs = [np.random.RandomState(1).uniform(-1, 1, size=(1, 2, 2))]
        sim.check_gradients(inputs=inputs, outputs=[net.probe])


@pytest.mark.parametrize(
    "make", [nsl.SpikingLIF, nsl.SpikingLinearResetLIF], ids=["LIF", "LinearResetLIF"]
)
def test_trained_network_runs_unchanged_in_every_simulator(make):
    net = small_network(make(noise=nsl.GaussianRateNoise(5.0), initial_state={"voltage": ZERO}))
    rng = np.random.RandomState(2)
    x = rng.uniform(-1, 1, size=(64, 1, 2))
    y = np.stack([x[..., 0] * x[..., 1], x[..., 0] - x[..., 1]], axis=-1)

    with nengo_dl.Simulator(net, minibatch_size=32, progress_bar=False) as sim:
        sim.compile(optimizer=tf_keras.optimizers.Adam(0.02), loss={net.probe: "mse"})
        losses = sim.fit(x, {net.probe: y}, epochs=30, verbose=0).history["loss"]
        assert losses[-1] < 0.3 * losses[0]
        sim.freeze_params(net)

    net.input.output = x[0, 0]
    expected = decode_rates(net, x[0, 0])
    seconds = 0.5
    outputs = {}
    for name, simulator in [
        ("nengo", lambda: nengo.Simulator(net, progress_bar=False)),
        ("nengo_dl", lambda: nengo_dl.Simulator(net, progress_bar=False)),
        ("loihi", lambda: nengo_loihi.Simulator(net)),
    ]:
        with simulator() as sim:
            sim.run(seconds)
            outputs[name] = sim.data[net.probe].reshape(-1, 2).mean(axis=0)
    # a mean over the run is off by at most two spikes of each neuron
    spikes = np.abs(net.outof.transform.init).sum(axis=1) / seconds
    for name in ("nengo", "nengo_dl"):
        assert np.all(np.abs(outputs[name] - expected) < 2 * spikes), name
    np.testing.assert_allclose(outputs["nengo_dl"], outputs["nengo"], atol=0.1 * spikes.max())
    # the input passes through spikes there, and rates are rounded to whole steps
    assert np.all(np.abs(outputs["loihi"] - expected) < 0.2 * np.abs(y).max() + 2 * spikes)


ZERO = nengo.dists.Choice([0])


def decode_rates(net, x):
    """The output of the trained network from the rate curve of its neurons."""
    with nengo.Simulator(net, progress_bar=False) as sim:
        bias = sim.data[net.ens].bias
    J = net.into.transform.init @ x + bias
    rates = net.ens.neuron_type.rates(J[np.newaxis], np.ones_like(bias), np.zeros_like(bias))
    return net.outof.transform.init @ rates[0]


def test_inference_after_training_has_no_noise():
    net = small_network(nsl.SoftLIFRate(noise=nsl.GaussianRateNoise(50.0)))
    x = np.full((4, 1, 2), 0.5)
    with nengo_dl.Simulator(net, minibatch_size=4, progress_bar=False, seed=3) as sim:
        before = sim.predict(x)[net.probe]
        assert np.ptp(before, axis=0).max() == 0
        sim.compile(optimizer=tf_keras.optimizers.SGD(0.0), loss={net.probe: "mse"})
        losses = sim.fit(x, {net.probe: before}, epochs=3, verbose=0).history["loss"]
        assert min(losses) > 0  # the only difference to the target is noise
        assert len(set(losses)) == 3
        np.testing.assert_array_equal(sim.predict(x)[net.probe], before)
        assert sim.evaluate(x, {net.probe: before}, verbose=0)["loss"] == 0
