"""Networks as the converter makes them."""

import nengo
import nengo_loihi
import numpy as np

import nengo_softlif as nsl

AT_REST = {"voltage": nengo.dists.Choice([0])}


def convolution(rng, shape, n_filters, size, strides=1, groups=1, padding="valid", scale=1.0):
    """Convolution with random weights that add up to about ``scale``."""
    n_space = len(shape) - 1
    kernel_shape = (size,) * n_space + (shape[-1] // groups, n_filters)
    kernel = rng.uniform(-0.3, 1, size=kernel_shape) / np.prod(kernel_shape[:-1])
    return nengo.Convolution(
        n_filters,
        shape,
        kernel_size=(size,) * n_space,
        strides=(strides,) * n_space,
        padding=padding,
        groups=groups,
        init=3 * scale * kernel,
    )


def pooling(shape, size):
    """Average pooling, as the converter writes it."""
    n_space, channels = len(shape) - 1, shape[-1]
    return nengo.Convolution(
        channels,
        shape,
        kernel_size=(size,) * n_space,
        strides=(size,) * n_space,
        groups=channels,
        init=np.full((size,) * n_space + (1, channels), 1 / size**n_space),
    )


def new_network():
    """Network whose ensembles are LIF neurons with J = x, firing at most 100 Hz at x = 2.7."""
    net = nengo.Network(seed=1)
    nengo_loihi.add_params(net)
    defaults = net.config[nengo.Ensemble]
    defaults.neuron_type = nsl.SpikingLIF(amplitude=0.01, initial_state=AT_REST)
    defaults.gain = nengo.dists.Choice([1])
    defaults.bias = nengo.dists.Choice([0])
    net.config[nengo.Connection].synapse = None
    return net


class Input:
    """Function of the input node: returns an image that can be exchanged."""

    def __init__(self, image):
        self.image = np.ravel(image)

    def __call__(self, t):
        return self.image


def pooled_network(rng, side=10, first_on_chip=False):
    """Image -> neurons (on the host) -> pool -> neurons -> pool -> neurons -> global pool, dense.

    The nodes, ensembles and probes are attributes of the returned network.
    """
    with new_network() as net:
        net.image = Input(rng.uniform(0, 6, size=side**2))
        source = nengo.Node(net.image, size_out=side**2, label="input")
        if first_on_chip:
            # only spikes can get there: neurons that copy the image
            relay = nengo.Ensemble(
                side**2,
                1,
                gain=nengo.dists.Choice([100]),
                neuron_type=nengo.SpikingRectifiedLinear(amplitude=0.01, initial_state=AT_REST),
            )
            net.config[relay].on_chip = False
            nengo.Connection(source, relay.neurons)
            source = relay.neurons
        first = convolution(rng, (side, side, 1), 4, 3, scale=1)
        net.first = nengo.Ensemble(first.size_out, 1, label="first")
        net.config[net.first].on_chip = first_on_chip
        nengo.Connection(source, net.first.neurons, transform=first)

        pool1 = pooling(first.output_shape.shape, 2)
        net.pool1 = nengo.Node(size_in=pool1.size_out, label="pool1")
        nengo.Connection(
            net.first.neurons, net.pool1, transform=pool1, synapse=nengo.Lowpass(0.005)
        )
        second = convolution(rng, pool1.output_shape.shape, 6, 3, scale=3, padding="same")
        net.chip1 = nengo.Ensemble(second.size_out, 1, label="chip1")
        nengo.Connection(net.pool1, net.chip1.neurons, transform=second)

        pool2 = pooling(second.output_shape.shape, 2)
        net.pool2 = nengo.Node(size_in=pool2.size_out, label="pool2")
        nengo.Connection(
            net.chip1.neurons, net.pool2, transform=pool2, synapse=nengo.Lowpass(0.005)
        )
        third = convolution(rng, pool2.output_shape.shape, 8, 2, scale=4)
        net.chip2 = nengo.Ensemble(third.size_out, 1, label="chip2")
        nengo.Connection(net.pool2, net.chip2.neurons, transform=third)

        pool3 = pooling(third.output_shape.shape, third.output_shape.shape[0])
        net.pool3 = nengo.Node(size_in=8, label="pool3")
        nengo.Connection(
            net.chip2.neurons, net.pool3, transform=pool3, synapse=nengo.Lowpass(0.005)
        )
        net.output = nengo.Node(size_in=10, label="output")
        nengo.Connection(net.pool3, net.output, transform=rng.normal(size=(10, 8)))

        net.spikes = [nengo.Probe(ens.neurons) for ens in (net.first, net.chip1, net.chip2)]
        net.out = nengo.Probe(net.output)
    return net
