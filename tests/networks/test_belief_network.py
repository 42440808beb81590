"""Boltzmann machines with Siegert rates, and belief networks of spiking neurons."""

import itertools

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional import siegert_rate
from nengo_softlif.functional.siegert_table import SiegertTable
from nengo_softlif.learning_rules import SiegertRBM
from nengo_softlif.networks import BeliefNetwork

UNITS = SiegertTable(100.0)
RNG = np.random.default_rng(0)


def test_table_is_the_formula():
    """Within half a percent of full activity; full activity is the most."""
    mean, deviation = RNG.uniform(-2, 6, 2000), RNG.uniform(0.05, 2, 2000)
    exact = siegert_rate(mean, deviation) / 100
    np.testing.assert_allclose(UNITS(mean, deviation**2), np.minimum(exact, 1), atol=5e-3)
    border = UNITS(np.array([-3.0, -50.0, 50.0]), np.ones(3))
    assert border[0] == border[1] < 1e-3 and border[2] == 1


def test_spikes_have_the_rates_of_training():
    """Three layers; LIF neurons with Poisson input fire as Siegert's formula says."""
    sizes = (60, 40, 30, 8)
    layers = [
        (RNG.normal(0.05, 0.2, (n, m)), np.full(m, 0.3)) for n, m in itertools.pairwise(sizes)
    ]
    x = RNG.uniform(size=(20, 60))
    network = BeliefNetwork(layers, UNITS, seed=0)
    with network:
        probes = [nengo.Probe(layer.neurons) for layer in network.layers]
    with nsl.Simulator(network, dt=0.0005, progress_bar=False) as sim:
        spikes = sim.run_batch({network.input: x}, 4000)
    expected = x
    for (weights, bias), probe in zip(layers, probes, strict=True):
        expected = UNITS.of_inputs(expected, weights, bias)
        found = spikes[probe].mean(axis=1) / UNITS.full_rate
        inside = expected < 0.8  # beyond, neurons fire faster than full activity
        assert np.corrcoef(found[inside], expected[inside])[0, 1] > 0.97
        assert abs(np.mean(found[inside] - expected[inside])) < 0.05  # spikes are not small
        expected = found


def patterns():
    """40 samples of each of four patterns of 50 units, of which a tenth is flipped."""
    clean = RNG.random((4, 50)) < 0.4
    samples = np.repeat(clean, 40, axis=0)
    return clean, (samples ^ (RNG.random(samples.shape) < 0.1)).astype(float)


def test_contrastive_divergence():
    """What comes back gets nearer to the samples, and to the patterns without the noise."""
    clean, samples = patterns()
    machine = SiegertRBM(50, 30, units=UNITS, seed=0)
    errors = machine.fit(samples, epochs=60, learning_rate=0.05, batch_size=20)
    assert errors[-1] < 0.5 * errors[0]
    returned = machine.visible(machine.hidden(samples)) > 0.5
    truth = np.repeat(clean, 40, axis=0)
    assert np.mean(returned != truth) < 0.5 * np.mean((samples > 0.5) != truth)


def test_the_same_seed_learns_the_same():
    _, samples = patterns()
    machines = [SiegertRBM(50, 10, seed=3) for _ in range(2)]
    for machine in machines:
        machine.fit(samples, epochs=2, learning_rate=0.05, batch_size=20)
    np.testing.assert_array_equal(machines[0].weights, machines[1].weights)


def test_progress():
    seen = []
    SiegertRBM(50, 5).fit(
        patterns()[1],
        epochs=3,
        learning_rate=0.01,
        batch_size=20,
        after_epoch=lambda epoch, error: seen.append((epoch, error)),
    )
    assert [epoch for epoch, _ in seen] == [0, 1, 2]


GOOD = {"epochs": 1, "learning_rate": 0.1}


@pytest.mark.parametrize(
    "call, what",
    [
        (lambda: SiegertTable(0), "full_rate"),
        (lambda: SiegertTable(100, tau_rc=0), "tau_rc"),
        (lambda: SiegertRBM(0, 3), "n_visible"),
        (lambda: SiegertRBM(4, 3).fit([[0, 1, 2, 0]], **GOOD), "samples"),
        (lambda: SiegertRBM(4, 3).fit([[0, 1, 0]], **GOOD), "samples must have the shape"),
        (lambda: SiegertRBM(4, 3).fit([[0, 1, 0, 1]], epochs=0, learning_rate=1), "epochs"),
        (lambda: SiegertRBM(4, 3).fit([[0, 1, 0, 1]], epochs=1, learning_rate=0), "learning_rate"),
        (lambda: BeliefNetwork([], UNITS), "layers must hold"),
        (lambda: BeliefNetwork([(np.ones((3, 2)), np.ones(3))], UNITS), r"layers\[0\]"),
    ],
)
def test_bad_arguments(call, what):
    with pytest.raises(ParameterError, match=what):
        call()
