"""A network of our own for CIFAR-10, with shortcuts: below 2 million weights."""

from __future__ import annotations

import keras
from keras import layers

from experiments.networks import normalization

__all__ = ["cifar_residual"]

# filters of the convolutions, whether pooling follows, and whether a block with a shortcut does
STAGES = ((32, False, False), (64, True, True), (128, True, False), (256, True, True))


def cifar_residual(neurons):
    """Convolutions that halve the image three times, with two blocks that a shortcut goes around.

    The order of stages follows the small residual network of Page (2018), "How to train your
    ResNet", with half of its filters and average pooling, which is linear. Spikes of a block and
    of what goes around it add up in the weights after them.

    Parameters
    ----------
    neurons : Neurons
        Its ``rates`` has one rate for each stage, and one for each block: 6.

    Returns
    -------
    model : keras.Model
        Takes images ``(n, 32, 32, 3)``, returns logits ``(n, 10)``. 188,416 neurons, 1.65 million
        weights.
    """
    image = keras.Input((32, 32, 3), name="image")
    x, part = image, 0
    for stage, (filters, is_pooled, has_block) in enumerate(STAGES, start=1):
        x = _unit(neurons, x, filters, part, f"conv{stage}")
        part += 1
        if is_pooled:
            x = layers.AveragePooling2D(2, name=f"pool{stage}")(x)
        if has_block:
            around = x
            for unit in ("a", "b"):
                x = _unit(neurons, x, filters, part, f"block{stage}{unit}")
            x = layers.Add(name=f"block{stage}")([around, x])
            part += 1
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, layers.Dense(10, name="out")(x), name="cifar_residual")


def _unit(neurons, x, filters, part, name):
    x = layers.Conv2D(
        filters,
        3,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_weights",
    )(x)
    for layer in normalization(neurons, name):
        x = layer(x)
    return neurons.layer(part, name)(x)
