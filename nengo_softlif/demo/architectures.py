"""Keras models to start from."""

from __future__ import annotations

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_name, check_seed

__all__ = ["build", "names"]


def names():
    """Names of the architectures."""
    return sorted(_ARCHITECTURES)


def build(name, input_shape, n_classes, *, noise=20.0, seed=0):
    """Make a Keras model, with soft LIF neurons and not yet compiled.

    Parameters
    ----------
    name : str
        "convnet": two strided convolutions, trained on shifted images; "mlp": two dense layers.
    input_shape : tuple of int
        Of one item, channels last.
    n_classes : int
    noise : float
        Standard deviation of the training noise in Hz; 0 for none.
    seed : int
        Of weights and noise.

    Returns
    -------
    model : keras.Sequential
        Returns logits, ``(n_samples, n_classes)``.

    Raises
    ------
    UnknownNameError
        If there is no such architecture.
    ParameterError
        If it can't take samples of that shape, or another argument is out of range.
    """
    import keras

    architecture = check_name("architecture", name, _ARCHITECTURES)
    keras.utils.set_random_seed(check_seed("seed", seed))
    hidden = architecture(tuple(input_shape), noise)
    return keras.Sequential(
        [
            keras.Input(input_shape, name="input"),
            *hidden,
            keras.layers.Dense(n_classes, name="out"),
        ],
        name=name,
    )


def _convnet(input_shape, noise):
    if len(input_shape) != 3 or min(input_shape[:2]) < 8:
        raise ParameterError(
            f"convnet needs images of at least 8 x 8, (height, width, channels) (got {input_shape})"
        )
    small = min(input_shape[:2]) < 16
    import keras

    return [
        keras.layers.RandomTranslation(0.07, 0.07, fill_mode="constant", name="shift"),
        *_conv("conv1", 12, 3 if small else 5, noise),
        *_conv("conv2", 32, 3 if small else 5, noise),
        _flatten(),
    ]


def _mlp(input_shape, noise):
    return [_flatten(), *_dense("dense1", 200, noise), *_dense("dense2", 100, noise)]


def _conv(name, filters, size, noise):
    import keras

    layer = keras.layers.Conv2D(
        filters, size, strides=2, bias_initializer="ones", name=f"{name}_weights"
    )
    return [layer, _soft_lif(name, noise)]


def _dense(name, units, noise):
    import keras

    layer = keras.layers.Dense(units, bias_initializer="ones", name=f"{name}_weights")
    return [layer, _soft_lif(name, noise)]


def _soft_lif(name, noise):
    from nengo_softlif.layers import SoftLIF

    # 100 Hz give an output of 1, near the scale that Keras' initializers are made for
    return SoftLIF(amplitude=0.01, noise=noise or None, name=name)


def _flatten():
    import keras

    return keras.layers.Flatten(name="flatten")


_ARCHITECTURES = {"convnet": _convnet, "mlp": _mlp}
