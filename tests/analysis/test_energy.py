"""Operations and energy: the papers' numbers, and counts against matrices made by Keras."""

import keras
import nengo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nengo_softlif as nsl
from nengo_softlif.analysis import (
    CostModel,
    chain,
    count_connections,
    count_workload,
    estimate_energy,
)
from nengo_softlif.errors import ParameterError, UnknownNameError
from nengo_softlif.layers import LocallyConnected2D, SoftLIF

L = keras.layers

# Hunsberger & Eliasmith 2016: neurons, connections and rates of their networks (section 3.1)
MNIST = (
    chain(
        {"conv1": 12_544, "conv2": 12_544, "dense": 2_000}, [313_600, 5_017_600, 6_272_000, 20_000]
    ),
    {"conv1": 4.6, "conv2": 15.6, "dense": 4.2},
)
CIFAR = (
    chain(
        {"conv1": 36_864, "conv2": 9_216, "local3": 2_304, "local4": 1_152},
        [2_764_800, 14_745_600, 1_327_104, 663_552, 11_520],
    ),
    {"conv1": 173.3, "conv2": 99.0, "local3": 9.7, "local4": 7.2},
)


@pytest.mark.parametrize(
    "network, presentation_time, efficiency",
    [
        (MNIST, 0.2, 5.94),
        (MNIST, 0.1, 10.24),  # the paper prints 11.98, which does not follow from its counts
        (MNIST, 0.06, 14.42),
        (CIFAR, 0.2, 0.76),
        (CIFAR, 0.08, 1.64),
        (CIFAR, 0.06, 2.04),
    ],
)
def test_efficiencies_of_the_paper(network, presentation_time, efficiency):
    work = count_workload(*network, presentation_time)
    assert round(work.flops / estimate_energy(work).total, 2) == efficiency


def test_synaptic_events_and_updates_of_the_paper():
    work = count_workload(*CIFAR, 1.0)
    assert work.unrolled_synops == pytest.approx(2_693_315_174, abs=1)
    assert work.n_updates == 49_536_000
    energy = estimate_energy(count_workload(*CIFAR, 0.2))
    assert energy.synapses + energy.neurons == pytest.approx(45_569_843, abs=1)
    assert energy.input == 2 * 2_764_800 and energy.unit == "flops"


def test_connections_of_a_convnet_are_those_of_the_paper():
    """The CIFAR-10 network, as a Keras model that is converted."""
    layers = [
        keras.Input((24, 24, 3)),
        L.Conv2D(64, 5, padding="same"),
        SoftLIF(name="conv1"),
        L.AveragePooling2D(3, 2, padding="same"),
        L.Conv2D(64, 5, padding="same"),
        SoftLIF(name="conv2"),
        L.AveragePooling2D(3, 2, padding="same"),
        L.ZeroPadding2D(1),
        LocallyConnected2D(64, 3),
        SoftLIF(name="local3"),
        L.ZeroPadding2D(1),
        LocallyConnected2D(32, 3),
        SoftLIF(name="local4"),
        L.Flatten(),
        L.Dense(10, name="out"),
    ]
    counted = count_connections(nsl.convert(keras.Sequential(layers)))
    described, _ = CIFAR
    assert counted.n_neurons == described.n_neurons
    assert counted.n_connections == described.n_connections
    assert isinstance(counted.n_connections, int)  # what JSON can hold
    pairs = zip(counted.projections, described.projections, strict=True)
    assert all(a.n_connections == b.n_connections for a, b in pairs)
    assert [p.spikes for p in counted.projections] == [False, True, True, True, True]
    # a row of 12 pixels pooled 3 at a time: a pixel is in 2 windows or in 1, and these are in up
    # to 6 kernels of 5 pixels
    assert counted.projections[1].fan_out.max() == 6 * 6 * 64


def fan_out_by_keras(layers, shape):
    """Count for each input which outputs change, with weights that can't cancel."""
    model = keras.Sequential([keras.Input(shape), *layers])
    model.set_weights([np.ones_like(w) for w in model.get_weights()])
    size = int(np.prod(shape))
    one_by_one = np.eye(size, dtype="float32").reshape(size, *shape)
    changes = np.asarray(model(one_by_one) - model(0 * one_by_one[:1]))
    return (changes.reshape(size, -1) != 0).sum(axis=1)


