"""What depends on little runs seldom, and signals that only pass something on are left out.

Neither may be seen in results; what isn't hoisted or merged is the reference.
"""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.simulator.fusion import merge_copies, merge_sums
from tests.simulator.comparing import assert_parity


def run(net, steps=60, **options):
    with nsl.Simulator(net, seed=1, progress_bar=False, **options) as sim:
        sim.run_steps(steps)
    return sim


def check(net, **options):
    """Ours agrees with Nengo, optimized or not; returns the optimized simulator."""
    assert_parity(net, steps=60, optimize=False, **options)
    return assert_parity(net, steps=60, **options)


def steps_of(output):
    """A node function that says how it was called, and its calls."""
    calls = []

    def function(t):
        calls.append(t)
        return output(t)

    return function, calls


def network(source):
    with nengo.Network(seed=0) as net:
        net.source = nengo.Node(source)
        net.ens = nengo.Ensemble(60, 1)
        nengo.Connection(net.source, net.ens, synapse=None)
        nengo.Probe(net.ens.neurons)
        nengo.Probe(net.ens.neurons, "input")
    return net


def test_a_node_that_changes_in_the_middle():
    check(network(lambda t: 0.0 if t < 0.0305 else 0.8))


def test_a_node_that_goes_back_to_a_value_it_had():
    check(network(lambda t: float(int(t * 1000 + 0.5) // 7 % 2)))


def test_a_node_that_changes_the_array_it_returned():
    values = np.zeros(1)

    def function(t):
        values[:] = t
        return values

    check(network(function))


def test_a_presented_input():
    check(network(nengo.processes.PresentInput([[0.5], [0.5], [-1]], 0.01)))


def test_constants_and_changing_inputs_of_one_population():
    net = network(lambda t: np.sin(30 * t))
    with net:
        constant = nengo.Node([0.2, 0.3])
        nengo.Connection(constant[0], net.ens, synapse=None)
        nengo.Connection(constant, net.ens, function=None, transform=[[0.1, -0.4]])
        nengo.Connection(constant[1], net.ens.neurons, transform=np.full((60, 1), 2.0))
        nengo.Connection(net.ens, net.ens, synapse=0.01)
        nengo.Connection(net.ens.neurons, net.ens.neurons, transform=-1e-4 * np.ones((60, 60)))
    check(net)


def test_a_node_with_input_in_a_loop():
    net = network(lambda t: 0.3)
    with net:
        echo = nengo.Node(lambda t, x: np.clip(x + t, -1, 1), size_in=1)
        nengo.Connection(net.ens, echo)
        nengo.Connection(echo, net.ens, synapse=None)
        nengo.Probe(echo)
    check(net)


def test_rate_neurons_with_constant_input_are_computed_once():
    with nengo.Network(seed=0) as net:
        a = nengo.Ensemble(50, 2, neuron_type=nengo.LIFRate())
        b = nengo.Ensemble(50, 2)
        nengo.Connection(nengo.Node([0.3, -0.5]), a, synapse=None)
        nengo.Connection(a, b, synapse=None)
        nengo.Probe(a.neurons)
        nengo.Probe(b.neurons, "voltage")
    sim = check(net)
    names = [instruction.kernel.name for instruction in sim.plan.hoisted_program.instructions]
    assert "lif_rate" in names
    fast = [i.kernel.name for part in sim.plan.per_step for i in part.instructions]
    assert "lif_rate" not in fast and "lif" in fast


def test_nothing_is_computed_once_without_optimization():
    sim = run(network([0.3]), optimize=False)
    assert len(sim.plan.hoisted_program) == 0 and not sim.plan.sources


def test_functions_of_time_are_called_once_a_step():
    function, calls = steps_of(lambda t: t)
    net = network(function)
    del calls[:]
    run(net, steps=5)
    np.testing.assert_allclose(calls, [0.001, 0.002, 0.003, 0.004, 0.005])


@pytest.mark.parametrize("gain", ["the same", "different"])
def test_weights_are_added_to_the_current(gain):
    """With the gain in them, where all channels of a convolution have the same."""
    gains = np.full(48, 2.0) if gain == "the same" else np.linspace(0.5, 2, 48)
    with nengo.Network(seed=0) as net:
        image = nengo.Ensemble(
            98, 1, neuron_type=nengo.SpikingRectifiedLinear(), gain=np.ones(98), bias=np.arange(98)
        )
        first = nengo.Ensemble(48, 1, gain=gains, bias=np.ones(48))
        second = nengo.Ensemble(48, 1, gain=gains, bias=np.ones(48))
        pooled = nengo.Node(size_in=24)
        kernel = nengo.Convolution(3, (7, 7, 2), kernel_size=(4, 4))
        nengo.Connection(image.neurons, first.neurons, transform=kernel, synapse=None)
        matrix = np.random.RandomState(0).randn(48, 48) * 0.01
        nengo.Connection(first.neurons, second.neurons, transform=matrix, synapse=None)
        pool = nengo.Sparse((24, 48), indices=[[i // 2, i] for i in range(48)], init=0.5)
        nengo.Connection(second.neurons, pooled, transform=pool, synapse=None)
        nengo.Connection(pooled, first.neurons, transform=0.01 * np.ones((48, 24)))
        nengo.Probe(pooled)
        nengo.Probe(first.neurons)
        nengo.Probe(second.neurons, "input")
    check(net)


def test_a_probed_sum_is_what_it_was():
    """The probe reads it as well, so that it can't be left out."""
    with nengo.Network(seed=0) as net:
        a, b = nengo.Ensemble(30, 1), nengo.Ensemble(20, 1)
        matrix = np.random.RandomState(0).randn(20, 30) * 0.01
        conn = nengo.Connection(a.neurons, b.neurons, transform=matrix, synapse=None)
        filtered = nengo.Connection(a.neurons, b.neurons, transform=matrix, synapse=0.01)
        nengo.Probe(conn)
        nengo.Probe(conn, "input")
        nengo.Probe(filtered)
        nengo.Probe(b.neurons, "input")
    check(net)


def test_merges_do_not_matter(monkeypatch):
    net = network(lambda t: np.sin(30 * t))
    with net:
        nodes = [nengo.Node(size_in=3) for _ in range(3)]
        nengo.Connection(net.ens, nodes[0][1], synapse=0.01)
        nengo.Connection(net.ens, nodes[0][2], synapse=0.02)
        nengo.Connection(nodes[0], nodes[1], synapse=None)
        nengo.Connection(nodes[1][1:], nodes[2][:2], synapse=None)
        nengo.Connection(nodes[2][:1], net.ens, transform=[[0.5]], synapse=None)
        for node in nodes:
            nengo.Probe(node, synapse=0.01)
    merged = run(net)
    done = []
    for merge in (merge_copies, merge_sums):
        monkeypatch.setattr(
            f"nengo_softlif.simulator.plan.{merge.__name__}",
            lambda *_: done.append(1) or (set(), set()),
        )
    plain = run(net)
    assert len(done) == 2
    for probe in net.all_probes:
        np.testing.assert_allclose(merged.data[probe], plain.data[probe], rtol=1e-9, atol=1e-9)
