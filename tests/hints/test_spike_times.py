"""Advice on spike trains, and on rules that learn spike times."""

import nengo
import numpy as np

from nengo_softlif.functional import ResponseKernels, spike_array
from nengo_softlif.learning_rules.bp_stdp import BPSTDP
from nengo_softlif.learning_rules.spike_times import ReSuMe, SpikeProp, SpikeResponseLayer
from nengo_softlif.processes import SpikeResponse
from tests.hints.following import Advice, follow

TRAINS = [[[0.01], [0.02]]]
KERNELS = ResponseKernels(tau=0.007)


def layer(weight=1.0):
    return SpikeResponseLayer([[weight], [weight]])


def fitted(rule=None, *, layers=None, inputs=TRAINS, target=0.03, duration=0.1):
    """Whether a training goes through."""
    layers = layer() if layers is None else layers
    rule = ReSuMe() if rule is None else rule
    targets = [[[target]]]
    return rule.fit(layers, inputs, targets, duration=duration, epochs=5).n_epochs == 5


def in_a_node(**options):
    with nengo.Network() as net:
        nengo.Node(SpikeResponse([[[1.0]]], [0.0], KERNELS), **options)
    return bool(nengo.Simulator(net, progress_bar=False))


def updated(rate):
    rule = BPSTDP((3, 2), learning_rate=rate)
    for _ in range(3):
        rule.update(np.ones((2, 4, 3)), np.array([0, 1]))
    return np.isfinite(rule.weights[0]).all()


def test_advice():
    for advice in [
        Advice(
            "; give a longer duration, or earlier spikes",
            lambda: fitted(target=0.2),
            lambda: fitted(target=0.2, duration=0.3) and fitted(target=0.05),
        ),
        Advice(
            "; make it with nengo_softlif.functional.spike_array",
            lambda: fitted(inputs=[[0.01], [0.02]]),
            lambda: fitted(inputs=spike_array([[[0.01], [0.02]]])),
        ),
        Advice(
            "; leave it out for an alpha function",
            lambda: ResponseKernels(tau=0.007, tau_s=0.007),
            lambda: ResponseKernels(tau=0.007).response(np.array([0.007])) == 1,
        ),
        Advice(
            "; lower them, or the learning rate that they come from",
            lambda: layer(1e4).spike_times(TRAINS, duration=0.1),
            lambda: layer(10).spike_times(TRAINS, duration=0.1).size and fitted(ReSuMe(0.01)),
        ),
        Advice(
            "make one with nengo_softlif.functional.ResponseKernels",
            lambda: SpikeResponseLayer([[1.0]], kernels=0.007),
            lambda: SpikeResponseLayer([[1.0]], kernels=KERNELS).kernels == KERNELS,
        ),
        Advice(
            "make one with nengo_softlif.learning_rules.spike_times.SpikeResponseLayer",
            lambda: fitted(layers=np.ones((2, 1))),
            lambda: fitted(layers=SpikeResponseLayer(np.ones((2, 1)))),
        ),
        Advice(
            "; leave them out",
            lambda: in_a_node(size_in=2),
            lambda: in_a_node(),
        ),
    ]:
        follow(advice)


def test_learning_rates():
    with np.errstate(over="ignore", invalid="ignore"):
        for advice in [
            Advice(
                "; lower it",
                lambda: fitted(SpikeProp(1e308)),
                lambda: fitted(SpikeProp(0.01)),
            ),
            Advice(
                "; lower it",
                lambda: updated(1e39),
                lambda: updated(1e-3),
            ),
        ]:
            follow(advice)
