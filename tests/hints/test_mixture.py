"""Advice on stochastic winner-take-all circuits."""

import nengo
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.learning_rules import ProbabilisticSTDP
from nengo_softlif.networks import SpikingMixture
from tests.hints.following import Advice, follow
from tests.learning_rules.networks import relays


def runs(dt, **options):
    """Run a circuit for two steps."""
    with nsl.Simulator(SpikingMixture(2, 3, **options), dt=dt, progress_bar=False) as sim:
        sim.run_steps(2)
    return sim.n_steps == 2


def learns(weights, shift=5.0):
    """Run a connection with the rule."""
    with nengo.Network(seed=0) as net:
        nengo.Connection(
            relays(3).neurons,
            relays(2).neurons,
            transform=weights,
            learning_rule_type=ProbabilisticSTDP(shift=shift),
        )
    with nsl.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(2)
    return sim.n_steps == 2


def test_advice():
    large = np.full((2, 3), 6.0)
    for advice in [
        Advice(
            "; lower it, or take shorter steps",
            lambda: runs(0.01, total_rate=200.0),
            lambda: runs(0.01, total_rate=100.0) and runs(0.005, total_rate=200.0),
        ),
        Advice(
            "; give the rule another shift, or clip them",
            lambda: learns(large),
            lambda: learns(large, shift=6.0) and learns(np.clip(large, 0, 5)),
        ),
    ]:
        follow(advice)
