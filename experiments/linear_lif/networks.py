"""P3's networks as Keras models: ReLUs, and no biases."""

from __future__ import annotations

import keras
from keras import layers

__all__ = ["linear_convnet", "linear_mlp"]


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
    """Two convolutions with max pooling, as P3 table V but for its padding.

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
