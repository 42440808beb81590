"""Advice on streams, and on what labels mean."""

import keras
import numpy as np
import tensorflow as tf

from tests.hints.following import Advice, evaluate, follow

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 1, size=(4, 3))
Y = np.array([0, 1, 1, 0])


def test_streams(two):
    batches = [(X[:2], Y[:2]), (X[2:], Y[2:])]
    expected = evaluate(two, X, Y).output

    def shown_alone():
        steps = np.repeat(X[:, np.newaxis], 50, axis=1)
        return tf.data.Dataset.from_tensor_slices((steps, Y))

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
            "; let a tf.data.Dataset give batches of samples with its method batch(n)",
            lambda: evaluate(two, shown_alone(), None),
            lambda: equal(shown_alone().batch(2)),
        ),
        Advice(
            "; give all inputs each time, in the same way",
            lambda: evaluate(two, iter([(X[0], Y[0]), ([X[1]], Y[1])]), None),
            lambda: equal(zip(X, Y, strict=True)),
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
