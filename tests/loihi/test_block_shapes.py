"""Populations too large for a core are split into the fewest parts that fit."""

import keras
import nengo
import nengo_loihi
import numpy as np
import pytest
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nengo_loihi import BlockShape
from nengo_loihi.builder.split_blocks import split_model as their_split_model

import nengo_softlif as nsl
from nengo_softlif.layers import LinearResetLIF, SoftLIF
from nengo_softlif.loihi.demand import BlockDemand, compartments_of_parts
from nengo_softlif.loihi.extensions.block_shapes import choose_block_shapes
from nengo_softlif.loihi.fit.trial import build_on_trial
from tests.loihi.networks import convolution, new_network, pooled_network

L = keras.layers


def convolutional_network(rng, shape, n_filters, size, strides=1, padding="valid", value=None):
    """Neurons on the host -> convolution -> neurons -> dense -> neurons."""
    transform = convolution(rng, shape, n_filters, size, strides, padding=padding)
    if value is not None:
        transform = nengo.Convolution(
            n_filters,
            shape,
            kernel_size=(size, size),
            strides=(strides, strides),
            padding=padding,
            init=np.full((size, size, shape[-1], n_filters), value),
        )
    with new_network() as net:
        first = nengo.Ensemble(transform.size_in, 1, label="first")
        net.config[first].on_chip = False
        net.image = nengo.Ensemble(transform.size_out, 1, label="image")
        net.last = nengo.Ensemble(3, 1, label="last")
        nengo.Connection(first.neurons, net.image.neurons, transform=transform)
        nengo.Connection(
            net.image.neurons,
            net.last.neurons,
            transform=rng.uniform(size=(3, transform.size_out)),
        )
    return net