BETWEEN = {
    "same": lambda: [L.Conv2D(3, 3, padding="same")],
    "strides": lambda: [L.Conv2D(3, (3, 2), strides=(2, 1), padding="same")],
    "groups": lambda: [L.Conv2D(4, 3, groups=2)],
    "depthwise": lambda: [L.DepthwiseConv2D(2, depth_multiplier=2)],
    "transposed": lambda: [L.Conv2DTranspose(2, 2, strides=2)],
    "pooled": lambda: [L.AveragePooling2D(2), L.Conv2D(3, 3, padding="same")],
    "overlapping": lambda: [
        L.AveragePooling2D(3, 2, padding="same"),
        L.Conv2D(3, 3, padding="same"),
    ],
    "pooled twice": lambda: [L.AveragePooling2D(2), L.AveragePooling2D(2), L.Conv2D(3, 1)],
    "local": lambda: [L.ZeroPadding2D(1), LocallyConnected2D(2, 3)],
    "dense": lambda: [L.AveragePooling2D((2, 3)), L.Flatten(), L.Dense(7)],
    "global": lambda: [L.GlobalAveragePooling2D(), L.Dense(5)],
    "permuted": lambda: [L.Permute((2, 1, 3)), L.Conv2D(3, (2, 1))],
}


@pytest.mark.parametrize("name", BETWEEN)
def test_fan_out_equals_non_zero_entries(name):
    shape = (6, 7, 4)
    layers = [keras.Input(shape), L.Conv2D(4, 1), SoftLIF(name="a"), *BETWEEN[name](), SoftLIF()]
    counted = count_connections(nsl.convert(keras.Sequential(layers)))
    (projection,) = (p for p in counted.projections if p.source == "a")
    np.testing.assert_array_equal(projection.fan_out, fan_out_by_keras(BETWEEN[name](), shape))


def residual():
    x = keras.Input((4, 4, 2), name="x")
    a = SoftLIF(name="a")(L.Conv2D(2, 3, padding="same", bias_initializer="ones")(x))
    b = SoftLIF(name="b")(L.Conv2D(2, 3, padding="same")(a))
    joined = L.Concatenate()([a, b])
    c = SoftLIF(name="c")(L.Add()([a, L.Conv2D(2, 1)(joined)]))
    return nsl.convert(keras.Model(x, L.Dense(3, name="out")(L.Flatten()(c))))


def test_branches():
    """A source reaches a target once on each way; a concatenation has a part of each."""
    projections = count_connections(residual()).projections
    found = {}
    for p in projections:
        found.setdefault((p.source, p.target), []).append(p.n_connections)
    assert sorted(found.pop(("a", "c"))) == [32, 64]  # itself, and through half of the 1x1 kernel
    assert found == {
        ("x", "a"): [576],
        ("a", "b"): [576],
        ("b", "c"): [64],
        ("c", "out"): [96],
    }


def handmade(transform, pre=lambda a: a.neurons, post=lambda b: b.neurons):
    with nengo.Network() as net:
        seen = nengo.Node(np.zeros(3), label="seen")
        a = nengo.Ensemble(12, 2, label="a")
        b = nengo.Ensemble(6, 3, label="b")
        out = nengo.Node(size_in=6, label="out")
        bias = nengo.Node(np.ones(6))
        nengo.Connection(seen, a.neurons[:3], synapse=None)
        nengo.Connection(pre(a), post(b), transform=transform)
        nengo.Connection(b.neurons, out)
        nengo.Connection(bias, out)
    return nsl.wrap(net, input=seen, output=out)


SPARSE = nengo.Sparse((6, 12), indices=[(0, 1), (5, 1), (2, 3)])


@pytest.mark.parametrize(
    "connection, fan_out",
    [
        ([np.ones((6, 12))], [6] * 12),
        ([SPARSE], [0, 2, 0, 1, *[0] * 8]),
        ([1, lambda a: a.neurons[2:8]], [0, 0, *[1] * 6, *[0] * 4]),
        ([1, lambda a: a.neurons[::4], lambda b: b.neurons[:3]], [1, 0, 0, 0] * 3),
        ([np.ones((3, 2)), lambda a: a, lambda b: b], [6] * 12),
        ([[[1.0, 0.0]], lambda a: a, lambda b: b[1]], [6] * 12),
    ],
)
def test_networks_written_by_hand(connection, fan_out):
    counted = count_connections(handmade(*connection))
    into_b = next(p for p in counted.projections if p.target == "b")
    np.testing.assert_array_equal(into_b.fan_out, fan_out)
    assert into_b.source == "a" and into_b.spikes
    assert [p.source for p in counted.projections] == ["input", "a", "b"]  # the bias is free


