"""A batch gives each item what a run of its own gives."""

import nengo
import nengo_loihi
import numpy as np
import pytest
from nengo.exceptions import BuildError, SimulationError, SimulatorClosed, ValidationError

import nengo_softlif as nsl
from nengo_softlif.errors import BackendError, ParameterError
from tests.loihi.networks import AT_REST, pooled_network

N_STEPS = 50


@pytest.fixture
def net(rng):
    """Spikes from the host, and a decoded value; probes of host and chip, filtered and not."""
    net = pooled_network(rng)
    with net:
        net.value = nengo.Node([0.5], label="value")
        decoded = nengo.Ensemble(20, 1, neuron_type=nengo.LIF(initial_state=AT_REST))
        decoded.gain, decoded.bias = nengo.dists.Uniform(2, 4), nengo.dists.Uniform(0, 2)
        nengo.Connection(net.value, decoded)
        net.source = next(node for node in net.nodes if node.label == "input")
        net.decoded = nengo.Probe(decoded, synapse=0.01)
        net.voltage = nengo.Probe(decoded.neurons, "voltage")
    return net


@pytest.fixture
def samples(rng, net):
    return {net.source: rng.uniform(0, 6, size=(5, 100)), net.value: rng.uniform(-1, 1, (5, 1))}


def one_by_one(sim, net, samples, n_steps=N_STEPS):
    results = []
    for image, value in zip(samples[net.source], samples[net.value], strict=True):
        net.image.image = image
        net.value_now = value
        sim.reset()
        sim.run_steps(n_steps)
        results.append({probe: np.array(sim.data[probe]) for probe in net.all_probes})
    return {probe: np.stack([r[probe] for r in results]) for probe in net.all_probes}


@pytest.mark.parametrize("target", ["sim", "simreal"])
def test_each_sample_is_the_same_as_in_a_run_of_its_own(net, samples, target):
    net.value.output = lambda t: net.value_now
    net.value_now = np.zeros(1)
    with nsl.loihi.Simulator(net, target=target, seed=1) as sim:
        expected = one_by_one(sim, net, samples)
        values = sim.run_batch(samples, N_STEPS)
        chip = [*net.spikes[1:], net.voltage, net.decoded]
        for probe in net.all_probes:
            assert values[probe].shape == expected[probe].shape
            if probe in chip:
                np.testing.assert_array_equal(values[probe], expected[probe])
            else:
                np.testing.assert_allclose(values[probe], expected[probe], rtol=1e-12, atol=1e-12)
        assert all(np.any(values[probe]) for probe in net.all_probes)

        accumulated_probes = [*net.spikes, net.voltage]
        sums = sim.run_batch(samples, N_STEPS, accumulated=accumulated_probes)
        for probe in accumulated_probes:
            total = expected[probe].sum(axis=1, keepdims=True)
            np.testing.assert_allclose(sums[probe], total, rtol=1e-12)
        np.testing.assert_array_equal(sums[net.out], values[net.out])

        # what run has done is as it was
        assert sim.n_steps == N_STEPS
        np.testing.assert_array_equal(sim.data[net.out], expected[net.out][-1])


def test_the_number_of_threads_does_not_matter(net, samples):
    with nsl.loihi.Simulator(net, seed=1) as sim:
        results = [sim.run_batch(samples, N_STEPS, threads=threads) for threads in (1, 2, 5)]
        for other in results[1:]:
            for probe in net.all_probes:
                np.testing.assert_array_equal(other[probe], results[0][probe])


def test_input_that_changes_in_every_step(net, samples):
    moving = {node: np.repeat(v[:, np.newaxis], N_STEPS, axis=1) for node, v in samples.items()}
    with nsl.loihi.Simulator(net, seed=1) as sim:
        constant = sim.run_batch(samples, N_STEPS)
        time_varying = sim.run_batch(moving, N_STEPS)
        for probe in net.spikes:
            np.testing.assert_array_equal(time_varying[probe], constant[probe])
        moving[net.source][:, 20:] = 0
        changed = sim.run_batch(moving, N_STEPS)[net.spikes[0]]
        np.testing.assert_array_equal(changed[:, :20], constant[net.spikes[0]][:, :20])
        assert changed[:, 30:].sum() < constant[net.spikes[0]][:, 30:].sum()


def test_what_goes_by_time_is_the_same_in_each_sample(rng, tmp_path):
    """A function on the host, and events of a camera that are part of the model."""
    events = nengo_loihi.dvs.DVSEvents()
    events.init_events(n_events=60)
    events.events["t"] = np.sort(rng.randint(1000 * N_STEPS, size=60))
    for name, size in (("x", 4), ("y", 3), ("p", 2)):
        events.events[name] = rng.randint(size, size=60)
    events.write_file(str(tmp_path / "camera.events"))
    with nengo.Network(seed=4) as net:
        camera = nengo.Node(
            nengo_loihi.dvs.DVSFileChipProcess(
                str(tmp_path / "camera.events"), dvs_height=3, dvs_width=4
            )
        )
        wave, constant = nengo.Node(lambda t: np.sin(50 * t)), nengo.Node([0.1])
        ens = nengo.Ensemble(24, 1)
        nengo.Connection(camera, ens.neurons, transform=rng.normal(scale=0.01, size=(24, 24)))
        nengo.Connection(wave, ens)
        nengo.Connection(constant, ens)
        probe, voltage = nengo.Probe(ens, synapse=0.01), nengo.Probe(ens.neurons, "voltage")
    with nsl.loihi.Simulator(net) as sim:
        values = sim.run_batch({constant: [[0.1], [-0.4], [0.1]]}, N_STEPS, threads=2)
        sim.run_steps(N_STEPS)
        for recorded in (probe, voltage):
            for sample in (0, 2):
                np.testing.assert_array_equal(values[recorded][sample], sim.data[recorded])
        assert not np.array_equal(values[voltage][1], values[voltage][0])
        camera_spikes = next(i for i in sim.model.inputs if i.permanent)
        assert len(camera_spikes.permanent) > 10


