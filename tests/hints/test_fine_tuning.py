"""Advice on rate models that are trained on in spikes, and on long sequences."""

import keras
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.conversion import to_quantized_model, to_rate_model, to_spiking_model
from nengo_softlif.layers import BySegments, RecurrentLIF, SoftLIF
from tests.hints.following import Advice, follow

L = keras.layers
X = np.random.RandomState(0).uniform(-1, 2, size=(60, 8, 8, 1)).astype("float32")


def dense(*parts, shape=(8, 8, 1)):
    return keras.Sequential([keras.Input(shape), L.Flatten(), *parts, L.Dense(2)])


def conv(*parts):
    return keras.Sequential(
        [keras.Input((8, 8, 1)), L.Conv2D(2, 3), *parts, L.Flatten(), L.Dense(2)]
    )


def works(*arguments, **options):
    return to_spiking_model(*arguments, **options).predict(X, verbose=0).shape == (60, 2)


def test_advice_of_swapping():
    relu = dense(L.Dense(4, "relu"))
    spiking, quantized = to_spiking_model(relu, X), to_quantized_model(relu, X)
    image = keras.Input((8, 8, 1))
    hidden = L.Dense(3, "relu")(L.Flatten()(image))
    squared = keras.Model(image, L.Dense(2)(keras.ops.square(hidden)))
    doubled = keras.Model(image, L.Dense(2)(L.Add()([hidden, hidden])))
    convolved = L.Conv2D(2, 3, activation="relu")(image)
    joined = {
        axis: keras.Model(
            image, L.Dense(2)(L.Flatten()(L.Concatenate(axis=axis)([convolved, convolved])))
        )
        for axis in (1, -1)
    }
    for advice in [
        Advice(
            "give 50 to 200 training samples, as in to_spiking_model(model, x_train[:100])",
            lambda: to_spiking_model(relu),
            lambda: works(relu, X[:50]),
        ),
        Advice(
            "; leave them out and give calibration samples to have them chosen",
            lambda: to_spiking_model(relu, thresholds={"hidden": 1.0}),
            lambda: works(relu, X),
        ),
        Advice(
            "give one for each ReLU, such as {'hidden': 1.5}",
            lambda: to_spiking_model(relu, thresholds=1.5),
            lambda: works(
                dense(L.Dense(4, "relu", name="hidden")), n_steps=3, thresholds={"hidden": 1.5}
            ),
        ),
        Advice(
            "; give the model from which nengo_softlif.conversion.to_spiking_model made it",
            lambda: to_rate_model(spiking, dense(L.Dense(5, "relu"))),
            lambda: to_rate_model(spiking, relu).count_params() == relu.count_params(),
        ),
        Advice(
            "; use ReLUs, nengo_softlif.layers.SoftLIF or LinearResetLIF",
            lambda: to_spiking_model(dense(L.Dense(4, "tanh")), X),
            lambda: works(dense(L.Dense(4, "relu")), X) and works(dense(L.Dense(4), SoftLIF())),
        ),
        Advice(
            "; use ReLUs and linear layers",
            lambda: to_spiking_model(dense(L.Dense(4, "relu"), L.LayerNormalization()), X),
            lambda: works(dense(L.Dense(4, "relu"), L.BatchNormalization()), X),
        ),
        Advice(
            "can't be quantized; use ReLUs",
            lambda: to_quantized_model(dense(L.Dense(4), SoftLIF()), X),
            lambda: to_quantized_model(relu, X).predict(X, verbose=0).shape == (60, 2),
        ),
        Advice(
            "; convert what nengo_softlif.conversion.to_spiking_model(model) returns",
            lambda: nsl.convert(quantized),
            lambda: nsl.convert(to_spiking_model(quantized)).predict(X, progress=False) is not None,
        ),
        Advice(
            "; use axis=-1",
            lambda: to_spiking_model(joined[1], X),
            lambda: works(joined[-1], X),
        ),
        Advice(
            "; put it behind an activation",
            lambda: to_spiking_model(conv(L.MaxPooling2D(2), L.ReLU()), X),
            lambda: works(conv(L.ReLU(), L.MaxPooling2D(2)), X),
        ),
        Advice(
            " is unsupported; use layers of Keras",
            lambda: to_spiking_model(squared, X),
            lambda: works(doubled, X),
        ),
    ]:
        follow(advice)


def test_advice_of_segments():
    follow(
        Advice(
            "; give a list such as [keras.layers.Dense(8), nengo_softlif.layers.RecurrentLIF()]",
            lambda: BySegments([], 5),
            lambda: BySegments([L.Dense(8), RecurrentLIF()], 5)(X[:, :, :, 0]).shape == (60, 8, 8),
        )
    )
