"""Advice on convolutions that learn by STDP, and on contrast."""

import nengo
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.functional.contrast import difference_of_gaussians, on_off_contrast
from nengo_softlif.networks import FeatureLayer, STDPFeatures, learned_weights
from tests.hints.following import Advice, follow


def layer(weights, padding=0, **sizes):
    """Build and run one."""
    with nengo.Network() as net:
        process = nsl.STDPConvolution((4, 4, 2), weights, 1.0, padding=padding)
        source = nengo.Node(np.zeros(32))
        nengo.Connection(source, nengo.Node(process, **sizes), synapse=None)
    with nsl.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(2)
    return True


def read(*, closed=False, wrong=False):
    """Weights of a network of one layer."""
    with STDPFeatures((2, 2, 1), [FeatureLayer(np.full((2, 2, 1, 3), 0.5), 1.0)]) as net:
        pass
    with nsl.Simulator(net, progress_bar=False) as sim:
        if not closed:
            return learned_weights(sim, net.input if wrong else net.layers[0]).shape == (2, 2, 1, 3)
    return learned_weights(sim, net.layers[0])


def test_advice():
    good, images = np.full((2, 2, 2, 3), 0.5), np.zeros((2, 8, 8, 1))
    large = np.full((6, 2, 2, 3), 0.5)
    for advice in [
        Advice(
            "; clip them, as in np.clip(weights, 0, 1)",
            lambda: layer(3 * good),
            lambda: layer(np.clip(3 * good, 0, 1)),
        ),
        Advice(
            "; its order is height, width, channels, maps",
            lambda: layer(good.transpose(0, 1, 3, 2)),
            lambda: layer(good),
        ),
        Advice(
            "; use smaller filters, or more padding",
            lambda: layer(large),
            lambda: layer(large[:4]) and layer(large, padding=1),
        ),
        Advice(
            "; leave them out",
            lambda: layer(good, size_in=32, size_out=5),
            lambda: layer(good),
        ),
        Advice("; take the connection, or one of network.layers", lambda: read(wrong=True), read),
        Advice("; read the weights inside of the with block", lambda: read(closed=True), read),
        Advice(
            "; take an odd one, such as 7",
            lambda: difference_of_gaussians(6),
            lambda: difference_of_gaussians(7).shape == (7, 7),
        ),
        Advice(
            "; give it twice the width of center",
            lambda: difference_of_gaussians(7, 2.0, 1.0),
            lambda: difference_of_gaussians(7, 2.0, 4.0).shape == (7, 7),
        ),
        Advice(
            "; leave them out for a difference of Gaussians",
            lambda: on_off_contrast(images[..., 0], np.ones(3)),
            lambda: on_off_contrast(images[..., 0]).shape == (2, 8, 8, 2),
        ),
        Advice(
            "; of images with one channel take images[..., 0]",
            lambda: on_off_contrast(images),
            lambda: on_off_contrast(images[..., 0]).shape == (2, 8, 8, 2),
        ),
    ]:
        follow(advice)
