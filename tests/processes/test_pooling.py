"""Max pooling of spikes: the rule, and the same on every simulator."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nengo.exceptions import BuildError, ValidationError

import nengo_softlif as nsl
from nengo_softlif.functional.pooling import max_pool

DT = 0.001
N_STEPS = 40


def spikes(rng, shape, n_steps=N_STEPS):
    """Spikes with all rates from none to one in each step, (n_steps, size)."""
    return (rng.random((n_steps, np.prod(shape))) < rng.random(np.prod(shape))).astype(float)


def led(spikes):
    """The rule in words: spikes of the leader of one window pass, (n_steps,)."""
    counts, leader, passed = np.zeros(spikes.shape[1]), None, []
    for now in spikes:
        counts += now
        if leader is None or counts.max() > counts[leader]:
            leader = int(np.argmax(counts))  # the lowest index of several
        passed.append(now[leader])
    return np.array(passed)


@given(rng=st.integers(0, 2**32 - 1).map(np.random.default_rng), n=st.integers(1, 6))
@settings(deadline=None)
def test_spikes_of_the_leader_pass(rng, n):
    train = spikes(rng, (n, 1))
    passed = nsl.SpikingMaxPool((n, 1), (n,)).apply(train)[:, 0]
    np.testing.assert_array_equal(passed, led(train))


@given(rng=st.integers(0, 2**32 - 1).map(np.random.default_rng))
@settings(deadline=None)
def test_at_any_time_as_many_have_passed_as_the_busiest_has_made(rng):
    pool = nsl.SpikingMaxPool((5, 4, 3), (3, 2), (2, 1), "same")
    train = spikes(rng, pool.input_shape)
    passed = pool.apply(train)
    assert set(np.unique(passed)) <= {0, 1}
    counts = [max_pool(so_far, pool.windows(), 3) for so_far in train.cumsum(axis=0)]
    np.testing.assert_array_equal(passed.cumsum(axis=0), counts)


def test_units_that_spike_together_count_once():
    train = np.ones((10, 4))
    assert nsl.SpikingMaxPool((2, 2, 1), (2, 2)).apply(train).sum() == 10


def test_units_that_take_turns_count_once():
    train = np.tile([[0.0, 1.0], [1.0, 0.0]], (10, 1))
    assert nsl.SpikingMaxPool((2, 1), (2,)).apply(train).sum() == 10


def test_currents_are_pooled():
    currents = np.tile([-3.0, -1.0, -2.0], (5, 1))
    np.testing.assert_allclose(nsl.SpikingMaxPool((3, 1), (3,)).apply(currents), -1)


POOLS = [
    nsl.SpikingMaxPool((6, 6, 3), (2, 2)),
    nsl.SpikingMaxPool((7, 5, 20), (3, 2), (2, 2), "same"),
    nsl.SpikingMaxPool((9, 2), (4,), (3,)),
    nsl.SpikingMaxPool((4, 4, 2), (4, 4)),
    nsl.SpikingMaxPool((7, 8, 2), (2, 1), (3, 2), "same"),
]


@pytest.fixture(scope="module")
def network():
    """All pools, each with its own random spikes."""
    rng = np.random.default_rng(0)
    trains = [spikes(rng, pool.input_shape) / DT for pool in POOLS]
    with nengo.Network() as net:
        net.sources = [nengo.Node(np.zeros(pool.default_size_in)) for pool in POOLS]
        net.probes_of = []
        for pool, source in zip(POOLS, net.sources, strict=True):
            node = nengo.Node(pool)
            nengo.Connection(source, node, synapse=None)
            net.probes_of.append(nengo.Probe(node))
    return net, trains


def reference(trains):
    return [pool.apply(train) for pool, train in zip(POOLS, trains, strict=True)]


def run(net, trains, simulator):
    before = [source.output for source in net.sources]
    for source, train in zip(net.sources, trains, strict=True):
        source.output = lambda t, train=train: train[round(t / DT) - 1]
    try:
        with simulator(net, dt=DT, progress_bar=False) as sim:
            sim.run_steps(N_STEPS)
            first = [sim.data[probe].copy() for probe in net.probes_of]
            sim.reset()
            sim.run_steps(N_STEPS)
            again = [sim.data[probe][-N_STEPS:] for probe in net.probes_of]
    finally:
        for source, output in zip(net.sources, before, strict=True):
            source.output = output
    np.testing.assert_equal(again, first)
    return first


@pytest.mark.parametrize("simulator", [nengo.Simulator, nsl.Simulator])
def test_nodes_pool(simulator, network):
    np.testing.assert_equal(run(*network, simulator), reference(network[1]))


def test_items_pool_on_all_cores(network):
    net, trains = network
    items = {
        source: np.stack([train, train[::-1], np.roll(train, 7, axis=0)])
        for source, train in zip(net.sources, trains, strict=True)
    }
    with nsl.Simulator(net, dt=DT, progress_bar=False) as sim:
        assert sim.plan.python == []
        outputs = sim.run_batch(items, N_STEPS)
    for k in range(3):
        expected = reference([items[source][k] for source in net.sources])
        for probe, values in zip(net.probes_of, expected, strict=True):
            np.testing.assert_array_equal(outputs[probe][k], values)


def test_items_pool_side_by_side_in_nengo_dl(network):
    nengo_dl = pytest.importorskip("nengo_dl")
    net, trains = network
    items = {
        source: np.stack([train, train[::-1]])
        for source, train in zip(net.sources, trains, strict=True)
    }
    with nengo_dl.Simulator(net, dt=DT, minibatch_size=2, progress_bar=False) as sim:
        # in two pieces, so that the state has to be kept
        parts = [
            sim.predict({s: x[:, steps] for s, x in items.items()}, stateful=True)
            for steps in (slice(0, 15), slice(15, N_STEPS))
        ]
    for k in range(2):
        expected = reference([items[source][k] for source in net.sources])
        for probe, values in zip(net.probes_of, expected, strict=True):
            found = np.concatenate([part[probe][k] for part in parts])
            np.testing.assert_allclose(found, values, atol=1e-3)


def test_training_is_max_pooling_of_rates():
    nengo_dl = pytest.importorskip("nengo_dl")
    pool = nsl.SpikingMaxPool((4, 4, 2), (2, 2))
    rng = np.random.default_rng(0)
    with nengo.Network(seed=0) as net:
        nengo_dl.configure_settings(dtype="float64", learning_phase=True)
        source = nengo.Node(np.zeros(32))
        node = nengo.Node(pool)
        nengo.Connection(source, node, synapse=None, transform=rng.normal(size=(32, 32)))
        probe = nengo.Probe(node)
    x = rng.normal(size=(2, 3, 32))
    with nengo_dl.Simulator(net, minibatch_size=2, progress_bar=False) as sim:
        found = sim.predict(x)[probe]
        sim.check_gradients(inputs=[x[:, :2]], outputs=[probe])
    weights = net.connections[0].transform.init
    expected = [[max_pool(weights @ step, pool.windows(), 2) for step in item] for item in x]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_loihi_names_the_alternatives():
    nengo_loihi = pytest.importorskip("nengo_loihi")
    with nengo.Network() as net:
        ens = nengo.Ensemble(8, 1)
        node = nengo.Node(nsl.SpikingMaxPool((4, 2), (2,)), label="pool")
        nengo.Connection(ens.neurons, node, synapse=None)
    with pytest.raises(BuildError, match=r'pool.*max_pool="average".*strided convolution'):
        nengo_loihi.Simulator(net)
    (violation,) = nsl.loihi.check(net).violations
    assert "max pooling" in violation.message


@pytest.mark.parametrize(
    "arguments, message",
    [
        (((4, 4, 1), (2,)), r"pool_size: Must have a number for each of the 2 spatial dimensions"),
        (((4, 4, 1), (2, 2), (1,)), "strides: Must have a number for each"),
        (((4, 4, 1), (5, 5)), "pool_size: Must fit into the image"),
        (((4, 4, 1), (2, 2), (1, 1), "full"), "padding"),
        (((4, 0, 1), (2, 2), (1, 1), "same"), "input_shape"),
        (((4, 4, 1), (2, 2), (0, 1)), "strides"),
        (((4, 4, 1), (2, 0.5)), "pool_size"),
        ((5, (2, 2)), "input_shape"),
    ],
)
def test_wrong_windows_are_refused(arguments, message):
    with pytest.raises(ValidationError, match=message):
        nsl.SpikingMaxPool(*arguments)


def test_nodes_of_another_size_are_refused():
    with nengo.Network() as net:
        nengo.Node(nsl.SpikingMaxPool((4, 2), (2,)), size_in=9, size_out=4)
    with pytest.raises(ValidationError, match=r"size_in=8 and size_out=4.*got 9 and 4"):
        nengo.Simulator(net, progress_bar=False)


def test_pools_are_equal_by_value():
    assert nsl.SpikingMaxPool((4, 2), (2,)) == nsl.SpikingMaxPool((4, 2), [2], [2])
    assert nsl.SpikingMaxPool((4, 2), (2,)) != nsl.SpikingMaxPool((4, 2), (2,), (1,))