def test_channels_first():
    with nengo.Network() as net:
        seen = nengo.Node(np.zeros(1))
        a = nengo.Ensemble(12, 1, label="a")
        conv = nengo.Convolution(4, (2, 3, 2), channels_last=False, kernel_size=(2, 1), groups=2)
        pool = nengo.Node(size_in=conv.size_out)
        b = nengo.Ensemble(2, 1, label="b")
        out = nengo.Node(size_in=2)
        nengo.Connection(seen, a.neurons, transform=np.ones((12, 1)))
        nengo.Connection(a.neurons, pool, transform=conv)
        # takes the outputs of the first group of channels alone
        nengo.Connection(pool[: conv.size_out // 2], b.neurons, transform=np.ones((2, 8)))
        nengo.Connection(b.neurons, out)
    counted = count_connections(nsl.wrap(net, input=seen, output=out))
    reaching = next(p for p in counted.projections if p.source == "a").fan_out
    np.testing.assert_array_equal(reaching, [2] * 6 + [0] * 6)


def test_loops_of_passthrough_nodes_are_refused():
    described = handmade(np.ones((6, 12)))
    with described.net:
        first, second = nengo.Node(size_in=1), nengo.Node(size_in=1)
        nengo.Connection(first, second)
        nengo.Connection(second, first, synapse=0.1)
    with pytest.raises(ParameterError, match="loop"):
        count_connections(described)


def test_unknown_transforms_are_refused():
    transposed = nengo.ConvolutionTranspose(1, (6, 2), kernel_size=(1,), strides=(1,))
    with pytest.raises(ParameterError, match="ConvolutionTranspose"):
        count_connections(handmade(transposed))


def test_a_run_counts_its_spikes():
    spiking = residual()
    x = np.random.default_rng(0).uniform(size=(3, 4, 4, 2))
    result = nsl.evaluate(
        spiking,
        x,
        [0, 1, 2],
        presentation=nsl.Presentation(time=0.05),
        keep="spikes",
        progress=False,
    )
    counted = count_connections(spiking)
    expected = sum(
        (result.spikes[p.source].sum(axis=1) @ p.fan_out).mean()
        for p in counted.projections
        if p.spikes
    )
    assert expected > 0
    assert result.synops == pytest.approx(expected)
    assert result.workload.n_updates == 3 * 32 * 50
    assert result.energy("loihi").total == pytest.approx(
        23.6e-12 * (expected + counted.n_input_connections) + 81e-12 * result.workload.n_updates
    )


def test_ordinary_machines_compute_every_connection_once():
    work = count_workload(*MNIST, 0.2)
    energy = estimate_energy(work, "gpu")
    assert energy.unit == "J"
    assert energy.total == pytest.approx(0.3e-9 * (11_623_200 + 27_088))


@given(st.floats(0, 1e3), st.floats(1e-3, 10))
def test_energy_is_linear_in_rates_and_time(rate, presentation_time):
    network, rates = MNIST
    n_steps = round(presentation_time / 0.001)
    work = count_workload(network, dict.fromkeys(rates, rate), n_steps * 0.001)
    model = CostModel(
        name="mine", unit="J", energy_per_synop=1.0, energy_per_update=0.0, energy_per_input=0.0
    )
    events = estimate_energy(work, model).total
    # 400, 500 and 10 targets for each neuron of the layers
    assert events == pytest.approx(11_309_600 * rate * n_steps * 0.001)
    assert estimate_energy(work, model, "unrolled").total == pytest.approx(events)
    assert work.n_updates == 27_088 * n_steps


def test_bad_input():
    network, rates = MNIST
    with pytest.raises(ParameterError, match=r"layer, conv1, conv2, dense \(got conv1, conv2\)"):
        count_workload(network, {"conv1": 1.0, "conv2": 1.0}, 0.1)
    for wrong, words in [
        ({"conv1": [1.0, 2.0]}, r"rates\['conv1'\] must be .* each of the 12544 neurons"),
        ({"conv1": -1.0}, r"rates\['conv1'\] must be a finite number of 0 or more, in Hz"),
    ]:
        with pytest.raises(ParameterError, match=words):
            count_workload(network, rates | wrong, 0.1)
    with pytest.raises(ParameterError, match="presentation_time must be a time"):
        count_workload(network, rates, 0)
    work = count_workload(network, rates, 0.1)
    with pytest.raises(
        UnknownNameError, match="energy model 'abacus' is unknown; choose one of hun"
    ):
        estimate_energy(work, "abacus")
    with pytest.raises(ParameterError, match="'merged' or 'unrolled'"):
        estimate_energy(work, counting="twice")
    with pytest.raises(ParameterError, match="must have 4 numbers"):
        chain({"a": 1, "b": 2, "c": 3}, [1, 2])
