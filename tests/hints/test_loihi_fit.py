"""Advice on what does not fit the chip, and on the comparison with the Keras model."""

import keras
import nengo
import nengo_loihi
import numpy as np
from nengo.exceptions import BuildError

import nengo_softlif as nsl
from nengo_softlif.layers import SoftLIF
from tests.hints.following import Advice, follow, samples_of, sequential
from tests.hints.test_loihi import pair
from tests.loihi.networks import convolution, new_network

L = keras.layers
RNG = np.random.RandomState(0)


def fits(net):
    """Whether a network fits the chip, else the error that names the first violation."""
    report = nsl.loihi.check(net)
    if not report.fits:
        raise BuildError(report.violations[0].message)
    return True


def wide(n_in, host=()):
    return pair(np.ones((3, n_in)), n_pre=n_in, n_post=3, host=[0, *host])


def with_shape(size, n=1025):
    with new_network() as net:
        ens = nengo.Ensemble(n, 1)
        if size is not None:
            net.config[ens].block_shape = nengo_loihi.BlockShape((size,), (n,))
    return net


def fanned_out(n_cores, pop_type=32, part=4, side=16):
    """Neurons on one core whose spikes go to several, which have some channels each."""
    transform = convolution(RNG, (side, side, 4), part * n_cores, 1)
    with new_network() as net:
        first = nengo.Ensemble(transform.size_in, 1, label="first")
        second = nengo.Ensemble(transform.size_out, 1, label="second")
        conn = nengo.Connection(first.neurons, second.neurons, transform=transform)
        shape = (side, side, part), (side, side, part * n_cores)
        net.config[second].block_shape = nengo_loihi.BlockShape(*shape)
        net.config[first].block_shape = nengo_loihi.BlockShape(*[(side, side, 4)] * 2)
        net.config[conn].pop_type = pop_type
    return net


def biased(bias, host=()):
    return pair(1e-3, post={"bias": np.full(4, bias)}, host=host)


def with_own_parameters(n, n_connections=1):
    with new_network() as net:
        one, many = nengo.Ensemble(1, 1), nengo.Ensemble(512, 1)
        for k in range(n_connections):
            weights = np.zeros((512, 1))
            weights[: 2 ** (6 + k % 4)] = 2.0 ** -(k // 4)
            indices = np.stack(np.nonzero(weights), axis=1)
            transform = nengo.Sparse((512, 1), indices=indices, init=weights[weights != 0])
            nengo.Connection(one.neurons, many.neurons, transform=transform)
    return net


def test_what_does_not_fit():
    tired = {"neuron_type": nsl.SpikingLIF(tau_ref=0.08)}
    noisy = {"noise": nengo.processes.WhiteNoise()}
    for advice in [
        Advice(
            "Give it a block_shape with fewer neurons, or leave block_shape to be chosen.",
            lambda: fits(with_shape(1025)),
            lambda: fits(with_shape(600)) and fits(with_shape(None)),
        ),
        Advice(
            "Give the layer fewer inputs (pooling, strides, fewer channels before it), or put it "
            "on the host with net.config[ensemble].on_chip = False.",
            lambda: fits(wide(4097)),
            lambda: fits(wide(4096)),
        ),
        Advice(
            "Make the layer after it smaller, so that it takes fewer cores, or use pop_type 16 "
            "for a convolution, which halves them.",
            lambda: fits(fanned_out(12)),
            lambda: fits(fanned_out(4)) and fits(fanned_out(12, pop_type=16)),
        ),
        Advice(
            "Bring weights and biases closer together (train with weight decay), or put the layer "
            "on the host with net.config[ensemble].on_chip = False.",
            lambda: fits(biased(1e9)),
            lambda: fits(biased(1.0)) and fits(biased(1e9, host=[1])),
        ),
        Advice(
            "Give fewer neurons their own parameters, or the layer fewer connections.",
            lambda: fits(with_own_parameters(1, 16)),
            lambda: fits(with_own_parameters(1, 15)),
        ),
        Advice(
            "Use a shorter tau_ref or a longer dt.",
            lambda: fits(pair(post=tired)),
            lambda: (
                fits(pair(post={"neuron_type": nsl.SpikingLIF(tau_ref=0.01)}))
                and nsl.loihi.check(pair(post=tired), dt=0.002).fits
            ),
        ),
        Advice(
            "Put it on the host with net.config[ensemble].on_chip = False.",
            lambda: fits(pair(post=noisy)),
            lambda: fits(pair(post=noisy, host=[1])),
        ),
        Advice(
            "Use pop_type 32 for the connection, or a multiple of 4 channels on a core.",
            lambda: fits(fanned_out(2, pop_type=16, part=3, side=4)),
            lambda: (
                fits(fanned_out(2, pop_type=32, part=3, side=4))
                and fits(fanned_out(2, pop_type=16, part=4, side=4))
            ),
        ),
        Advice(
            "; pass the network that holds the ensembles",
            lambda: nsl.loihi.check(pair().ensembles),
            lambda: nsl.loihi.check(pair()).fits,
        ),
    ]:
        follow(advice)


def verified(model, spiking, samples):
    return bool(nsl.conversion.verify(model, spiking, samples))


def test_verify():
    model = sequential(L.Dense(3), SoftLIF(), L.Dense(2))
    other = keras.Sequential([keras.Input((4,), name="other"), L.Dense(2)])
    spiking = nsl.convert(model)
    x = samples_of(model)
    for advice in [
        Advice(
            "; call verify(model, spiking, samples)",
            lambda: verified(spiking, model, x),
            lambda: verified(model, spiking, x),
        ),
        Advice(
            "; verify a network with the model that it came from",
            lambda: verified(other, spiking, x),
            lambda: verified(other, nsl.convert(other), x) and verified(model, spiking, x),
        ),
    ]:
        follow(advice)


def test_probes_of_connections_are_named():
    def probed(*, weights):
        with nengo.Network(seed=0) as net:
            ens, out = nengo.Ensemble(20, 1), nengo.Node(size_in=1)
            other = nengo.Ensemble(20, 1)
            nengo.Connection(ens, other)
            connection = nengo.Connection(other, out)
            nengo.Probe(*((connection, "weights") if weights else (other,)))
        return fits(net)

    follow(
        Advice(
            ". Remove the probe, or probe the populations at both ends.",
            lambda: probed(weights=True),
            lambda: probed(weights=False),
        )
    )
