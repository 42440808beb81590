"""Views, nodes, processes and probes are what they are in `nengo.Simulator`."""

import itertools

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import BackendError
from tests.simulator.comparing import assert_parity, in_python

SIZE = 6


def stimulus(width=SIZE):
    return nengo.Node(lambda t: np.sin(30 * t + np.arange(width)), size_out=width)


SLICES = [
    (slice(None), slice(None, None, -1)),
    (slice(1, 4), slice(3, 6)),
    (slice(0, 6, 2), slice(1, 6, 2)),
    ([5, 0, 2], [1, 3, 2]),
    ([1, 1, 1], [0, 2, 4]),
    ([0, 0, 5], slice(-3, None)),
    (2, 5),
    (slice(-1, None, -2), [-1, -2, -3]),
]


@pytest.mark.parametrize("optimize", [True, False])
@pytest.mark.parametrize("pre, post", SLICES, ids=str)
def test_parts_of_objects(pre, post, optimize):
    with nengo.Network(seed=0) as net:
        source = stimulus()
        node = nengo.Node(size_in=SIZE)
        ens = nengo.Ensemble(50, SIZE)
        neurons = nengo.Ensemble(SIZE, 1).neurons
        echo = nengo.Node(lambda t, x: 2 * x, size_in=SIZE)
        for target in (node, ens, neurons, echo):
            nengo.Connection(source[pre], target[post], synapse=None)
            nengo.Connection(source[pre], target[post], transform=-0.3, synapse=0.01)
            nengo.Connection(neurons[pre], target[post], transform=0.01)
            nengo.Probe(target)
            nengo.Probe(target[pre])
            nengo.Probe(target[post], synapse=0.01)
        nengo.Connection(ens[pre], node[post], function=lambda x: x**2)
    assert_parity(net, steps=50, optimize=optimize)


@pytest.mark.parametrize("optimize", [True, False])
def test_chains_of_passthrough_nodes(optimize):
    with nengo.Network(seed=0) as net:
        nodes = [stimulus(), *(nengo.Node(size_in=SIZE) for _ in range(4))]
        for a, b in itertools.pairwise(nodes):
            nengo.Connection(a, b, synapse=None)
            nengo.Probe(b)
        nengo.Connection(nodes[1], nodes[4][::-1], transform=0.5)
        nengo.Connection(nodes[4][:2], nodes[2][4:])
        unconnected = nengo.Node(size_in=3)
        nengo.Probe(unconnected)
    assert_parity(net, steps=50, optimize=optimize)


def test_nodes_with_functions_inputs_and_a_loop():
    received = []
    with nengo.Network(seed=0) as net:
        constant = nengo.Node([0.3, -0.2])
        clock = nengo.Node(lambda t: t)
        adder = nengo.Node(lambda t, x: x[0] + t, size_in=2, size_out=1)
        sink = nengo.Node(lambda t, x: received.append((t, *x)), size_in=1)
        ens = nengo.Ensemble(30, 1)
        nengo.Connection(constant, adder, synapse=None)
        nengo.Connection(adder, ens)
        nengo.Connection(ens, adder[1])
        nengo.Connection(ens, adder[0], transform=0.5)
        nengo.Connection(clock, sink, synapse=None)
        for obj in (constant, clock, adder, ens):
            nengo.Probe(obj)
    assert_parity(net, steps=40)
    # except for the first, which was to find out its size
    assert received[1:41] == received[41:]


PROCESSES = [
    nengo.processes.WhiteNoise(seed=2),
    nengo.processes.WhiteNoise(nengo.dists.Uniform(-1, 1), scale=False),
    nengo.processes.WhiteSignal(0.05, high=200),
    nengo.processes.FilteredNoise(nengo.Alpha(0.01)),
    nengo.processes.BrownNoise() if hasattr(nengo.processes, "BrownNoise") else None,
    nengo.processes.PresentInput([[1, 2], [-1, 0.5], [0, 0]], presentation_time=0.007),
    nengo.processes.Piecewise({0.005: [1, 1], 0.02: [-1, 0]}),
]


