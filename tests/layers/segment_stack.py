"""Layers that use every part of the state, for tests of segments."""

import keras

from nengo_softlif.layers import DiscreteLIF, RecurrentLIF


def layers():
    return [
        keras.layers.Dense(8, name="first"),
        RecurrentLIF(
            0.9,
            0.8,
            adaptation_strength=[0.0] * 3 + [0.5] * 5,
            refractory_steps=1,
            initial_voltage=0.5,
            delay=3,
            detach_reset=False,
            trainable_decay=True,
            trainable_threshold=True,
            name="recurrent",
        ),
        keras.layers.Dense(5, name="second"),
        DiscreteLIF(0.8, 0.5, reset="subtract", min_voltage=-0.5, name="last"),
    ]
