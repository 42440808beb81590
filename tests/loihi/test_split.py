"""Which networks NengoLoihi builds as ever, and which with our extensions."""

import nengo
import nengo_loihi
import numpy as np
import pytest
from nengo_loihi.builder.builder import ValidationLevel
from nengo_loihi.passthrough import PassthroughSplit
from nengo_loihi.splitter import Split

import nengo_softlif as nsl
from nengo_softlif.loihi.extensions.split import ExtendedSplit, choose_split
from nengo_softlif.networks import enable_extensions, needs_extensions
from tests.loihi.networks import convolution


def plain_network(**options):
    """Neurons on the host, then two populations on the chip; all of them are Nengo's own."""
    with nengo.Network(seed=0) as net:
        nengo_loihi.add_params(net)
        net.config[nengo.Ensemble].gain = nengo.dists.Choice([1])
        net.config[nengo.Ensemble].bias = nengo.dists.Choice([2])
        net.config[nengo.Ensemble].neuron_type = nengo.LIF()
        net.host = nengo.Ensemble(16, 1, label="host")
        net.config[net.host].on_chip = False
        net.first = nengo.Ensemble(16, 1, label="first", **options)
        net.second = nengo.Ensemble(16, 1, label="second")
        nengo.Connection(net.host.neurons, net.first.neurons)
    return net


def through_node(net, pre, post, transform):
    node = nengo.Node(size_in=transform.size_in)
    nengo.Connection(pre.neurons, node, synapse=0.005)
    nengo.Connection(node, post.neurons, transform=transform, synapse=None)


def same(rng, **options):
    return convolution(rng, (4, 4, 1), 1, 3, padding="same", **options)


def dense(rng):
    return nengo.Dense((16, 16), rng.uniform(size=(16, 16)))


def grouped(rng):
    return convolution(rng, (2, 2, 4), 4, 1, groups=2)


def to_host(net, transform):
    node = nengo.Node(size_in=transform.size_out)
    nengo.Connection(net.first.neurons, node, transform=transform)
    nengo.Probe(node)  # without which the node is left out


# What NengoLoihi builds by itself: the network is left to it.
PLAIN = {
    "convolution": lambda net, rng: nengo.Connection(
        net.first.neurons, net.second.neurons, transform=same(rng)
    ),
    "grouped convolution on the host": lambda net, rng: nengo.Connection(
        net.host.neurons, nengo.Node(size_in=16), transform=grouped(rng)
    ),
    "dense node": lambda net, rng: through_node(net, net.first, net.second, dense(rng)),
    "dense node from the host": lambda net, rng: through_node(
        net, net.host, net.second, dense(rng)
    ),
    "dense to the host": lambda net, rng: to_host(net, dense(rng)),
    "decoded values": lambda net, rng: nengo.Connection(
        net.first, nengo.Ensemble(20, 2), transform=[[1], [0]]
    ),
}

# What NengoLoihi refuses, and the extensions build.
REFUSED = {
    "grouped convolution": lambda net, rng: nengo.Connection(
        net.first.neurons, net.second.neurons, transform=grouped(rng)
    ),
    "convolution in one dimension": lambda net, rng: nengo.Connection(
        net.host.neurons,
        net.first.neurons,
        transform=convolution(rng, (16, 1), 1, 3, padding="same"),
    ),
    "convolution behind a node": lambda net, rng: through_node(
        net, net.first, net.second, same(rng)
    ),
    "convolution behind a node of the host": lambda net, rng: through_node(
        net, net.host, net.second, same(rng)
    ),
    "convolution to the host": lambda net, rng: to_host(net, same(rng)),
    "part of the neurons": lambda net, rng: nengo.Connection(
        net.first.neurons[:8], net.second.neurons[8:]
    ),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_what_nengo_loihi_can_build_is_left_to_it(kind, rng):
    net = plain_network()
    with net:
        PLAIN[kind](net, rng)
    for simulator in (nengo_loihi.Simulator, nsl.loihi.Simulator):
        with simulator(net) as sim:
            assert type(sim.model.split) is Split
            assert type(sim.model.split.passthrough) is PassthroughSplit
            sim.run_steps(5)
    assert nsl.loihi.check(net).fits


@pytest.mark.parametrize("kind", REFUSED)
def test_what_it_refuses_is_built_with_extensions(kind, rng):
    net = plain_network()
    with net:
        REFUSED[kind](net, rng)
    data = []
    probe = nengo.Probe(net.second.neurons, add_to_container=False)
    net.probes.append(probe)
    for simulator in (nengo_loihi.Simulator, nsl.loihi.Simulator):
        with simulator(net, seed=1) as sim:
            assert type(sim.model.split) is ExtendedSplit
            sim.run_steps(20)
            data.append(np.array(sim.data[probe]))
    np.testing.assert_array_equal(*data)
    assert nsl.loihi.check(net).fits


OURS = {
    "neuron type": lambda net: nengo.Ensemble(3, 1, neuron_type=nsl.SpikingLIF()),
    "rate type inside": lambda net: nengo.Ensemble(
        3, 1, neuron_type=nengo.RegularSpiking(nsl.SoftLIFRate())
    ),
    "input": lambda net: nengo.Node(
        nsl.PresentEncoded(np.ones((1, 2)), 0.1, nsl.RegularSpikes(100))
    ),
    "mark": enable_extensions,
    "mark of a part": lambda net: enable_extensions(nengo.Network()),
}


@pytest.mark.parametrize("kind", OURS)
def test_networks_with_something_of_ours_need_the_extensions(kind):
    net = plain_network()
    assert not needs_extensions(net)
    assert type(choose_split(net)) is Split
    with net:
        OURS[kind](net)
    assert needs_extensions(net)
    assert type(choose_split(net)) is ExtendedSplit


def test_converted_networks_of_nengos_own_neurons_need_them():
    keras = pytest.importorskip("keras")
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, "relu"), keras.layers.Dense(2)]
    )
    spiking = nsl.convert(model, neurons={"relu": nengo.SpikingRectifiedLinear()})
    assert needs_extensions(spiking.net)


def large_network(rng):
    """Without options: what NengoLoihi's parts need, and ours."""
    first = convolution(rng, (14, 14, 1), 8, 3)
    second = convolution(rng, first.output_shape.shape, 32, 5)
    net = plain_network()
    with net:
        layers = [nengo.Ensemble(t.size_out, 1) for t in (first, second)]
        image = nengo.Ensemble(14**2, 1)
        net.config[image].on_chip = False
        nengo.Connection(image.neurons, layers[0].neurons, transform=first)
        nengo.Connection(layers[0].neurons, layers[1].neurons, transform=second)
    return net


def test_parts_too_large_for_their_cores_are_made_smaller(rng):
    net = large_network(rng)
    model = nengo_loihi.builder.Model()
    model.validation_level = ValidationLevel.NONE
    with nengo_loihi.Simulator(net, model=model) as sim:
        theirs = [block.utilization()["synapses"] for block in sim.model.blocks]
    assert any(needed > limit for needed, limit in theirs)
    with nengo_loihi.Simulator(net) as sim:
        ours = [block.utilization()["synapses"] for block in sim.model.blocks]
        assert type(sim.model.split) is Split
    assert all(needed <= limit for needed, limit in ours)
    assert nsl.loihi.check(net).fits
