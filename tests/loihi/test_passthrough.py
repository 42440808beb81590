"""Passthrough nodes between any linear transforms run on the emulator."""

import nengo
import nengo_loihi
import numpy as np
import pytest
from nengo.exceptions import BuildError

import nengo_softlif as nsl
from nengo_softlif.functional.linear import to_matrix
from nengo_softlif.loihi.extensions.passthrough import LinearPassthroughSplit, merge_transforms
from nengo_softlif.loihi.extensions.transforms import describe, to_transform
from tests.loihi.networks import convolution, new_network, pooled_network, pooling


def apply_both(first, second, *, n_in, n_mid, first_slice=slice(None), second_slice=slice(None)):
    """Run unit vectors through both transforms in Nengo; returns the matrix."""
    n_out = second.size_out or len(np.arange(n_mid)[second_slice])
    with nengo.Network() as net:
        source = nengo.Node(lambda t: np.eye(n_in)[round(t / 0.001) - 1], size_out=n_in)
        middle = nengo.Node(size_in=n_mid)
        target = nengo.Node(size_in=n_out)
        nengo.Connection(source, middle[first_slice], transform=first, synapse=None)
        nengo.Connection(middle[second_slice], target, transform=second, synapse=None)
        probe = nengo.Probe(target)
    with nengo.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(n_in)
    return sim.data[probe].T


def sparse(rng, shape):
    init = nengo.transforms.SparseMatrix(
        np.stack([rng.randint(shape[0], size=9), np.arange(9) % shape[1]], axis=1),
        rng.normal(size=9),
        shape,
    )
    return nengo.Sparse(shape, indices=init.indices, init=init.data)


NONE = nengo.transforms.NoTransform
CASES = {
    "pool, convolution": lambda rng: (
        pooling((6, 6, 2), 2),
        convolution(rng, (3, 3, 2), 3, 2),
        {},
        nengo.Convolution,
    ),
    "grouped, same padding": lambda rng: (
        pooling((6, 6, 2), 2),
        convolution(rng, (3, 3, 2), 4, 3, groups=2, padding="same"),
        {},
        nengo.Convolution,
    ),
    "inexact border": lambda rng: (
        convolution(rng, (5, 5, 1), 2, 3, padding="same"),
        convolution(rng, (5, 5, 2), 2, 3, padding="same"),
        {},
        nengo.Dense,
    ),
    "1D": lambda rng: (pooling((8, 2), 2), convolution(rng, (4, 2), 3, 3), {}, nengo.Convolution),
    "pool, dense": lambda rng: (
        pooling((4, 4, 2), 2),
        nengo.Dense((3, 8), rng.normal(size=(3, 8))),
        {},
        nengo.Dense,
    ),
    "scalar, sparse": lambda rng: (
        nengo.Dense((5, 5), 0.5),
        sparse(rng, (4, 5)),
        {},
        nengo.Sparse,
    ),
    "flatten": lambda rng: (pooling((4, 4, 2), 2), NONE(8), {}, nengo.Convolution),
    "channels of a concatenation": lambda rng: (
        pooling((6, 6, 2), 2),
        convolution(rng, (3, 3, 3), 2, 2),
        {"n_mid": 27, "first_slice": [k for k in range(27) if k % 3]},
        nengo.Convolution,
    ),
    "zero padding": lambda rng: (
        NONE(9),
        convolution(rng, (5, 5, 1), 2, 3),
        {"n_mid": 25, "first_slice": [6, 7, 8, 11, 12, 13, 16, 17, 18]},
        nengo.Convolution,
    ),
    "part of a flat vector": lambda rng: (
        convolution(rng, (4, 4, 1), 2, 2),
        nengo.Dense((2, 10), rng.normal(size=(2, 10))),
        {"n_mid": 30, "first_slice": slice(7, 25), "second_slice": slice(20, 30)},
        nengo.Sparse,
    ),
    "transposed": lambda rng: (
        nengo.ConvolutionTranspose(
            2, (3, 3, 1), strides=(2, 2), init=rng.normal(size=(3, 3, 1, 2))
        ),
        convolution(rng, (7, 7, 2), 2, 3),
        {},
        nengo.Dense,
    ),
    "channels first": lambda rng: (
        nengo.Convolution(2, (1, 4, 4), channels_last=False, init=rng.normal(size=(3, 3, 1, 2))),
        NONE(8),
        {},
        nengo.Dense,
    ),
}


