"""Advice on belief networks."""

import numpy as np

from nengo_softlif.functional.siegert_table import SiegertTable
from nengo_softlif.learning_rules import SiegertRBM
from nengo_softlif.networks import BeliefNetwork
from tests.hints.following import Advice, follow


def learns(samples, learning_rate=0.01):
    """Train a machine of four visible units."""
    machine = SiegertRBM(4, 3)
    with np.errstate(all="ignore"):
        machine.fit(samples, epochs=3, learning_rate=learning_rate, batch_size=2)
    return bool(np.isfinite(machine.weights).all())


def builds(*weights):
    """Build a network of these weights."""
    layers = [(w, np.zeros(w.shape[1])) for w in weights]
    return len(BeliefNetwork(layers, SiegertTable(100.0)).layers) == len(weights)


def test_advice():
    images = np.random.default_rng(0).random((6, 2, 2))
    flat = images.reshape(6, 4)
    for advice in [
        Advice(
            "; flatten them, as in x.reshape(len(x), -1)",
            lambda: learns(images),
            lambda: learns(images.reshape(len(images), -1)),
        ),
        Advice(
            "; divide it by ten",
            lambda: learns(flat, 3e38),
            lambda: learns(flat, 0.1),
        ),
        Advice(
            "; their order is inputs, neurons",
            lambda: builds(np.ones((4, 3)), np.ones((2, 3))),
            lambda: builds(np.ones((4, 3)), np.ones((2, 3)).T),
        ),
    ]:
        follow(advice)
