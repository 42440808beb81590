"""Liquid state machines: wiring by kind, voltages of single spikes, equal spikes on simulators."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.networks import LiquidStateMachine

DT = 0.001
SILENT = dict.fromkeys(("EE", "EI", "IE", "II"), 0.0)


def poisson(n_inputs, n_steps, rate, seed):
    """Spikes of height 1 / dt."""
    return (np.random.default_rng(seed).random((n_steps, n_inputs)) < rate * DT) / DT


def given(spikes, **options):
    """Build a network with spikes that are played into a liquid, and a probe."""
    with nengo.Network(seed=1) as net:
        net.liquid = LiquidStateMachine(spikes.shape[1], seed=3, **options)
        net.stimulus = nengo.Node(lambda t: spikes[min(round(t / DT), len(spikes)) - 1])
        nengo.Connection(net.stimulus, net.liquid.input, synapse=None)
        net.spikes = nengo.Probe(net.liquid.neurons)
        net.voltage = nengo.Probe(net.liquid.neurons, "voltage")
    return net


def run(net, n_steps, simulator=nsl.Simulator):
    with simulator(net, progress_bar=False) as sim:
        sim.run_steps(n_steps)
    return sim.data[net.spikes], sim.data[net.voltage]


@pytest.mark.parametrize("neuron_type", [None, nengo.AdaptiveLIF(tau_rc=0.03)])
def test_simulators_have_equal_spikes(neuron_type):
    net = given(poisson(8, 200, 60, seed=0), neuron_type=neuron_type)
    expected, _ = run(net, 200, nengo.Simulator)
    spikes, _ = run(net, 200)
    assert np.count_nonzero(expected) > 500
    np.testing.assert_array_equal(spikes, expected)


def test_a_spike_moves_the_voltage_by_its_strength():
    """To within the leak during a synaptic time constant, 3 of 30 ms."""
    spikes = np.zeros((20, 2))
    spikes[0, 0] = 1 / DT
    still = nsl.SpikingLIF(tau_rc=0.03, initial_state={"voltage": nengo.dists.Choice([0])})
    net = given(spikes, strength=SILENT, input_strength=0.05, neuron_type=still)
    _, voltage = run(net, 20)
    strength = net.liquid.in_weights.toarray()[:, 0] / 0.03
    highest = voltage.max(axis=0)
    reached = strength < 1
    assert (highest[reached] <= strength[reached]).all()
    assert (highest[reached] >= 0.7 * strength[reached]).all()


def test_weights_have_the_signs_and_means_of_their_kind():
    strength = {"EE": 0.1, "EI": 0.2, "IE": 0.3, "II": 0.4}
    liquid = LiquidStateMachine(
        4,
        (10, 10, 10),
        strength=strength,
        neuron_type=nengo.LIF(tau_rc=0.02),
        seed=0,
    )
    n = liquid.n_excitatory
    assert n == 800
    weights = liquid.weights.toarray() / 0.02
    parts = {
        "EE": weights[:n, :n],
        "EI": weights[n:, :n],
        "IE": -weights[:n, n:],
        "II": -weights[n:, n:],
    }
    for pair, part in parts.items():
        values = part[part != 0]
        assert (values > 0).all()
        # exponential: the standard deviation is the mean
        error = strength[pair] / np.sqrt(len(values))
        assert abs(values.mean() - strength[pair]) < 4 * error
        assert values.std() == pytest.approx(strength[pair], rel=0.2)


def test_synapses_of_a_kind_have_its_probability():
    liquid = LiquidStateMachine(1, (10, 10), radius=1e3, seed=0)
    n = liquid.n_excitatory
    made = liquid.weights.toarray() != 0
    for part, probability in [
        (made[:n, :n], 0.3),
        (made[n:, :n], 0.2),
        (made[:n, n:], 0.4),
        (made[n:, n:], 0.1),
    ]:
        error = np.sqrt(probability * (1 - probability) / part.size)
        assert abs(part.mean() - probability) < 4 * error + 1 / np.sqrt(part.size) * probability


def test_the_seed_makes_the_liquid():
    first, second, other = (LiquidStateMachine(3, seed=seed) for seed in (0, 0, 1))
    assert (first.weights != second.weights).nnz == 0
    assert (first.in_weights != second.in_weights).nnz == 0
    assert (first.weights != other.weights).nnz > 0


def test_a_liquid_remembers_and_forgets():
    """The fraction of spikes that depend on a stimulus: during it, just after, a second later."""
    after = poisson(8, 1200, 40, seed=1)
    first, second = (
        run(given(np.concatenate([poisson(8, 100, 80, seed), after])), 1300)[0] > 0
        for seed in (2, 3)
    )
    during, then, later = (
        np.mean((first != second)[steps]) / np.mean((first | second)[steps])
        for steps in (slice(0, 100), slice(100, 140), slice(-200, None))
    )
    assert during > then > later
    assert later < during / 4


@pytest.mark.parametrize(
    "options, message",
    [
        ({"n_inputs": 0}, "n_inputs must be"),
        ({"input_probability": 1.5}, "input_probability must be"),
        ({"input_strength": -1}, "input_strength must be"),
        ({"excitatory_fraction": 2}, "excitatory_fraction must be"),
        ({"probability": {"EE": 2.0}}, r"probability\['EE'\] must be"),
        ({"strength": {"EE": -0.1}}, r"strength\['EE'\] must be"),
        ({"strength": {"ee": 0.1}}, "strength must be a dict of numbers by EE, EI, IE, II"),
        ({"strength": 0.1}, "strength must be a dict"),
        ({"bias": np.inf}, "bias must be"),
        ({"seed": -1}, "seed must be"),
        ({"neuron_type": nengo.LIFRate()}, "neuron_type must be a LIF"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ParameterError, match=message):
        LiquidStateMachine(**{"n_inputs": 2, **options})