@pytest.mark.parametrize("case", list(CASES))
def test_merged_transform_equals_the_two(case, rng):
    first, second, options, expected_type = CASES[case](rng)
    options = {"n_in": first.size_in, "n_mid": first.size_out, **options}
    slices = {"first_slice": slice(None), "second_slice": slice(None), **options}
    merged = merge_transforms(first, second, **slices)
    expected = apply_both(first, second, **options)
    actual = to_matrix(describe(merged, first.size_in)).toarray()
    np.testing.assert_allclose(actual, expected, atol=1e-12)
    assert type(merged) is expected_type


@pytest.mark.parametrize("channels_last", [True, False])
@pytest.mark.parametrize("kind", [nengo.Convolution, nengo.ConvolutionTranspose])
def test_what_is_described_becomes_an_equal_transform(kind, channels_last, rng):
    shape = (5, 4, 2) if channels_last else (2, 5, 4)
    transform = kind(3, shape, channels_last=channels_last, init=rng.normal(size=(3, 3, 2, 3)))
    linear_map = describe(transform, transform.size_in)
    back = to_transform(linear_map)
    assert isinstance(back, nengo.Convolution) == (kind is nengo.Convolution and channels_last)
    actual = to_matrix(describe(back, transform.size_in)).toarray()
    np.testing.assert_allclose(actual, linear_map.matrix().toarray(), atol=1e-15)


def test_distributions_and_vectors_are_refused():
    options = {
        "n_in": 2,
        "n_mid": 2,
        "first_slice": slice(None),
        "second_slice": slice(None),
    }
    with pytest.raises(BuildError, match=r"distribution.*remove_passthrough=False"):
        merge_transforms(NONE(2), nengo.Dense((2, 2), nengo.dists.Uniform(0, 1)), **options)
    with pytest.raises(BuildError, match=r"np.diag"):
        merge_transforms(nengo.Dense((2, 2), [1.0, 2.0]), NONE(2), **options)


def test_pooled_convolutions_share_their_weights_on_the_chip(rng):
    net = pooled_network(rng)
    with nengo_loihi.Simulator(net) as sim:
        added = {conn.post_obj.ensemble: conn for conn in sim.model.split.passthrough.to_add}
    assert isinstance(sim.model.split.passthrough, LinearPassthroughSplit)
    assert added[net.chip1].transform.kernel_size == (6, 6)
    assert added[net.chip1].transform.strides == (2, 2)
    assert added[net.chip1].transform.padding == "same"
    assert added[net.chip2].transform.kernel_size == (4, 4)
    assert added[net.chip2].synapse == nengo.Lowpass(0.005)


@pytest.mark.parametrize("first_on_chip", [False, True])
def test_pooled_network_computes_on_the_emulator_what_it_does_in_nengo(rng, first_on_chip):
    net = pooled_network(rng, first_on_chip=first_on_chip)
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run(0.5)
    with nengo_loihi.Simulator(net, target="simreal") as sim:
        sim.run(0.5)
    for depth, probe in enumerate(net.spikes):
        expected, actual = (np.mean(s.data[probe] > 0, axis=0) * 1000 for s in (reference, sim))
        assert expected.mean() > 20  # Hz
        # each layer on the chip loses half a step of 1 ms from spike to spike, or r * r * 0.5 ms
        loss = (depth + 1) * np.mean(expected**2) * 0.0005
        assert np.abs(actual - expected).mean() < 1 / 0.5 + loss
        assert np.corrcoef(actual, expected)[0, 1] > 0.95
    expected, actual = (s.data[net.out][100:].mean(axis=0) for s in (reference, sim))
    assert np.corrcoef(actual, expected)[0, 1] > 0.98


