"""Connections that NengoLoihi by itself refuses."""

import nengo
import nengo_loihi
import numpy as np
import pytest
import scipy.sparse
from nengo.exceptions import BuildError

import nengo_softlif as nsl
from tests.loihi.networks import AT_REST, convolution, new_network


def drive(net, n, rng):
    """Add neurons on the host that spike at 100 to 400 Hz, as input to the chip."""
    with net:
        ens = nengo.Ensemble(
            n,
            1,
            neuron_type=nengo.SpikingRectifiedLinear(amplitude=0.01, initial_state=AT_REST),
            bias=rng.uniform(100, 400, size=n),
        )
        net.config[ens].on_chip = False
    return ens


@pytest.mark.parametrize(
    "shape, options",
    [
        ((6, 6, 4), {"groups": 2}),
        ((6, 6, 4), {"groups": 4}),
        ((12, 3), {}),
        ((12, 4), {"groups": 2}),
    ],
)
def test_grouped_and_1d_convolutions_run_on_the_chip(shape, options, rng):
    transform = convolution(rng, shape, 4, 3, scale=1.5, padding="same", **options)
    with new_network() as net:
        source = drive(net, transform.size_in, rng)
        target = nengo.Ensemble(transform.size_out, 1)
        nengo.Connection(source.neurons, target.neurons, transform=transform, synapse=0.005)
        probe = nengo.Probe(target.neurons)
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run(0.5)
    with nengo_loihi.Simulator(net, target="simreal") as sim:
        sim.run(0.5)
    expected, actual = (np.mean(s.data[probe] > 0, axis=0) * 1000 for s in (reference, sim))
    assert expected.mean() > 20
    assert np.abs(actual - expected).mean() < 0.12 * expected.mean()


def make_matrix(kind, rng, shape):
    dense = rng.uniform(0, 1, size=shape) * (rng.uniform(size=shape) < 0.3)
    if kind == "dense":
        return nengo.Dense(shape, dense)
    indices = np.stack(np.nonzero(dense), axis=1)
    return nengo.Sparse(shape, indices=indices, init=dense[tuple(indices.T)])


@pytest.mark.parametrize("kind", ["sparse", "convolution", "dense"])
def test_neurons_on_the_chip_are_read_by_a_node_through_any_transform(kind, rng):
    with new_network() as net:
        ens = nengo.Ensemble(36, 1, bias=rng.uniform(0.5, 3, size=36))
        transform = (
            convolution(rng, (6, 6, 1), 2, 3)
            if kind == "convolution"
            else make_matrix(kind, rng, (5, 36))
        )
        node = nengo.Node(size_in=transform.size_out)
        nengo.Connection(ens.neurons, node, transform=transform, synapse=0.01)
        spikes, output = nengo.Probe(ens.neurons), nengo.Probe(node)
        last = nengo.Node(size_in=3)
        nengo.Connection(node, last, transform=rng.normal(size=(3, node.size_out)))
        second = nengo.Probe(last)
    for precompute in (True, False):
        with nengo_loihi.Simulator(net, precompute=precompute) as sim:
            sim.run(0.2)
        apply = transform.sample()
        if kind == "convolution":
            from nengo_softlif.loihi.extensions.transforms import describe

            apply = describe(transform, 36).matrix().toarray()
        elif kind == "sparse":
            apply = apply.toarray()
        expected = nengo.Lowpass(0.01).filt(sim.data[spikes] @ apply.T, y0=0)
        actual = sim.data[output]
        lag = next(k for k in range(5) if np.allclose(actual[k:], expected[: 200 - k], rtol=1e-4))
        assert lag <= 2  # steps, on the way from the chip to the host
        assert np.any(sim.data[second])


def test_decoded_values_leave_the_chip_through_dense_transforms_only(rng):
    with new_network() as net:
        ens = nengo.Ensemble(36, 3, gain=np.ones(36), bias=np.ones(36))
        node = nengo.Node(size_in=3)
        nengo.Connection(ens, node, transform=nengo.Sparse((3, 3), indices=[[0, 1]], init=[1.0]))
        nengo.Probe(node)
    with pytest.raises(BuildError, match=r"Sparse transforms of decoded values.*Dense transform"):
        nengo_loihi.Simulator(net)


def test_a_synapse_that_the_chip_lacks_is_named_with_the_choices(rng):
    with new_network() as net:
        source = drive(net, 4, rng)
        target = nengo.Ensemble(4, 1)
        nengo.Connection(source.neurons, target.neurons, synapse=nengo.Alpha(0.005))
    with pytest.raises(BuildError, match=r"(?s)Alpha\(tau=0.005\).*nengo.Lowpass or None.*on_chip"):
        nengo_loihi.Simulator(net)


