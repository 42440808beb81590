"""Discrete-time LIF neurons on both emulators, against the integers of the chip in NumPy."""

import nengo
import nengo_loihi
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nengo.exceptions import BuildError

import nengo_softlif as nsl
from nengo_softlif.functional.fixed_point import (
    FRACTION_BITS,
    lowest_voltage,
    round_threshold,
    round_weights,
)

EMULATORS = (nengo_loihi.Simulator, nsl.loihi.Simulator)
N_IN, N, T = 12, 15, 40
FIXED = {"fraction_bits": FRACTION_BITS, "decay": 0.75}
NEXT_STEP = nengo.LinearFilter([1], [1, 0], analog=False)


def network(neuron_type, *, seed=0, recurrent=False, weights=None):
    """Random spikes into neurons on the chip; returns the network and the probe of their spikes."""
    rng = np.random.default_rng(seed)
    spikes = rng.random((T, N_IN)) < 0.3
    if weights is None:
        weights = round_weights(rng.normal(0.1, 0.4, size=(N, N_IN)))
    options = {"gain": nengo.dists.Choice([1]), "bias": nengo.dists.Choice([0])}
    with nengo.Network(seed=seed) as net:
        nengo_loihi.add_params(net)
        node = nengo.Node(lambda t: spikes[round(t / 0.001) - 1])
        relay = nsl.SpikingDiscreteLIF(decay=0, threshold=0.5, amplitude=0.001)
        first = nengo.Ensemble(N_IN, 1, neuron_type=relay, **options)
        net.config[first].on_chip = False
        net.driven = nengo.Ensemble(N, 1, neuron_type=neuron_type, **options)
        nengo.Connection(node, first.neurons, synapse=None)
        nengo.Connection(first.neurons, net.driven.neurons, transform=weights, synapse=None)
        if recurrent:
            loops = round_weights(rng.normal(0, 0.2, size=(N, N)))
            nengo.Connection(
                net.driven.neurons, net.driven.neurons, transform=loops, synapse=NEXT_STEP
            )
        net.probe = nengo.Probe(net.driven.neurons)
    return net, spikes


def run(net, make):
    with make(net, progress_bar=False) as sim:
        sim.run_steps(T)
    return sim.data[net.probe] > 0, sim


def on_the_chip(block, spikes, subtracts):
    """What the integers of a block do, step by step; spikes arrive a step after they were sent."""
    c, (synapse,) = block.compartment, block.synapses
    weights = np.array([row[0] for row in synapse.weights], dtype=np.int64)
    keep_u, keep_v = 4095 - c.decay_u.astype(np.int64), 4096 - c.decay_v.astype(np.int64)
    u = v = wait = np.zeros(N, dtype=np.int64)
    out = []
    for k in range(T):
        sent = spikes[k - 1] if k else np.zeros(N_IN, bool)
        u = np.sign(u) * (np.abs(u) * keep_u >> 12) + sent @ weights
        v = np.sign(v) * (np.abs(v) * keep_v >> 12) + u + c.bias
        v = np.clip(v, int(c.vmin), int(c.vmax))
        v = np.where(wait > 0, 0, v)
        spiked = v >= c.vth if subtracts else v > c.vth
        v = v - spiked * c.vth if subtracts else np.where(spiked, 0, v)
        wait = np.maximum(np.where(spiked, c.refract_delay, wait) - 1, 0)
        out.append(spiked)
    return np.array(out)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"decay": 1.0, "min_voltage": 0},
        {"refractory_steps": 2, "threshold": 0.3},
        {"reset": "subtract", "min_voltage": -0.5},
        {
            "initial_state": {
                "decay": np.linspace(0.1, 1, N),
                "threshold": np.linspace(0.2, 2, N),
            }
        },
        {**FIXED, "threshold": round_threshold(1.0, False)},
    ],
    ids=str,
)
def test_both_emulators_do_what_the_integers_say(options):
    net, spikes = network(nsl.SpikingDiscreteLIF(amplitude=0.001, **options))
    found = []
    for make in EMULATORS:
        data, sim = run(net, make)
        (block,) = sim.model.blocks
        found.append(data)
        expected = on_the_chip(block, spikes, subtracts="reset" in options)
        np.testing.assert_array_equal(data, expected)
    assert 0.05 < found[0].mean() < 0.9