def test_node_kept_for_a_probe_still_gets_its_input(rng):
    net = pooled_network(rng)
    with net:
        probe = nengo.Probe(net.pool2)
    with nengo_loihi.Simulator(net) as sim:
        sim.run(0.2)
    pool2 = next(c for c in net.all_connections if c.post_obj is net.pool2)
    spikes = sim.data[net.spikes[1]]
    expected = pool2.synapse.filt(
        spikes @ to_matrix(describe(pool2.transform, pool2.size_mid)).T, y0=0
    )
    # the way to the host takes two steps
    np.testing.assert_allclose(sim.data[probe][2:], expected[:-2], atol=1e-4 * expected.max())


def test_neurons_of_different_gain_get_unshared_weights(rng):
    net = pooled_network(rng)
    net.chip2.gain = np.linspace(0.9, 1.1, net.chip2.n_neurons)
    with nengo_loihi.Simulator(net) as sim:
        added = {conn.post_obj.ensemble: conn for conn in sim.model.split.passthrough.to_add}
        sim.run_steps(5)
    assert isinstance(added[net.chip1].transform, nengo.Convolution)
    assert not isinstance(added[net.chip2].transform, nengo.Convolution)


def test_two_branches_meet_in_one_node(rng):
    with new_network() as net:
        node = nengo.Node([3.0, 4.0])
        branches = []
        for k, n_filters in enumerate((1, 2)):
            source = nengo.Ensemble(16 * n_filters, 1)
            net.config[source].on_chip = k == 1
            host = nengo.Ensemble(1, 1)
            net.config[host].on_chip = False
            nengo.Connection(node[k], host.neurons)
            weights = rng.uniform(3, 9, size=(source.n_neurons, 1))
            if k == 0:
                nengo.Connection(node[k], source.neurons, transform=weights / 3)
            else:
                nengo.Connection(host.neurons, source.neurons, transform=weights)
            branches.append(source)
        both = nengo.Node(size_in=48)
        for channels, source in zip(([0], [1, 2]), branches, strict=True):
            where = np.arange(48).reshape(16, 3)[:, channels].ravel()
            nengo.Connection(source.neurons, both[list(where)], synapse=nengo.Lowpass(0.005))
        last = nengo.Ensemble(8, 1)
        nengo.Connection(both, last.neurons, transform=convolution(rng, (4, 4, 3), 2, 3, scale=4))
        probe = nengo.Probe(last.neurons)
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run(0.5)
    with nengo_loihi.Simulator(net, target="simreal") as sim:
        added = list(sim.model.split.passthrough.to_add)
        sim.run(0.5)
    assert sorted(conn.transform.input_shape.n_channels for conn in added) == [1, 2]
    expected, actual = (np.mean(s.data[probe] > 0, axis=0) * 1000 for s in (reference, sim))
    assert expected.mean() > 20
    assert np.abs(actual - expected).mean() < 0.15 * expected.mean()


@pytest.mark.parametrize("make", [nengo_loihi.Simulator, nsl.loihi.Simulator])
def test_a_keras_concatenation_feeds_a_population_on_the_chip(make):
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(0)
    x = keras.Input((6,), name="x")
    first = keras.layers.Dense(8, "relu", name="first")(x)
    branches = [keras.layers.Dense(n, "relu", name=f"branch{n}")(first) for n in (5, 7)]
    joined = keras.layers.Concatenate()(branches)
    model = keras.Model(
        x, keras.layers.Dense(3)(keras.layers.Dense(9, "relu", name="last")(joined))
    )
    model.set_weights([rng.normal(0.15, 0.4, size=w.shape) for w in model.get_weights()])
    sample = rng.uniform(size=6)
    spiking = nsl.convert(model, scale=50.0)
    spiking.input.output = sample
    with spiking.net:
        (probe,) = (nengo.Probe(la.neurons) for la in spiking.layers if la.name == "last")
    with make(spiking.net, progress_bar=False) as sim:
        sim.run(1.0)
        rates = (sim.data[probe] > 0).mean(axis=0) / sim.dt

    inner = keras.Model(x, model.get_layer("last").output)
    expected = 50 * inner.predict(sample[np.newaxis], verbose=0)[0]  # Hz
    assert expected.max() > 20
    assert np.abs(rates - expected).max() < 0.12 * expected.max() + 1
