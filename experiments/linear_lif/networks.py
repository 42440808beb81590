"""P3's networks as Keras models: ReLUs, and no biases but those that come with normalisation."""

from __future__ import annotations

import keras
from keras import layers

__all__ = ["linear_alexnet", "linear_convnet", "linear_mlp", "linear_vgg16"]

# Filters of the convolutions, and where max pooling follows
ALEXNET = ((64, 5), (128, 3), (192, 3), (128, 3), (128, 3))
ALEXNET_POOLS = (1, 2, 5)
VGG16 = ((32, 32), (64, 64), (128, 128, 128), (256, 256, 256), (256, 256, 256))


def linear_mlp(neurons, *, input_shape=(28, 28, 1), n_hidden=60, n_classes=10):
    """One hidden layer, as P3 section V-D.

    Parameters
    ----------
    neurons : Neurons
        ReLUs.
    input_shape : tuple of int
        Of an image.
    n_hidden, n_classes : int

    Returns
    -------
    model : keras.Sequential
    """
    return keras.Sequential(
        [
            keras.Input(input_shape, name="image"),
            layers.Flatten(name="flat"),
            layers.Dense(n_hidden, use_bias=False, name="hidden_weights"),
            neurons.layer(0, "hidden"),
            layers.Dense(n_classes, use_bias=False, name="out"),
        ],
        name="linear_mlp",
    )


def linear_convnet(neurons):
    """Two convolutions with max pooling, as P3 table V except for its padding.

    Parameters
    ----------
    neurons : Neurons
        ReLUs.

    Returns
    -------
    model : keras.Sequential
        Takes images ``(n, 28, 28, 1)``, returns logits ``(n, 10)``.
    """
    parts = [keras.Input((28, 28, 1), name="image")]
    for index, filters in enumerate((12, 64)):
        name = f"conv{index + 1}"
        parts += [
            layers.Conv2D(filters, 5, use_bias=False, name=f"{name}_weights"),
            neurons.layer(index, name),
            layers.MaxPooling2D(2, name=f"pool{index + 1}"),
        ]
    parts += [
        layers.Flatten(name="flat"),
        layers.Dense(100, use_bias=False, name="dense_weights"),
        neurons.layer(2, "dense"),
        layers.Dropout(0.3, name="dropout"),
        layers.Dense(10, use_bias=False, name="out"),
    ]
    return keras.Sequential(parts, name="linear_convnet")


def linear_alexnet(neurons):
    """Five convolutions, max pooling after the 1st, 2nd and 5th, three dense layers (P3 V-E5).

    Parameters
    ----------
    neurons : Neurons
        ReLUs.

    Returns
    -------
    model : keras.Sequential
        Takes images ``(n, 32, 32, 3)``, returns logits ``(n, 10)``.
    """
    parts = []
    for index, (filters, size) in enumerate(ALEXNET, start=1):
        parts += _convolution(neurons, f"conv{index}", filters, size)
        if index in ALEXNET_POOLS:
            parts.append(layers.MaxPooling2D(2, name=f"pool{index}"))
    return _for_cifar10("linear_alexnet", parts, neurons, (512, 256))


def linear_vgg16(neurons, pooling=layers.MaxPooling2D):
    """VGG-16 with half the channels (P3 V-E5), normalised by batches while it is trained.

    Parameters
    ----------
    neurons : Neurons
        ReLUs.
    pooling : type
        Layer after each block.

    Returns
    -------
    model : keras.Sequential
        Takes images ``(n, 32, 32, 3)``, returns logits ``(n, 10)``.
    """
    parts = []
    for block, block_filters in enumerate(VGG16, start=1):
        for index, filters in enumerate(block_filters, start=1):
            parts += _convolution(neurons, f"conv{block}_{index}", filters, 3, normalized=True)
        parts.append(pooling(2, name=f"pool{block}"))
    return _for_cifar10("linear_vgg16", parts, neurons, (256, 256), normalized=True)


def _for_cifar10(name, convolutions, neurons, n_units, normalized=False):
    parts = [keras.Input((32, 32, 3), name="image"), *convolutions, layers.Flatten(name="flat")]
    for index, n in enumerate(n_units, start=1):
        weights = layers.Dense(
            n, use_bias=False, kernel_initializer="he_normal", name=f"dense{index}_weights"
        )
        parts += _unit(neurons, weights, f"dense{index}", normalized)
        parts.append(layers.Dropout(0.3, name=f"dropout{index}"))
    return keras.Sequential([*parts, layers.Dense(10, use_bias=False, name="out")], name=name)


def _convolution(neurons, name, filters, size, normalized=False):
    weights = layers.Conv2D(
        filters,
        size,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_weights",
    )
    return _unit(neurons, weights, name, normalized)


def _unit(neurons, weights, name, normalized):
    """Weights and neurons; between them normalisation, which conversion folds into the weights."""
    between = [layers.BatchNormalization(momentum=0.95, name=f"{name}_norm")] * normalized
    return [weights, *between, neurons.layer(0, name)]