def test_noise_is_that_of_the_seed_in_each_sample(net, samples):
    with nsl.loihi.Simulator(net, seed=1) as sim:
        values = {}
        noise = sim.sims["emulator"].compartment.noise
        noise.enabled[:] = True  # there is no setting for it in a network
        noise.mult = np.full(len(noise.enabled), 2.0**3)
        for seed in (1, 1, 2):
            sim.reset(seed=seed)
            values.setdefault(seed, []).append(sim.run_batch(samples, N_STEPS)[net.voltage])
    np.testing.assert_array_equal(*values[1])
    assert not np.array_equal(values[1][0], values[2][0])


def test_what_a_batch_can_not_do_is_refused(net, samples, rng):
    with nsl.loihi.Simulator(net) as sim:
        with pytest.raises(ParameterError, match="same number of samples"):
            sim.run_batch({net.source: samples[net.source], net.value: np.zeros((2, 1))}, 5)
        with pytest.raises(ParameterError, match="not finite"):
            sim.run_batch({net.value: [[np.nan]]}, 5)
        with pytest.raises(ParameterError, match="for at least one node"):
            sim.run_batch({}, 5)
        with pytest.raises(ParameterError, match="threads must be"):
            sim.run_batch(samples, 5, threads=0)
        with pytest.raises(ParameterError, match="must be for nodes with an output"):
            sim.run_batch({nengo.Node([0], add_to_container=False): [[0]]}, 5)
        with pytest.raises(SimulationError, match="GiB of memory"):
            sim.run_batch(samples, 10**9)
    with pytest.raises(SimulatorClosed):
        sim.run_batch(samples, 5)

    with pytest.warns(UserWarning, match="precomputable"):
        sim = nsl.loihi.Simulator(net, precompute=False)
    with sim, pytest.raises(BackendError, match="precompute is False"):
        sim.run_batch(samples, 5)


def test_an_overflow_ends_a_strict_batch(net, samples):
    with nsl.loihi.Simulator(net) as sim:
        emulator = sim.sims["emulator"]
        emulator.plan.compartments.bias[:] = 2**25
        with pytest.raises(SimulationError, match="Overflow in u2"):
            sim.run_batch(samples, N_STEPS)
        emulator.strict = False
        with pytest.warns(UserWarning, match="Overflow in u2"):
            sim.run_batch(samples, N_STEPS)


@pytest.mark.parametrize("every", [0.001, 0.005, 0.0025])
@pytest.mark.parametrize("filtered", [False, True])
def test_probes_keep_what_they_sample(net, samples, every, filtered):
    """On the chip and on the host, in batches and in runs of any length."""
    options = {"sample_every": every, "synapse": 0.01 if filtered else None}
    with net:
        ens = net.all_ensembles[-1]
        whole = [nengo.Probe(obj, synapse=options["synapse"]) for obj in (ens, ens.neurons)]
        sampled = [nengo.Probe(obj, **options) for obj in (ens, ens.neurons)]
        whole.append(nengo.Probe(net.source, synapse=options["synapse"]))
        sampled.append(nengo.Probe(net.source, **options))
    kept = [k for k in range(N_STEPS) if (k + 1) % (every / 0.001) < 1]
    with nsl.loihi.Simulator(net, seed=1) as sim:
        values = sim.run_batch(samples, N_STEPS)
        sums = sim.run_batch(samples, N_STEPS, accumulated=sampled)
        for one, other in zip(sampled, whole, strict=True):
            np.testing.assert_array_equal(values[one], values[other][:, kept])
            total = values[one].sum(axis=1, keepdims=True)
            np.testing.assert_allclose(sums[one], total, rtol=1e-12, atol=1e-12)
        for steps in (7, 1, N_STEPS - 8):
            sim.run_steps(steps)
        for one, other in zip(sampled, whole, strict=True):
            np.testing.assert_array_equal(sim.data[one], sim.data[other][kept])
            assert len(sim.data[one]) == len(sim.trange(sample_every=every))


def test_what_is_no_probe_can_not_be_accumulated_probes(net, samples):
    with nsl.loihi.Simulator(net, seed=1) as sim:
        with pytest.raises(ParameterError, match="must be a list of probes of this"):
            sim.run_batch(samples, 5, accumulated=[net.source])
        with pytest.raises(ParameterError, match="must be a list of probes"):
            sim.run_batch(samples, 5, accumulated=net.source)


@pytest.mark.parametrize("steps", [-1, 2.5, True])
def test_numbers_of_steps_that_are_none(net, steps):
    with (
        nsl.loihi.Simulator(net, seed=1) as sim,
        pytest.raises(ValidationError, match="must be an integer of 0 or more"),
    ):
        sim.run_steps(steps)


def test_a_wrapper_of_a_network_is_refused_with_the_name_of_its_network(net):
    class Wrapper:
        pass

    wrapper = Wrapper()
    wrapper.net = net
    with pytest.raises(BuildError, match=r"got a Wrapper\).*use spiking\.net"):
        nsl.loihi.Simulator(wrapper)
