"""Networks that are trained in spikes, as Keras models.

"Bondarev" is V. Bondarev, "Training a digital model of a deep spiking neural network using
backpropagation".
"""

from __future__ import annotations

import math

import keras
from keras import layers

from experiments.linear_lif import networks as linear_networks
from experiments.networks import Neurons
from nengo_softlif import BernoulliSpikes
from nengo_softlif.conversion import to_quantized_model, to_spiking_model
from nengo_softlif.functional.surrogates import ArcTanSurrogate, FastSigmoidSurrogate
from nengo_softlif.layers import (
    DiscreteLIF,
    EncodeSpikes,
    LeakyIntegrator,
    OverTime,
    QuantizedReLU,
    RecurrentLIF,
    RepeatSteps,
    SpikeCounts,
)

__all__ = [
    "bondarev_in_spikes",
    "bondarev_mlp",
    "bondarev_relu",
    "braille_recurrent",
    "convnet_in_spikes",
    "mnist_loihi_convnet",
    "nmnist_convnet",
    "speech_recurrent",
    "vgg16_in_spikes",
    "vgg16_quantized",
]

BONDAREV_DECAY = 0.8187  # of the voltage in a step
BONDAREV_STEPS = 20  # of each image while training
# The paper's weights of the output make sums of 20 steps in the hundreds, on which three epochs end
# with 96.6 % of the validation images instead of 97.8 %.
READOUT = 0.1
LOIHI_STEPS = 8
# Activations of one spike in every step, by number of steps and layer: `balanced_scales` of the
# networks with ReLUs on the first 100 training images
BONDAREV_THRESHOLDS = {1: (1.764, 2.537), 2: (2.442, 3.499), 4: (3.121, 4.549), 8: (3.935, 5.686)}
CONVNET_THRESHOLDS = {4: (1.156, 2.191, 6.545), 8: (1.321, 2.693, 7.655)}
VGG16_THRESHOLDS = {
    4: (
        *(2.734, 2.021, 1.542, 2.037, 1.966, 2.176, 2.49, 2.725),
        *(3.159, 3.18, 2.721, 2.565, 3.018, 2.158, 1.589),
    ),
    8: (
        *(3.808, 2.803, 2.021, 2.716, 2.457, 2.797, 3.263, 3.406),
        *(4.013, 4.055, 3.368, 3.193, 3.52, 2.537, 1.994),
    ),
}
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


def bondarev_relu():
    """The same layers with ReLUs, as rates.

    Returns
    -------
    model : keras.Sequential
        Takes images ``(n, 28, 28, 1)``, returns logits ``(n, 10)``.
    """
    parts = [keras.Input((28, 28, 1), name="image"), layers.Flatten(name="flat")]
    for index, (n_units, _) in enumerate(BONDAREV_HIDDEN, start=1):
        parts += [
            _weights(n_units, math.sqrt(3 / n_units), f"dense{index}_weights"),
            layers.ReLU(name=f"dense{index}"),
        ]
    parts.append(_weights(10, READOUT * math.sqrt(3 / 10), "out"))
    return keras.Sequential(parts, name="bondarev_relu")


def bondarev_in_spikes(*, n_steps):
    """The network with ReLUs, to be trained on in spikes.

    Parameters
    ----------
    n_steps : {1, 2, 4, 8}

    Returns
    -------
    model : keras.Model
        Takes images ``(n, 28, 28, 1)``, returns logits ``(n, 10)``.
    """
    return _in_spikes(bondarev_relu(), BONDAREV_THRESHOLDS, n_steps)


def braille_recurrent(*, quantize=None):
    """200 recurrent neurons for letters in Braille, all of them on the chip if quantized.

    Parameters
    ----------
    quantize : {None, "loihi"}

    Returns
    -------
    model : keras.Sequential
        Takes spikes ``(n, 76, 24)``, returns logits ``(n, 27)``.
    """
    chip = {"quantize": quantize}
    return keras.Sequential(
        [
            keras.Input((76, 24), name="touch"),
            SpikeCounts(max_count=6, name="counts"),
            OverTime(layers.Dense(200, use_bias=False, name="in_weights"), **chip),
            RecurrentLIF(
                0.9,
                1.0,
                surrogate=FastSigmoidSurrogate(5),
                recurrent_initializer=keras.initializers.RandomNormal(stddev=0.02),
                name="recurrent",
                **chip,
            ),
            layers.Dropout(0.2, name="dropout"),
            layers.Dense(27, use_bias=False, name="out"),
            LeakyIntegrator(name="sum"),
            layers.Rescaling(0.1, name="logits"),
        ],
        name="braille_recurrent",
    )


def mnist_loihi_convnet():
    """Three convolutions with strides, in the arithmetic of Loihi; the first one on the host.

    Returns
    -------
    model : keras.Sequential
        Takes images ``(n, 28, 28, 1)`` whose values are multiples of 1 / 256, returns logits
        ``(n, 10)``.
    """
    parts = [keras.Input((28, 28, 1), name="image"), RepeatSteps(LOIHI_STEPS, name="steps")]
    for index, (filters, size) in enumerate(((32, 5), (64, 3), (96, 3)), start=1):
        weights = layers.Conv2D(
            filters,
            size,
            strides=2,
            padding="same",
            use_bias=False,
            kernel_initializer=keras.initializers.VarianceScaling(4.0),
            name=f"conv{index}_weights",
        )
        parts += [
            OverTime(weights, quantize="loihi"),
            DiscreteLIF(
                0.9, 1.0, surrogate=ArcTanSurrogate(2), quantize="loihi", name=f"conv{index}"
            ),
        ]
    parts += [
        OverTime(layers.Flatten(name="flat")),
        layers.Dropout(0.2, name="dropout"),
        layers.Dense(10, name="out"),
        LeakyIntegrator(name="sum"),
    ]
    return keras.Sequential(parts, name="mnist_loihi_convnet")