def test_large_convolutional_ensembles_are_split_over_cores(rng):
    transform = convolution(rng, (14, 14, 8), 16, 3, scale=1)
    with new_network() as net:
        source = drive(net, transform.size_in, rng)
        target = nengo.Ensemble(transform.size_out, 1)
        nengo.Connection(source.neurons, target.neurons, transform=transform)
        probe = nengo.Probe(target.neurons)
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run_steps(100)
    with nengo_loihi.Simulator(net) as sim:
        sim.run_steps(100)
    assert len(sim.model.blocks) >= 3
    expected, actual = (np.sum(s.data[probe] > 0) for s in (reference, sim))
    assert 0.85 * expected < actual < 1.05 * expected


@pytest.mark.parametrize("kind", ["none", "dense", "sparse", "convolution"])
@pytest.mark.parametrize("part", [slice(10, 26), list(range(1, 33, 2))])
def test_a_part_of_the_neurons_on_the_chip_is_connected(kind, part, rng):
    transform = {
        "none": nengo.transforms.NoTransform(16),
        "dense": nengo.Dense((16, 16), rng.uniform(0, 0.2, size=(16, 16))),
        "sparse": make_matrix("sparse", rng, (16, 16)),
        "convolution": convolution(rng, (4, 4, 1), 1, 3, padding="same"),
    }[kind]
    with new_network() as net:
        source = drive(net, 16, rng)
        middle = nengo.Ensemble(16, 1)
        nengo.Connection(source.neurons, middle.neurons, synapse=0.005)
        target = nengo.Ensemble(40, 1)
        for pre in (source, middle):
            nengo.Connection(pre.neurons, target.neurons[part], transform=transform, synapse=0.005)
        probe = nengo.Probe(target.neurons)
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run(0.5)
    with nengo_loihi.Simulator(net, target="simreal") as sim:
        sim.run(0.5)
    expected, actual = (np.mean(s.data[probe] > 0, axis=0) * 1000 for s in (reference, sim))
    assert expected[part].mean() > 20
    others = np.setdiff1d(np.arange(40), np.arange(40)[part])
    assert not np.any(actual[others])
    assert np.abs(actual - expected)[part].mean() < 0.15 * expected[part].mean()


SIMULATORS = [nengo_loihi.Simulator, nsl.loihi.Simulator]


@pytest.mark.parametrize("make", SIMULATORS)
@pytest.mark.parametrize("part", [slice(None, 2), [2, 0], np.array([1, 2]), slice(None, None, -1)])
@pytest.mark.parametrize("source", ["node", "host", "chip"])
def test_a_part_of_the_dimensions_on_the_chip_is_connected(source, part, make):
    value = np.array([0.6, -0.4, 0.3])
    n = len(value[part])
    with nengo.Network(seed=0) as net:
        nengo_loihi.add_params(net)
        pre = stimulus = nengo.Node(value[part])
        if source != "node":
            pre = nengo.Ensemble(100, n)
            net.config[pre].on_chip = source == "chip"
            nengo.Connection(stimulus, pre)
        ens = nengo.Ensemble(200, 3, radius=1.5)
        nengo.Connection(pre, ens[part])
        probe = nengo.Probe(ens, synapse=0.05)
    expected = np.zeros(3)
    expected[part] = value[part]
    assert nsl.loihi.check(net).fits
    with make(net, progress_bar=False) as sim:
        sim.run(0.4)
    np.testing.assert_allclose(sim.data[probe][-100:].mean(axis=0), expected, atol=0.15)


def test_values_reach_a_part_of_the_neurons_of_both_emulators_alike():
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(5, 1, gain=np.ones(5), bias=np.zeros(5))
        # values between -1 and 1 reach the chip, where the transform scales them
        values = nengo.Node([0.8, 0.9])
        nengo.Connection(values, ens.neurons[np.array([3, 1])], transform=3)
        probe = nengo.Probe(ens.neurons)
    counts = []
    for make in SIMULATORS:
        with make(net, progress_bar=False) as sim:
            sim.run(0.2)
        counts.append((sim.data[probe] > 0).sum(axis=0))
    np.testing.assert_array_equal(*counts)
    np.testing.assert_array_equal(np.nonzero(counts[0])[0], [1, 3])


ZEROS = {
    "scalar": 0.0,
    "diagonal": np.zeros(5),
    "dense": np.zeros((5, 5)),
    "sparse": nengo.Sparse((5, 5), indices=[[0, 0]], init=[0.0]),
    "empty": nengo.Sparse((5, 5), init=scipy.sparse.csr_matrix((5, 5))),
    "convolution": nengo.Convolution(5, (1, 1, 5), (1, 1), init=np.zeros((1, 1, 5, 5))),
}


