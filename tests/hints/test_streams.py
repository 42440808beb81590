"""Advice on streams, and on what labels mean."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from tests.hints.following import SHORT, Advice, follow

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 1, size=(4, 3))
Y = np.array([0, 1, 1, 0])


@pytest.fixture(scope="module")
def net():
    """Three numbers in, two outputs of two and one numbers."""
    with nengo.Network(seed=0) as net:
        net.x, net.two, net.one = nengo.Node([0] * 3), nengo.Node(size_in=2), nengo.Node(size_in=1)
        nengo.Connection(net.x[:2], net.two, synapse=None)
        nengo.Connection(net.x[2], net.one, synapse=None)
    return net


@pytest.fixture(scope="module")
def two(net):
    return nsl.wrap(net, input=net.x, output=net.two)


@pytest.fixture(scope="module")
def both(net):
    return nsl.wrap(net, input=net.x, output={"two": net.two, "one": net.one})


def evaluate(network, x, y, **options):
    return nsl.evaluate(network, x, y, **{**SHORT, **options})


def test_streams(two):
    batches = [(X[:2], Y[:2]), (X[2:], Y[2:])]
    expected = evaluate(two, X, Y).output

    class Endless(keras.utils.PyDataset):
        num_batches = None

        def __getitem__(self, index):
            return batches[index]

    class Ending(Endless):
        num_batches = 2

    def equal(stream, y=None):
        return np.array_equal(evaluate(two, stream, y).output, expected)

    for advice in [
        Advice(
            "(got both); leave y out",
            lambda: evaluate(two, iter(batches), Y),
            lambda: equal(iter(batches)),
        ),
        Advice(
            "so map the stream to pairs, as in stream.map(lambda x, y, weights: (x, y))",
            lambda: evaluate(two, ((x, y, np.ones(2)) for x, y in batches), None),
            lambda: equal((x, y) for x, y, _ in [(x, y, np.ones(2)) for x, y in batches]),
        ),
        Advice(
            "; return it from num_batches",
            lambda: evaluate(two, Endless(), None),
            lambda: equal(Ending()),
        ),
    ]:
        follow(advice)


def test_tasks_by_output(both):
    values = np.array([3, 1, 2, 0])
    follow(
        Advice(
            "pass task='regression'",
            lambda: evaluate(both, X, {"two": Y, "one": values}),
            lambda: (
                evaluate(both, X, {"two": Y, "one": values}, task={"one": "regression"})["one"].rmse
                >= 0
            ),
        )
    )
