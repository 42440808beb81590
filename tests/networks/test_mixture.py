"""The circuit that learns hidden causes: log probabilities, posterior, homeostasis."""

import nengo
import numpy as np
import pytest
from nengo.exceptions import BuildError, ValidationError

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.learning_rules import ProbabilisticSTDP
from nengo_softlif.networks import SpikingMixture
from nengo_softlif.neurons import StochasticWinner

DT = 0.01
PRIOR = np.array([0.5, 0.3, 0.2])
ACTIVE = np.array(
    [
        [0.9, 0.9, 0.1, 0.1, 0.1, 0.5, 0.1, 0.1],
        [0.1, 0.1, 0.9, 0.9, 0.1, 0.5, 0.1, 0.1],
        [0.1, 0.1, 0.1, 0.1, 0.9, 0.5, 0.9, 0.9],
    ]
)  # probability of each input, given the cause
N_STEPS = 12_000


def samples(n_steps=N_STEPS, seed=0):
    """A cause for each step, and inputs: for active, then for silent ones."""
    rng = np.random.default_rng(seed)
    causes = rng.choice(3, size=n_steps, p=PRIOR)
    active = rng.random((n_steps, ACTIVE.shape[1])) < ACTIVE[causes]
    return causes, np.concatenate([active, ~active], axis=1) / DT


def run(x, simulator=nsl.Simulator, seed=1, **options):
    """The circuit, its weights and excitabilities, and its spikes."""
    circuit = SpikingMixture(x.shape[1], 3, total_rate=1 / DT, dt=DT, seed=seed, **options)
    with circuit:
        source = nengo.Node(lambda t: x[round(t / DT) - 1])
        nengo.Connection(source, circuit.input, synapse=None)
        spikes = nengo.Probe(circuit.outputs.neurons)
    with simulator(circuit, dt=DT, progress_bar=False) as sim:
        sim.run_steps(len(x))
        return circuit.weights(sim), circuit.excitability(sim), DT * sim.data[spikes]


def test_weights_become_log_probabilities():
    """Of a mixture that is known, and excitabilities those of its causes.

    From probabilities that are a tenth as far from each other, since, as any expectation
    maximisation, it goes to the next maximum.
    """
    _, x = samples()
    expected = np.concatenate([ACTIVE, 1 - ACTIVE], axis=1)
    weights, excitability, _ = run(
        x,
        weights=5 + np.log(0.5 + 0.1 * (expected - 0.5)),
        learning_rate=0.01,
        excitability_rate=0.01,
        goal="prior",
    )
    probabilities = np.exp(weights - 5)
    # a learning rate of 0.01 averages over about 100 spikes of an output
    np.testing.assert_allclose(probabilities, expected, atol=0.13)
    assert np.abs(probabilities - expected).mean() < 0.03
    np.testing.assert_allclose(np.exp(excitability), PRIOR, atol=0.1)


def test_spikes_are_samples_of_the_posterior():
    causes, x = samples(4000, seed=3)
    parameters = np.concatenate([ACTIVE, 1 - ACTIVE], axis=1)
    _, _, spikes = run(x, weights=5 + np.log(parameters), excitability=np.log(PRIOR), frozen=True)
    likelihood = np.exp((x > 0) @ np.log(parameters).T) * PRIOR
    posterior = likelihood / likelihood.sum(axis=1, keepdims=True)
    assert (spikes.sum(axis=1) == 1).all()
    for low, high in ((0.0, 0.02), (0.02, 0.5), (0.5, 0.98), (0.98, 1.0)):
        chosen = (posterior >= low) & (posterior <= high)
        error = np.sqrt(posterior[chosen].mean() / chosen.sum())
        assert abs(spikes[chosen].mean() - posterior[chosen].mean()) < 4 * error
    assert np.mean(spikes.argmax(axis=1) == causes) > 0.9


def test_homeostasis_makes_all_fire_equally_often():
    """Also if one output would win always."""
    _, x = samples(3000)
    start = {"weights": 5 + np.log(np.repeat([[0.9], [0.5], [0.2]], x.shape[1], axis=1))}
    counts = [
        run(x, **start, learning_rate=0, excitability_rate=rate)[2][1000:].mean(axis=0)
        for rate in (0.0, 0.2)
    ]
    assert counts[0].max() > 0.99
    np.testing.assert_allclose(counts[1], 1 / 3, atol=0.02)


def test_simulators_agree():
    _, x = samples(300)
    options = {"learning_rate": 0.05, "excitability_rate": 0.02}
    for reference, compiled in zip(
        run(x, nengo.Simulator, **options), run(x, **options), strict=True
    ):
        np.testing.assert_allclose(compiled, reference, rtol=1e-12)


def test_frozen():
    _, x = samples(100)
    start = {"weights": np.full((3, 16), 2.0), "excitability": np.array([-1.0, 0.0, 1.0])}
    weights, excitability, _ = run(x, **start, frozen=True)
    np.testing.assert_array_equal(weights, start["weights"])
    np.testing.assert_array_equal(excitability, start["excitability"])


def test_total_rate():
    """Spikes come at the total rate, whatever the input."""
    _, x = samples(4000)
    circuit = SpikingMixture(16, 3, total_rate=30.0, dt=DT, seed=0)
    with circuit:
        spikes = nengo.Probe(circuit.outputs.neurons)
    with nsl.Simulator(circuit, dt=DT, progress_bar=False) as sim:
        sim.run_steps(len(x))
    n_spikes = DT * sim.data[spikes].sum()
    assert abs(n_spikes - 1200) < 4 * np.sqrt(1200)


@pytest.mark.parametrize(
    "options, what",
    [
        ({"weights": np.full((3, 4), 6.0)}, "weights"),
        ({"weights": np.full((4, 3), 1.0)}, "weights must be of shape"),
        ({"excitability": [0.0]}, "excitability must be of shape"),
        ({"shift": 0}, "shift"),
        ({"n_outputs": 0}, "n_outputs"),
    ],
)
def test_bad_arguments(options, what):
    with pytest.raises(ParameterError, match=what):
        SpikingMixture(**{"n_inputs": 4, "n_outputs": 3, **options})


def test_bad_rules_and_rates():
    with pytest.raises(ValidationError, match="total_rate"):
        StochasticWinner(total_rate=0)
    with pytest.raises(ValidationError, match="goal"):
        StochasticWinner(goal="even")
    with nengo.Network() as net:
        a = nengo.Ensemble(3, 1)
        rates = nengo.Ensemble(3, 1, neuron_type=nengo.LIFRate())
        nengo.Connection(
            a.neurons,
            rates.neurons,
            transform=np.ones((3, 3)),
            learning_rule_type=ProbabilisticSTDP(),
        )
    with pytest.raises(BuildError, match="ProbabilisticSTDP needs neurons that spike"):
        nengo.Simulator(net, progress_bar=False)
