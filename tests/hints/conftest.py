"""A network of Nengo with two outputs, wrapped with one of them, the other, and both."""

import nengo
import pytest

import nengo_softlif as nsl


@pytest.fixture(scope="package")
def net():
    """Three numbers in, two outputs of two and one numbers."""
    with nengo.Network(seed=0) as net:
        net.x, net.two, net.one = nengo.Node([0] * 3), nengo.Node(size_in=2), nengo.Node(size_in=1)
        ens = nengo.Ensemble(20, 3, neuron_type=nsl.SpikingLIF())
        nengo.Connection(net.x, ens)
        nengo.Connection(ens[:2], net.two)
        nengo.Connection(ens[2], net.one)
    return net


@pytest.fixture(scope="package")
def two(net):
    return nsl.wrap(net, input=net.x, output=net.two)


@pytest.fixture(scope="package")
def one(net):
    return nsl.wrap(net, input=net.x, output=net.one)


@pytest.fixture(scope="package")
def both(net):
    return nsl.wrap(net, input=net.x, output={"two": net.two, "one": net.one})
