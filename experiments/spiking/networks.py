"""Networks that are trained in spikes, as Keras models.

"Bondarev" is V. Bondarev, "Training a digital model of a deep spiking neural network using
backpropagation".
"""

from __future__ import annotations

import math

import keras
from keras import layers

from nengo_softlif import BernoulliSpikes
from nengo_softlif.layers import DiscreteLIF, EncodeSpikes, LeakyIntegrator

__all__ = ["bondarev_mlp"]

BONDAREV_DECAY = 0.8187  # of the voltage in a step
BONDAREV_STEPS = 20  # of each image while training
# The paper's weights of the output make sums of 20 steps in the hundreds, on which three epochs end
# with 96.6 % of the validation images instead of 97.8 %.
READOUT = 0.1
BONDAREV_HIDDEN = ((300, 5.0), (300, 3.0))  # neurons, and threshold by the largest initial weight


def bondarev_mlp(*, bptt):
    """Bondarev's network for MNIST: 300 + 300 neurons without biases.

    Parameters
    ----------
    bptt : bool
        Whether errors go back through time; in the paper they do not.

    Returns
    -------
    model : keras.Sequential
        Takes images ``(n, 28, 28, 1)``, returns logits ``(n, 10)``.
    """
    parts = [
        keras.Input((28, 28, 1), name="image"),
        layers.Flatten(name="flat"),
        EncodeSpikes(BernoulliSpikes(1000), BONDAREV_STEPS, name="spikes"),
    ]
    for index, (n_units, height) in enumerate(BONDAREV_HIDDEN):
        largest = math.sqrt(3 / n_units)
        parts += [
            _weights(n_units, largest, f"dense{index + 1}_weights"),
            DiscreteLIF(BONDAREV_DECAY, height * largest, bptt=bptt, name=f"dense{index + 1}"),
        ]
    parts += [
        _weights(10, READOUT * math.sqrt(3 / 10), "out"),
        LeakyIntegrator(name="sum"),
    ]
    return keras.Sequential(parts, name="bondarev_mlp")


def _weights(n_units, largest, name):
    initializer = keras.initializers.RandomUniform(-largest, largest)
    return layers.Dense(n_units, use_bias=False, kernel_initializer=initializer, name=name)
