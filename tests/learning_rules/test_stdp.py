"""Spike-timing-dependent plasticity: curves, sums over pairs, bounds, rewards, all simulators."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nengo.exceptions import BuildError, SimulationError, ValidationError

import nengo_softlif as nsl
from nengo_softlif.functional.plasticity import pairing
from nengo_softlif.learning_rules import STDP, GatedSTDP, RewardSTDP, TripletSTDP
from tests.learning_rules.networks import DT, final_weights, relays, told

SIMULATORS = [nengo.Simulator, nsl.Simulator]
RULES = [
    STDP(),
    STDP(weight_exponent=1.0, pairing="nearest"),
    STDP(weight_exponent=0.3, potentiation=-0.01, depression=-0.02),
    TripletSTDP.diehl_cook(),
    TripletSTDP(learning_rate=2.0),
]


def trains(n_steps, n_neurons, seed, probability=0.15):
    return np.random.default_rng(seed).random((n_steps, n_neurons)) < probability


@pytest.mark.parametrize("simulator", SIMULATORS)
@pytest.mark.parametrize("pairing_", ["all", "nearest"])
def test_isolated_pairs_have_the_curve(simulator, pairing_):
    """A column of neurons, each of whose inputs fires at another time."""
    constants = {"potentiation": 0.1, "depression": 0.07, "tau_pre": 0.01, "tau_post": 0.03}
    differences = np.arange(-40, 41, 5)
    pre = np.zeros((100, len(differences)))
    pre[50 - differences, np.arange(len(differences))] = 1
    post = np.zeros((100, 1))
    post[50] = 1
    rule = STDP(**constants, bounds=(-np.inf, np.inf), pairing=pairing_)
    net = told(rule, pre, post, np.zeros((1, len(differences))))
    changes = final_weights(net, 100, simulator)[0]
    np.testing.assert_allclose(changes, pairing(differences * DT, **constants), atol=1e-12)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), tau_pre=st.floats(0.002, 0.05), tau_post=st.floats(0.002, 0.05))
def test_changes_are_sums_over_all_pairs(seed, tau_pre, tau_post):
    pre, post = trains(60, 3, seed), trains(60, 2, seed + 1)
    constants = {"potentiation": 0.1, "depression": 0.12, "tau_pre": tau_pre, "tau_post": tau_post}
    net = told(STDP(**constants, bounds=(-np.inf, np.inf)), pre, post, np.zeros((2, 3)))
    expected = [
        [
            sum(
                pairing(DT * (i - j), **constants)
                for i in np.flatnonzero(output)
                for j in np.flatnonzero(inputs)
            )
            for inputs in pre.T
        ]
        for output in post.T
    ]
    np.testing.assert_allclose(final_weights(net, 60), expected, atol=1e-9)


def test_triplets_have_the_changes_of_their_equations():
    """Spikes of the input at 10, of the output at 5 and 15, of the input at 20 ms."""
    pre, post = np.zeros((30, 1)), np.zeros((30, 1))
    pre[[10, 20]] = post[[5, 15]] = 1
    rule = TripletSTDP(
        potentiation=0.1,
        depression=0.2,
        triplet_potentiation=0.3,
        triplet_depression=0.4,
        tau_pre=0.01,
        tau_post=0.02,
        tau_pre_slow=0.03,
        tau_post_slow=0.04,
        bounds=(-np.inf, np.inf),
    )
    last = -0.2 * np.exp(-5 / 20)  # the input at 10 after the output at 5
    second = (0.1 + 0.3 * np.exp(-10 / 40)) * np.exp(-5 / 10)
    third = -(0.2 + 0.4 * np.exp(-10 / 30)) * (np.exp(-5 / 20) + np.exp(-15 / 20))
    net = told(rule, pre, post, [[0.0]])
    assert final_weights(net, 30)[0, 0] == pytest.approx(last + second + third, abs=1e-12)


def test_diehl_and_cook_need_two_spikes_of_the_output():
    pre, post = np.zeros((40, 1)), np.zeros((40, 1))
    pre[10] = post[12] = 1
    rule = TripletSTDP.diehl_cook()
    assert final_weights(told(rule, pre, post, [[0.5]]), 40) == 0.5
    post[20] = 1
    expected = 0.5 + 0.01 * np.exp(-8 / 40) * np.exp(-10 / 20)
    assert final_weights(told(rule, pre, post, [[0.5]]), 40) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_kernels_are_the_steps_of_python(rule):
    pre, post = trains(200, 70, 0), trains(200, 40, 1, 0.05)
    weights = np.random.default_rng(2).random((40, 70))
    net = told(rule, pre, post, weights)
    with net:
        probes = [nengo.Probe(net.connection.learning_rule, name) for name in rule.probeable]
    results = []
    for simulator in SIMULATORS:
        with simulator(net, progress_bar=False) as sim:
            sim.run_steps(200)
        results.append([sim.data[probe] for probe in (net.weights, *probes)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-13)
    assert np.abs(results[0][0][-1] - weights).max() > 0.01
    lower, upper = rule.bounds
    assert lower <= results[1][0].min() and results[1][0].max() <= upper


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_rewards_change_what_is_eligible(simulator):
    """A pair at 10 and 15 ms, rewarded from 40 to 42 ms; much later nothing is left."""
    pre, post, reward = np.zeros((600, 1)), np.zeros((600, 1)), np.zeros(600)
    pre[10] = post[15] = 1
    rule = RewardSTDP(tau_eligibility=0.05, potentiation=0.1, tau_pre=0.01)
    reward[40:43] = 3.0
    eligible = 0.1 * np.exp(-5 / 10) * np.exp(-np.arange(25, 28) / 50)
    expected = 0.5 + DT * 3.0 * eligible.sum()
    found = final_weights(told(rule, pre, post, [[0.5]], reward), 600, simulator)
    assert found == pytest.approx(expected, abs=1e-12)
    late = np.zeros(600)
    late[-5:] = 3.0  # after twelve time constants
    found = final_weights(told(rule, pre, post, [[0.5]], late), 600, simulator)
    assert 0 < found[0, 0] - 0.5 < 1e-8


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_a_gate_scales_what_is_learnt_at_once(simulator):
    """Pairs count with the gate of the later spike, whichever comes first."""
    pre, post = trains(80, 4, 3), trains(80, 3, 4)
    gate = np.repeat([1.0, 0.0, -0.5, 2.0], 20)
    constants = {"potentiation": 0.1, "depression": -0.2, "tau_pre": 0.01, "tau_post": 0.02}
    rule = GatedSTDP(**constants, bounds=(-np.inf, np.inf))
    expected = [
        [
            sum(
                gate[max(i, j)] * pairing(DT * (i - j), **constants)
                for i in np.flatnonzero(output)
                for j in np.flatnonzero(inputs)
            )
            for inputs in pre.T
        ]
        for output in post.T
    ]
    found = final_weights(told(rule, pre, post, np.zeros((3, 4)), gate), 80, simulator)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_a_closed_gate_leaves_weights_alone(simulator):
    pre, post = trains(50, 4, 0), trains(50, 3, 1)
    weights = np.full((3, 4), 0.5)
    net = told(GatedSTDP(weight_exponent=1), pre, post, weights, np.zeros(50))
    np.testing.assert_array_equal(final_weights(net, 50, simulator), weights)


def test_rewards_in_every_step_are_the_same_on_both():
    pre, post = trains(300, 20, 0), trains(300, 10, 1)
    reward = np.sin(np.arange(300) / 7) * (np.arange(300) % 3 > 0)
    weights = np.full((10, 20), 0.5)
    net = told(RewardSTDP(tau_eligibility=0.02), pre, post, weights, reward)
    one, other = (final_weights(net, 300, simulator) for simulator in SIMULATORS)
    np.testing.assert_allclose(one, other, atol=1e-13)
    assert np.abs(one - weights).max() > 1e-4


def test_weights_that_learn_carry_spikes():
    """What reaches the outputs is the product with the weights of the moment."""
    pre = trains(100, 30, 0)
    with nengo.Network(seed=0) as net:
        node = nengo.Node(lambda t: pre[min(round(t / DT), 100) - 1])
        a, b = relays(30), nengo.Ensemble(8, 1, neuron_type=nengo.LIF())
        nengo.Connection(node, a.neurons, synapse=None)
        weights = np.random.default_rng(0).random((8, 30))
        connection = nengo.Connection(
            a.neurons, b.neurons, transform=weights, synapse=0.005, learning_rule_type=STDP()
        )
        probes = [
            nengo.Probe(b.neurons),
            nengo.Probe(connection),
            nengo.Probe(b.neurons, "voltage"),
        ]
    results = []
    for simulator in SIMULATORS:
        with simulator(net, progress_bar=False) as sim:
            sim.run_steps(100)
        results.append([sim.data[probe] for probe in probes])
    assert results[0][0].any()
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_frozen_weights_stay():
    pre, post = trains(100, 5, 0), trains(100, 4, 1)
    weights = np.full((4, 5), 0.5)
    frozen = final_weights(told(STDP(frozen=True), pre, post, weights), 100)
    np.testing.assert_array_equal(frozen, weights)
    assert not np.array_equal(final_weights(told(STDP(), pre, post, weights), 100), weights)


def test_two_rules_of_one_connection_are_refused():
    rules = [STDP(), STDP(potentiation=0.02)]
    net = told(rules, trains(10, 5, 0), trains(10, 4, 1), np.full((4, 5), 0.5))
    with pytest.raises(BuildError, match="give each rule a connection of its own"):
        nsl.Simulator(net, progress_bar=False)


def test_sampling_and_running_on_keep_the_weights():
    pre, post = trains(100, 5, 0), trains(100, 4, 1)
    net = told(STDP(), pre, post, np.full((4, 5), 0.5))
    with net:
        sampled = nengo.Probe(net.connection, "weights", sample_every=0.01)
    with nsl.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(50)
        sim.run_steps(50)
    np.testing.assert_array_equal(sim.data[sampled], sim.data[net.weights][9::10])
    with nsl.Simulator(net, progress_bar=False) as whole:
        whole.run_steps(100)
    np.testing.assert_array_equal(whole.data[net.weights], sim.data[net.weights])


@pytest.mark.parametrize("learning_rate", [1.0, 1e300])
@pytest.mark.parametrize("simulator", SIMULATORS)
def test_infinite_weights_are_named_with_their_connection_and_time(simulator, learning_rate):
    pre, post = trains(100, 5, 0), trains(100, 4, 1)
    rule = STDP(1e308, 1e308, bounds=(-np.inf, np.inf), learning_rate=learning_rate)
    net = told(rule, pre, post, np.full((4, 5), 0.5))
    words = r"Connection from .*: weights ran away until t = 0\.\d+ s; lower"
    with pytest.raises(SimulationError, match=words):
        final_weights(net, 100, simulator)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"tau_pre": 0.0}, "tau_pre"),
        ({"tau_post": -0.01}, "tau_post"),
        ({"potentiation": np.nan}, "finite"),
        ({"bounds": (1, 0)}, "lowest first"),
        ({"bounds": 1.0}, "lowest first"),
        ({"bounds": (0, np.inf), "weight_exponent": 1}, "must be finite"),
        ({"pairing": "some"}, "pairing"),
        ({"learning_rate": -1}, "learning_rate"),
    ],
)
def test_bad_parameters_are_named(options, words):
    with pytest.raises(ValidationError, match=words):
        STDP(**options)


class TestWhereThereIsNothingToLearn:
    def build(self, pre, post, **options):
        nengo.Connection(pre, post, learning_rule_type=STDP(), **options)

    def test_neurons_that_do_not_spike(self):
        with nengo.Network() as net:
            a, b = relays(3), nengo.Ensemble(3, 1, neuron_type=nengo.LIFRate())
            self.build(a.neurons, b.neurons, transform=np.ones((3, 3)))
        with pytest.raises(BuildError, match=r"spiking neuron_type, such as nengo\.LIF"):
            nsl.Simulator(net, progress_bar=False)

    def test_decoded_connections(self):
        with nengo.Network() as net:
            a, b = relays(3), relays(3)
            self.build(a, b, solver=nengo.solvers.LstsqL2(weights=True))
        with pytest.raises(BuildError, match="connect the neurons"):
            nsl.Simulator(net, progress_bar=False)

    def test_weights_outside_of_the_bounds(self):
        with nengo.Network() as net:
            a, b = relays(3), relays(2)
            self.build(a.neurons, b.neurons, transform=np.full((2, 3), 1.5))
        with pytest.raises(BuildError, match=r"6 of 6 weights are outside of the bounds \(0"):
            nsl.Simulator(net, progress_bar=False)


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_pruning_makes_no_synapses_and_changes_others_as_ever(simulator):
    pre, post = trains(100, 12, 0), trains(100, 9, 1)
    rng = np.random.default_rng(2)
    made = rng.random((9, 12)) < 0.4
    weights = np.where(made, rng.uniform(0.4, 0.6, (9, 12)), 0.0)
    for kind in (STDP, TripletSTDP):
        found = final_weights(told(kind(prune=True), pre, post, weights), 100, simulator)
        free = final_weights(told(kind(), pre, post, weights), 100, simulator)
        assert (free[~made] > 0).any()
        np.testing.assert_array_equal(found[~made], 0)
        np.testing.assert_array_equal(found[made], free[made])


@pytest.mark.parametrize("kind", [STDP, TripletSTDP])
@pytest.mark.parametrize("simulator", SIMULATORS)
def test_inputs_are_paired_when_they_arrive(kind, simulator):
    """A synapse that is a delay of 5 steps, beside inputs that are 5 steps later."""
    pre, post = trains(100, 12, 0), trains(100, 9, 1)
    pre[-5:] = 0
    rule = kind(bounds=(-1, 1), learning_rate=1e-6)  # changes are too small to be felt
    delay = nengo.LinearFilter([1.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0], analog=False)
    nothing = np.zeros((9, 12))
    late = told(rule, pre, post, nothing, synapse=delay)
    shifted = told(rule, np.roll(pre, 5, axis=0), post, nothing)
    found, wanted = (final_weights(net, 100, simulator) for net in (late, shifted))
    assert np.count_nonzero(wanted) > 50
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-18)


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_pruned_synapses_are_lost(simulator):
    """A pair that depresses to 0, then one that would potentiate."""
    pre, post = np.zeros((100, 1)), np.zeros((100, 1))
    post[10] = pre[12] = pre[80] = post[82] = 1
    for prune, expected in [(True, 0.0), (False, 0.1 * (np.exp(-0.1) + np.exp(-3.5)))]:
        rule = STDP(potentiation=0.1, depression=5.0, prune=prune)
        found = final_weights(told(rule, pre, post, [[0.5]]), 100, simulator)
        assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", [STDP, TripletSTDP])
@pytest.mark.parametrize("options", [{"bounds": (0.1, 1)}, {"potentiation": -0.1}])
def test_pruning_needs_a_lower_bound_of_0(kind, options):
    with pytest.raises(ValidationError, match="needs a lower bound of 0"):
        kind(prune=True, **options)


@pytest.mark.parametrize("transform", [0.2, np.full(3, 0.2)])
@pytest.mark.parametrize("simulator", SIMULATORS)
def test_weights_that_are_no_matrix_are_refused(transform, simulator):
    with nengo.Network() as net:
        a, b = (nengo.Ensemble(3, 1) for _ in "ab")
        nengo.Connection(a.neurons, b.neurons, transform=transform, learning_rule_type=STDP())
    with pytest.raises(BuildError, match="needs a matrix of weights"):
        simulator(net, progress_bar=False)


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_weights_that_run_away_without_bounds_are_named(simulator):
    rule = STDP(learning_rate=1e160, bounds=(-np.inf, np.inf))
    net = told(rule, np.ones((20, 3)), np.ones((20, 2)), np.full((2, 3), 0.5))
    with np.errstate(all="ignore"), pytest.raises(SimulationError, match="weights ran away"):
        final_weights(net, 20, simulator)