def assert_counts_agree(model):
    """Hold what is counted before splitting to what NengoLoihi makes of it."""
    demands = {block: BlockDemand(block) for block in model.blocks}
    homes = {synapse: block for block in model.blocks for synapse in block.synapses}
    shapes = model.block_shapes

    def needed(synapse):
        shape = shapes[homes[synapse]]
        if shape.n_splits == 1:
            return np.ones((1, synapse.n_axons), dtype=bool)
        demand = demands[homes[synapse]].synapses[synapse]
        return np.array([demand.needed(part) for part in compartments_of_parts(shape)])

    counted = {}
    for block, demand in demands.items():
        parts = compartments_of_parts(shapes[block])
        inputs = [demand.whole()] if len(parts) == 1 else map(demand.of_part, parts)
        counted[block] = [
            (len(part), in_axons, demand.out_axons(part, needed), bits)
            for part, (in_axons, bits) in zip(parts, inputs, strict=True)
        ]
    for block, parts in their_split_model(model).items():
        made = [tuple(int(n) for n, _ in part.utilization().values()) for part in parts]
        assert made == counted[block]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_counts_are_those_of_nengo_loihi(data):
    draw = data.draw
    rng = np.random.RandomState(draw(st.integers(0, 99)))
    rows, columns = draw(st.integers(3, 9)), draw(st.integers(3, 9))
    channels, n_filters = draw(st.integers(1, 5)), draw(st.integers(1, 40))
    net = convolutional_network(
        rng,
        (rows, columns, channels),
        n_filters,
        size=draw(st.integers(1, 3)),
        strides=draw(st.integers(1, 2)),
        padding=draw(st.sampled_from(["valid", "same"])),
        value=draw(st.sampled_from([None, 0.0, 1.0])),  # equal weights are stored once
    )
    model = build_on_trial(net).model
    image, last = (model.objs[ens]["in"] for ens in (net.image, net.last))
    whole = net.all_connections[0].transform.output_shape.shape
    if draw(st.booleans()):
        whole = (int(np.prod(whole)),)
    part = tuple(draw(st.integers(max(1, n // 3), n)) for n in whole)
    model.block_shapes[image] = BlockShape(part, whole)
    model.block_shapes[last] = BlockShape((draw(st.integers(1, 3)),), (3,))
    assert_counts_agree(model)


def test_counts_of_decoded_sparse_and_population_16_connections(rng):
    with nengo.Network(seed=0) as net:
        nengo_loihi.add_params(net)
        a, b = (nengo.Ensemble(n, 2, label=label) for n, label in ((50, "a"), (30, "b")))
        nengo.Connection(a, b)
        nengo.Connection(b, b, synapse=0.1)
        weights = scipy.sparse.random(30, 50, 0.2, format="csr", random_state=rng)
        nengo.Connection(a.neurons, b.neurons, transform=nengo.Sparse((30, 50), init=weights))
        pixels = nengo.Ensemble(128, 1, gain=np.ones(128), bias=np.zeros(128), label="pixels")
        conv = nengo.Connection(
            b.neurons[:16],
            pixels.neurons,
            transform=convolution(rng, (4, 4, 1), 8, 3, padding="same"),
        )
        net.config[conv].pop_type = 16
    trial = build_on_trial(net)
    assert not trial.refusals
    shapes = trial.model.block_shapes
    for ens, shape in ((a, (20,)), (b, (12,)), (pixels, (64,))):
        shapes[trial.model.objs[ens]["in"]] = BlockShape(shape, (ens.n_neurons,))
    choose_block_shapes(trial.model)  # of the decoders
    assert_counts_agree(trial.model)


def test_as_few_parts_as_possible(rng):
    """Compared with every box, by NengoLoihi's own splitting."""
    net = convolutional_network(rng, (6, 6, 24), 40, size=3)
    model = build_on_trial(net).model
    block = model.objs[net.image]["in"]
    choose_block_shapes(model)
    chosen = model.block_shapes[block]
    assert chosen.n_splits > 1

    for shape in np.ndindex(4, 4, 40):
        shape = tuple(int(n) + 1 for n in shape)
        candidate = BlockShape(shape, (4, 4, 40))
        if candidate.n_splits < chosen.n_splits and np.prod(shape) <= 1024:
            parts = compartments_of_parts(candidate)
            demand = BlockDemand(block)
            assert any(
                in_axons > 4096 or bits > 2**20
                for in_axons, bits in (
                    map(demand.of_part, parts) if len(parts) > 1 else [demand.whole()]
                )
            )


def test_shapes_that_are_given_stay(rng):
    net = pooled_network(rng)
    net.config[net.chip1].block_shape = BlockShape((2, 4, 3), (4, 4, 6))
    with nengo_loihi.Simulator(net) as sim:
        parts = [block for block in sim.model.blocks if "chip1" in block.label]
    assert [block.n_neurons for block in parts] == [24] * 4


def test_output_axons_split_the_sender(rng):
    """300 neurons send to 30 cores: 9,000 axons, of which a core has 4,096."""
    with new_network() as net:
        sender = nengo.Ensemble(300, 1, label="sender")
        receiver = nengo.Ensemble(30, 1, label="receiver")
        net.config[receiver].block_shape = BlockShape((1,), (30,))
        nengo.Connection(sender.neurons, receiver.neurons, transform=rng.uniform(size=(30, 300)))
    with nengo_loihi.Simulator(net, target="sim") as sim:
        parts = [block for block in sim.model.blocks if "sender" in block.label]
    assert [part.n_neurons for part in parts] == [100, 100, 100]
    assert [part.utilization()["out-axons"][0] for part in parts] == [3000, 3000, 3000]


@pytest.mark.parametrize("neurons", [SoftLIF, LinearResetLIF])
def test_kernels_that_do_not_divide_evenly(neurons):
    """NengoLoihi would make two parts, each 8 % too large."""
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((28, 28, 1)),
        L.Conv2D(16, 5, strides=2, bias_initializer="ones"),
        SoftLIF(amplitude=0.01),
        L.Conv2D(32, 5, strides=2, bias_initializer="ones"),
        neurons(amplitude=0.01, name="second"),
        L.Flatten(),
        L.Dense(10),
    ]
    spiking = nsl.convert(keras.Sequential(layers))
    with nengo_loihi.Simulator(spiking.net, target="sim") as sim:
        parts = [b for b in sim.model.blocks if "second" in b.label]
        assert len(parts) == 2
        sim.run_steps(2)


def test_splitting_does_not_change_the_result():
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((12, 12, 1)),
        L.Conv2D(8, 3, bias_initializer="ones"),
        SoftLIF(amplitude=0.01, name="first"),
        L.Conv2D(48, 3, strides=2, bias_initializer="ones"),
        SoftLIF(amplitude=0.01, name="second"),
        L.Flatten(),
        L.Dense(4),
    ]
    model = keras.Sequential(layers)
    spiking = nsl.convert(model)
    x = np.random.default_rng(0).uniform(size=(1, 12, 12, 1))
    options = {"presentation": nsl.Presentation(time=0.2), "progress": False}
    on_loihi, on_nengo = (
        nsl.evaluate(spiking, x, [0], backend=backend, **options) for backend in ("loihi", "nengo")
    )
    rates = [r.mean_rates["second"] for r in (on_loihi, on_nengo)]
    assert np.corrcoef(*rates)[0, 1] > 0.97
