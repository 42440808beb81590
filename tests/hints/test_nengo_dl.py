"""Advice on objects of Keras 3 in NengoDL."""

import keras
import nengo
import numpy as np
import pytest
import tf_keras

from nengo_softlif.layers import FiringRateRegularizer, SoftLIF
from tests.hints.following import Advice, follow


def layer_of_nengo_dl(layer, **compiled):
    nengo_dl = pytest.importorskip("nengo_dl")
    with nengo.Network(seed=0) as net:
        nengo_dl.configure_settings(stateful=False)
        node = nengo.Node(np.zeros(4))
        probe = nengo.Probe(nengo_dl.Layer(layer)(node))
    with nengo_dl.Simulator(net, minibatch_size=2, progress_bar=False, seed=0) as sim:
        losses = {"loss": "mse", "optimizer": tf_keras.optimizers.SGD(0.1), **compiled}
        losses["loss"] = {probe: losses["loss"]}
        sim.compile(**losses)
        values = np.ones((2, 1, 4))
        history = sim.fit(values, {probe: np.ones((2, 1, 4))}, epochs=2, verbose=0).history
        return np.isfinite(history["loss"]).all()


class Mine(keras.optimizers.SGD):
    """An optimizer of Keras 3 that Keras 2 can't have."""


class MineOfKeras2(tf_keras.optimizers.SGD):
    """The same of Keras 2."""


def test_nengo_dl():
    follow(
        Advice(
            "; make it with tf_keras, as in `import tf_keras`, which is Keras 2",
            lambda: layer_of_nengo_dl(SoftLIF(), optimizer=Mine()),
            lambda: layer_of_nengo_dl(SoftLIF(), optimizer=MineOfKeras2()),
        )
    )
    follow(
        Advice(
            '; make the layer with dtype="float32"',
            lambda: layer_of_nengo_dl(keras.layers.Dense(4, dtype="mixed_float16")),
            lambda: layer_of_nengo_dl(keras.layers.Dense(4, dtype="float32")),
        )
    )
    follow(
        Advice(
            "; leave it out, and give a probe of the layer a loss in compile instead",
            lambda: layer_of_nengo_dl(SoftLIF(rate_regularizer=FiringRateRegularizer(10))),
            lambda: layer_of_nengo_dl(SoftLIF(), loss=lambda true, rates: (rates - 10) ** 2),
        ),
        Exception,  # in a graph TensorFlow makes an error of its own of it
    )