@pytest.mark.parametrize("process", [p for p in PROCESSES if p is not None], ids=str)
def test_processes(process):
    with nengo.Network(seed=0) as net:
        node = nengo.Node(process, size_out=2)
        ens = nengo.Ensemble(40, 2)
        nengo.Connection(node, ens, synapse=None)
        nengo.Connection(nengo.Node([0.2, 0.1]), ens)
        nengo.Probe(node)
        nengo.Probe(ens.neurons)
    assert_parity(net, steps=60)


def test_noise_and_custom_processes_within_a_model():
    class Doubling(nengo.Process):
        def make_state(self, shape_in, shape_out, dt, dtype=None):
            return {"total": np.zeros(shape_out)}

        def make_step(self, shape_in, shape_out, dt, rng, state):
            def step(t, x):
                state["total"] += x + 0.01 * rng.randn(*shape_out)
                return state["total"]

            return step

    with nengo.Network(seed=0) as net:
        node = nengo.Node(Doubling(), size_in=2, size_out=2)
        noise = nengo.processes.WhiteNoise()
        ens = nengo.Ensemble(40, 2, noise=noise)
        nengo.Connection(stimulus(2), node)
        nengo.Connection(node, ens, synapse=0.002)
        for obj in (node, ens, ens.neurons):
            nengo.Probe(obj)
    sim = assert_parity(net, steps=60)
    assert "Doubling" in set(in_python(sim))


def test_direct_mode():
    with nengo.Network(seed=0) as net:
        net.config[nengo.Ensemble].neuron_type = nengo.Direct()
        a, b = (nengo.Ensemble(1, 2) for _ in range(2))
        nengo.Connection(stimulus(2), a)
        nengo.Connection(a, b[0], function=lambda x: x[0] * x[1])
        nengo.Connection(b[0], a[1], synapse=0.01)
        nengo.Probe(b)
    assert_parity(net)


@pytest.mark.parametrize("every", [0.001, 0.0025, 0.005, 0.0333, 0.2])
def test_probes_of_some_steps(every):
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(20, 1)
        nengo.Connection(stimulus(1), ens)
        nengo.Probe(ens, sample_every=every)
        nengo.Probe(ens.neurons, sample_every=every)
    sim = assert_parity(net, steps=100)
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run_steps(100)
        np.testing.assert_array_equal(
            sim.trange(sample_every=every), reference.trange(sample_every=every)
        )


def test_everything_that_can_be_probed():
    with nengo.Network(seed=0) as net:
        source = stimulus(2)
        a, b = nengo.Ensemble(20, 2), nengo.Ensemble(25, 2)
        nengo.Connection(source, a)
        connections = [
            nengo.Connection(a, b),
            nengo.Connection(a, b, function=lambda x: x[::-1] ** 2, synapse=nengo.Alpha(0.01)),
            nengo.Connection(a.neurons, b.neurons, transform=np.full((25, 20), 1e-4)),
        ]
        for obj in [source, a, b, a.neurons, b.neurons, *connections]:
            for attribute in obj.probeable:
                nengo.Probe(obj, attribute)
        nengo.Probe(b.neurons[3:17:5], "voltage")
        nengo.Probe(b.neurons[::-2], synapse=0.01)
    assert_parity(net)


def test_probed_sparse_weights_are_those_of_the_reference():
    with nengo.Network(seed=0) as net:
        pre, post = nengo.Ensemble(6, 1), nengo.Ensemble(5, 1)
        transform = nengo.Sparse((5, 6), indices=[(0, 1), (4, 2)], init=[0.5, -1.0])
        conn = nengo.Connection(pre.neurons, post.neurons, transform=transform)
        probe, node = nengo.Probe(conn, "weights"), nengo.Node([0.0])
    data = []
    for simulator in (nengo.Simulator, nsl.Simulator):
        with simulator(net, progress_bar=False) as sim:
            sim.run_steps(3)
            data.append([weights.toarray() for weights in sim.data[probe]])
            if simulator is nsl.Simulator:
                with pytest.raises(BackendError, match="sparse weights"):
                    sim.run_batch({node: [[0.0]]}, 3)
    np.testing.assert_array_equal(*data)