@pytest.mark.parametrize("make", SIMULATORS)
@pytest.mark.parametrize("transform", ZEROS.values(), ids=ZEROS)
@pytest.mark.parametrize("on_chip", [True, False])
def test_weights_that_are_all_zero_change_nothing(transform, on_chip, make):
    spikes = []
    for connected in (True, False):
        with nengo.Network(seed=0) as net:
            nengo_loihi.add_params(net)
            gain, bias = np.ones(5), np.full(5, 1.5)
            pre, post = (nengo.Ensemble(5, 1, gain=gain, bias=bias) for _ in range(2))
            net.config[pre].on_chip = on_chip
            if connected:
                nengo.Connection(pre.neurons, post.neurons, transform=transform)
            probe = nengo.Probe(post.neurons)
        assert nsl.loihi.check(net).fits
        with make(net, progress_bar=False) as sim:
            sim.run(0.05)
        spikes.append(sim.data[probe])
    assert np.any(spikes[0])
    np.testing.assert_array_equal(*spikes)


def network_of(source, target, transform):
    """A network with one connection, and a probe of what it reaches."""
    with nengo.Network(seed=0) as net:
        gain, bias = np.ones(5), np.full(5, 1.5)
        ens = nengo.Ensemble(5, 5, gain=gain, bias=bias)
        other = nengo.Ensemble(5, 5, gain=gain, bias=bias)
        pre = {"node": nengo.Node(np.ones(5)), "decoded": ens, "neurons": ens.neurons}[source]
        host = nengo.Node(size_in=5)
        post = {"decoded": other, "neurons": other.neurons, "host": host}[target]
        nengo.Connection(pre, post, transform=transform)
        net.probe = nengo.Probe(host if target == "host" else other.neurons)
    return net


@pytest.mark.parametrize("kind", ZEROS)
@pytest.mark.parametrize("source", ["node", "decoded", "neurons"])
@pytest.mark.parametrize("target", ["decoded", "neurons", "host"])
def test_zero_weights_are_simulated_or_refused_like_others(kind, source, target):
    """NengoLoihi supports a connection with zeros if it does with other weights."""
    ones = {
        "scalar": 1.0,
        "diagonal": np.ones(5),
        "dense": np.ones((5, 5)),
        "sparse": nengo.Sparse((5, 5), indices=[[0, 0]], init=[1.0]),
        "empty": nengo.Sparse((5, 5), init=scipy.sparse.eye(5, format="csr")),
        "convolution": nengo.Convolution(5, (1, 1, 5), (1, 1), init=np.ones((1, 1, 5, 5))),
    }
    found = {}
    for weights, transform in (("ones", ones[kind]), ("zeros", ZEROS[kind])):
        for make in SIMULATORS:
            try:
                with make(network_of(source, target, transform), progress_bar=False) as sim:
                    sim.run_steps(30)
                    found[weights, make] = sim.data[sim.model.toplevel.probe].tolist()
            except (BuildError, NotImplementedError) as error:
                found[weights, make] = type(error)
    for weights in ("ones", "zeros"):
        assert len({str(found[weights, make]) for make in SIMULATORS}) == 1
    refused = {w: isinstance(found[w, SIMULATORS[0]], type) for w in ("ones", "zeros")}
    assert refused["ones"] == refused["zeros"]


@pytest.mark.parametrize("make", SIMULATORS)
def test_a_node_between_two_lists_of_indices_is_merged(make):
    with nengo.Network(seed=0) as net:
        pre, post = (nengo.Ensemble(6, 1, gain=np.ones(6), bias=np.full(6, b)) for b in (2, 0))
        middle = nengo.Node(size_in=6)
        nengo.Connection(pre.neurons[[4, 0]], middle[[1, 3]], synapse=None)
        nengo.Connection(middle[[3, 2]], post.neurons[[5, 2]], synapse=0.01)
        probe = nengo.Probe(post.neurons)
    with make(net, progress_bar=False) as sim:
        sim.run(0.1)
    np.testing.assert_array_equal(np.nonzero(sim.data[probe].any(axis=0))[0], [5])


@pytest.mark.parametrize("make", SIMULATORS)
@pytest.mark.parametrize("part", [[4, 0, 2], [1, 1, 4], slice(4, None, -1), np.array([0, 3, 5])])
def test_neurons_of_several_cores_are_probed_in_any_order(part, make):
    with nengo.Network(seed=0) as net:
        nengo_loihi.add_params(net)
        ens = nengo.Ensemble(6, 1, gain=np.ones(6), bias=np.linspace(1.1, 2, 6))
        net.config[ens].block_shape = nengo_loihi.BlockShape((4,), (6,))
        pairs = [
            (nengo.Probe(ens.neurons[part], what, synapse=synapse), nengo.Probe(ens.neurons, what))
            for what, synapse in (("output", None), ("voltage", None))
        ]
        nengo.Probe(ens.neurons[part], synapse=0.01)
    assert nsl.loihi.check(net).fits
    with make(net, progress_bar=False) as sim:
        sim.run(0.05)
    for probe, whole in pairs:
        np.testing.assert_array_equal(sim.data[probe], sim.data[whole][:, part])
