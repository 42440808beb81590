"""A simulator is reset to time zero, and repeats itself to the last bit."""

import nengo
import nengo_loihi
import numpy as np
import pytest
from nengo.exceptions import SimulationError, SimulatorClosed

from nengo_softlif.loihi import reset
from tests.loihi.networks import pooled_network


def record(sim, probes, seconds=0.1):
    sim.run(seconds)
    return [np.array(sim.data[probe]) for probe in probes]


def assert_identical(actual, expected):
    for a, b in zip(actual, expected, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture
def net(rng):
    """Spikes of neurons on the host, decoded input, noise on host and chip, probes everywhere."""
    net = pooled_network(rng)
    with net:
        noise = nengo.Node(nengo.processes.WhiteNoise(scale=False))
        rates = nengo.dists.Uniform(50, 100)
        ens = nengo.Ensemble(20, 1, gain=None, bias=None, max_rates=rates, label="decoded")
        nengo.Connection(noise, ens, synapse=0.01)
        net.recorded = [
            *net.spikes,
            net.out,
            nengo.Probe(noise),
            nengo.Probe(ens, synapse=0.02),
            nengo.Probe(ens.neurons, "voltage"),
        ]
    return net


@pytest.mark.parametrize("target", ["sim", "simreal"])
@pytest.mark.parametrize("precompute", [True, False])
def test_after_a_reset_everything_is_the_same_to_the_last_bit(net, precompute, target):
    with nengo_loihi.Simulator(net, target=target, precompute=precompute, seed=1) as sim:
        first = record(sim, net.recorded)
        assert all(len(data) == 100 for data in first)
        assert all(np.any(data) for data in first)
        reset(sim)
        assert sim.time == sim.n_steps == 0
        assert len(sim.data[net.out]) == 0
        assert_identical(record(sim, net.recorded), first)
        # once more, from another time, in two runs
        sim.run(0.013)
        reset(sim)
        sim.run(0.04)
        assert_identical(record(sim, net.recorded, 0.06), first)


@pytest.mark.parametrize("precompute", [True, False])
def test_another_image_can_be_shown_after_a_reset(rng, precompute):
    net = pooled_network(rng)
    probes = [*net.spikes, net.out]
    images = [net.image.image, rng.uniform(0, 6, size=100)]
    alone = []
    for image in images:
        net.image.image = image
        with nengo_loihi.Simulator(net, precompute=precompute, seed=1) as sim:
            alone.append(record(sim, probes))
    assert not np.array_equal(alone[0][-1], alone[1][-1])

    with nengo_loihi.Simulator(net, precompute=precompute, seed=1) as sim:
        for k in (0, 1, 1, 0):
            net.image.image = images[k]
            assert_identical(record(sim, probes), alone[k])
            reset(sim)


def test_a_seed_makes_another_run_that_can_be_repeated(net):
    with nengo_loihi.Simulator(net, seed=1) as sim:
        first = record(sim, net.recorded)
        reset(sim, seed=5)
        second = record(sim, net.recorded)
        reset(sim, seed=5)
        assert_identical(record(sim, net.recorded), second)
    assert not np.array_equal(first[4], second[4])  # the noise


def test_what_cannot_be_reset_is_refused(rng):
    net = pooled_network(rng)
    with nengo_loihi.Simulator(net) as sim:
        sim.sims["loihi"] = sim.sims.pop("emulator")
        with pytest.raises(SimulationError, match="only the emulator can be reset"):
            reset(sim)
        sim.sims["emulator"] = sim.sims.pop("loihi")
    with pytest.raises(SimulatorClosed):
        reset(sim)

    with nengo.Network() as learning:
        pre, post = nengo.Ensemble(10, 1), nengo.Node(size_in=1)
        conn = nengo.Connection(pre, post, learning_rule_type=nengo.PES())
        nengo.Connection(nengo.Node([1.0]), conn.learning_rule)
        nengo.Probe(post)
    with (
        nengo_loihi.Simulator(learning) as sim,
        pytest.raises(SimulationError, match="learning has overwritten"),
    ):
        reset(sim)