def test_spikes_are_nearly_those_of_nengo():
    """The chip rounds decay, threshold and weights, which near the threshold makes a difference."""
    net, _ = network(nsl.SpikingDiscreteLIF(amplitude=0.001, decay=0.75))
    expected, _ = run(net, nengo.Simulator)
    found, _ = run(net, nsl.loihi.Simulator)
    assert np.mean(found[1:] != expected[:-1]) < 0.1 * expected.mean()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**16),
    keep=st.integers(1, 4096),
    threshold=st.floats(0.05, 3),
    subtracts=st.booleans(),
    refractory_steps=st.integers(0, 3),
    lowest=st.sampled_from([0.0, -0.25, -2.0, -np.inf]),
)
def test_fixed_point_spikes_are_the_same_everywhere(
    seed, keep, threshold, subtracts, refractory_steps, lowest
):
    neuron_type = nsl.SpikingDiscreteLIF(
        decay=keep / 4096,
        threshold=round_threshold(threshold, subtracts),
        reset="subtract" if subtracts else "zero",
        refractory_steps=0 if subtracts else refractory_steps,
        min_voltage=lowest_voltage(lowest),
        amplitude=0.001,
        fraction_bits=FRACTION_BITS,
    )
    net, _ = network(neuron_type, seed=seed, recurrent=True)
    expected, _ = run(net, nengo.Simulator)
    np.testing.assert_array_equal(run(net, nsl.Simulator)[0], expected)
    for make in EMULATORS:  # a step later
        np.testing.assert_array_equal(run(net, make)[0][1:], expected[:-1])


def test_a_population_on_several_cores_stays_in_fixed_point():
    neuron_type = nsl.SpikingDiscreteLIF(
        threshold=round_threshold(1.0, False), amplitude=0.001, **FIXED
    )
    net, _ = network(neuron_type)
    net.config[net.driven].block_shape = nengo_loihi.BlockShape((4,), (N,))
    expected, _ = run(net, nengo.Simulator)
    found, sim = run(net, nsl.loihi.Simulator)
    assert len(sim.model.blocks) == 4
    np.testing.assert_array_equal(found[1:], expected[:-1])


def test_clipped_weights_are_counted():
    weights = np.full((N, N_IN), 0.5)
    weights[:3, 0] = [16.5, -20, 15.9]
    neuron_type = nsl.SpikingDiscreteLIF(
        threshold=round_threshold(4.0, False), amplitude=0.001, **FIXED
    )
    net, _ = network(neuron_type, weights=weights)
    with pytest.warns(UserWarning, match="2 of 180 weights are clipped to 15.875"):
        nsl.loihi.Simulator(net).close()


def test_a_delay_of_a_step_is_what_spikes_take_on_the_chip():
    neuron_type = nsl.SpikingDiscreteLIF(
        threshold=round_threshold(1.0, False), amplitude=0.001, **FIXED
    )
    net, _ = network(neuron_type)
    net.connections[-1].synapse = NEXT_STEP
    expected, _ = run(net, nengo.Simulator)
    np.testing.assert_array_equal(run(net, nsl.loihi.Simulator)[0], expected)


def test_initial_voltages_are_warned_of():
    start = {"voltage": nengo.dists.Choice([0.5])}
    net, _ = network(nsl.SpikingDiscreteLIF(initial_state=start))
    with pytest.warns(UserWarning, match="'voltage'"):
        nsl.loihi.Simulator(net).close()


def test_adaptation_of_a_single_neuron_is_refused():
    own = {"adaptation_strength": np.arange(N) == 3}
    net, _ = network(nsl.SpikingDiscreteLIF(initial_state=own))
    with pytest.raises(BuildError, match="adaptation_strength=1 raises the threshold"):
        nsl.loihi.Simulator(net)


@pytest.mark.parametrize("make", EMULATORS)
def test_longer_delays_are_refused(make):
    net, _ = network(nsl.SpikingDiscreteLIF())
    net.connections[-1].synapse = nengo.LinearFilter([1], [1, 0, 0], analog=False)
    with pytest.raises(BuildError, match="delay=1"):
        make(net)