def nmnist_convnet():
    """Three convolutions with strides for the small N-MNIST.

    Returns
    -------
    model : keras.Sequential
        Takes frames of events ``(n, 10, 34, 34, 2)``, returns logits ``(n, 10)``.
    """
    parts = [keras.Input((10, 34, 34, 2), name="events")]
    for index, (filters, size) in enumerate(((24, 5), (48, 3), (96, 3)), start=1):
        weights = layers.Conv2D(
            filters, size, strides=2, padding="same", use_bias=False, name=f"conv{index}_weights"
        )
        parts += [
            OverTime(weights),
            layers.BatchNormalization(momentum=0.95, name=f"conv{index}_norm"),
            DiscreteLIF(0.8, 1.0, surrogate=FastSigmoidSurrogate(4), name=f"conv{index}"),
        ]
    parts += [
        OverTime(layers.Flatten(name="flat")),
        layers.Dropout(0.5, name="dropout"),
        layers.Dense(10, name="out"),
        LeakyIntegrator(name="sum"),
        layers.Rescaling(0.1, name="logits"),
    ]
    return keras.Sequential(parts, name="nmnist_convnet")


def speech_recurrent(*, n_units=256):
    """Two recurrent layers, whose neurons learn their leak, for spoken digits.

    Parameters
    ----------
    n_units : int
        Of each layer.

    Returns
    -------
    model : keras.Sequential
        Takes spikes ``(n, 40, 64)``, returns logits ``(n, 10)``.
    """
    parts = [keras.Input((40, 64), name="sound")]
    for index in (1, 2):
        parts += [
            layers.Dense(n_units, use_bias=False, name=f"dense{index}_weights"),
            layers.BatchNormalization(momentum=0.95, name=f"dense{index}_norm"),
            RecurrentLIF(
                0.9,
                1.0,
                surrogate=FastSigmoidSurrogate(4),
                recurrent_initializer=keras.initializers.RandomNormal(stddev=0.02),
                trainable_decay=True,
                name=f"dense{index}",
            ),
            layers.Dropout(0.3, name=f"dropout{index}"),
        ]
    parts += [
        layers.Dense(10, name="out"),
        LeakyIntegrator(name="sum"),
        layers.Rescaling(0.1, name="logits"),
    ]
    return keras.Sequential(parts, name="speech_recurrent")


def convnet_in_spikes(*, n_steps):
    """P3's ConvNet for MNIST, to be trained on in spikes.

    Parameters
    ----------
    n_steps : {4, 8}

    Returns
    -------
    model : keras.Model
        Takes images ``(n, 28, 28, 1)``, returns logits ``(n, 10)``.
    """
    return _in_spikes(
        linear_networks.linear_convnet(Neurons(lif=False)), CONVNET_THRESHOLDS, n_steps
    )


def vgg16_in_spikes(*, n_steps):
    """VGG-16 for CIFAR-10, to be trained on in spikes.

    Parameters
    ----------
    n_steps : {4, 8}

    Returns
    -------
    model : keras.Model
        Takes images ``(n, 32, 32, 3)``, returns logits ``(n, 10)``.
    """
    return _in_spikes(_vgg16(), VGG16_THRESHOLDS, n_steps)


def vgg16_quantized(*, n_steps):
    """VGG-16 for CIFAR-10 with as many levels of activation as spikes.

    Parameters
    ----------
    n_steps : {4, 8}

    Returns
    -------
    model : keras.Model
        Takes images ``(n, 32, 32, 3)``, returns logits ``(n, 10)``.
    """
    model = _vgg16()
    thresholds = _by_layer(model, VGG16_THRESHOLDS[n_steps])
    quantized = to_quantized_model(model, n_steps=n_steps, thresholds=thresholds)
    for layer in quantized.layers:
        if isinstance(layer, QuantizedReLU):
            layer.trainable = False  # the normalisation before it does as well
    return quantized


def _vgg16():
    # the largest of four neurons that spike now and then is more than the largest of their rates
    return linear_networks.linear_vgg16(Neurons(lif=False), layers.AveragePooling2D)


def _in_spikes(model, thresholds, n_steps):
    by_layer = _by_layer(model, thresholds[n_steps])
    return to_spiking_model(model, n_steps=n_steps, thresholds=by_layer)


def _by_layer(model, thresholds):
    names = [layer.name for layer in model.layers if isinstance(layer, layers.ReLU)]
    return dict(zip(names, thresholds, strict=True))


def _weights(n_units, largest, name):
    initializer = keras.initializers.RandomUniform(-largest, largest)
    return layers.Dense(n_units, use_bias=False, kernel_initializer=initializer, name=name)
