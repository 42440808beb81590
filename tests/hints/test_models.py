"""Advice on models that can't be converted."""

import keras
import numpy as np
import pytest
import tf_keras
from keras import ops

import nengo_softlif as nsl
from tests.hints.following import Advice, converted, follow, sequential

L = keras.layers
ROWS = np.full((3, 4, 3), 0.2, "float32")


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = L.Dense(3, activation="relu")

    def call(self, x):
        return self.dense(x)


class Doubled(L.Dense):
    def call(self, x):
        return 2 * super().call(x)


def branches(operate):
    """A model that does something with the results of two layers."""
    x = keras.Input((4, 3))
    h = L.Dense(3, activation="relu", name="h")(x)
    model = keras.Model(x, operate(L.Dense(3, name="g")(h), h))
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.5, size=w.shape) for w in model.get_weights()])
    return model


def with_dropout(**options):
    """A model of Keras 2, which keeps to ``training=True``."""
    x = tf_keras.Input((4,))
    h = tf_keras.layers.Dense(3, activation="relu")(x)
    return tf_keras.Model(x, tf_keras.layers.Dropout(0.5)(h, **options))


def functional(model):
    """The layers of a subclassed model as a functional one."""
    x = keras.Input((4,))
    return keras.Model(x, model.dense(x))


def with_sequence(*layers):
    return sequential(*layers, shape=(4, 3))


def in_batches(constant):
    x = keras.Input((3,), batch_size=2)
    return keras.Model(x, L.Dense(2)(x) + constant)


def quantized(model):
    model.quantize("int8")
    return model


def with_lora():
    model = sequential(L.Dense(3, name="d"))
    model.layers[0].enable_lora(2)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.5, size=w.shape) for w in model.get_weights()])
    return model


def with_nan(value):
    model = sequential(L.Dense(3, name="d"))
    model.layers[0].kernel.assign(np.full((4, 3), value))
    return model


def pooled(**options):
    """Whether pooling of the spikes of ReLUs gives averages or maxima."""
    layers = L.ReLU(), L.MaxPooling1D(2)
    network = nsl.convert(sequential(*layers, shape=(4, 3)), synapse=None, scale=500.0, **options)
    x = np.random.default_rng(0).uniform(0, 1, size=(2, 4, 3))
    pairs = x.reshape(2, 2, 2, 3)
    is_largest = options["max_pool"] == "spiking"
    expected = pairs.max(axis=2) if is_largest else pairs.mean(axis=2)
    presentation = nsl.Presentation(time=1.0, classify_from=0.5)
    found = nsl.predict(network, x, presentation=presentation, progress=False).output
    # a spike more or less of 1 / 500 in 0.5 s
    return np.abs(found - expected).max() < 1.01 / 500 / 0.5


CASES = [
    Advice(
        "; use one of SoftLIF",
        lambda: nsl.convert(sequential(L.Dense(3, activation="exponential"))),
        lambda: converted(sequential(L.Dense(3, activation="softplus"))),
    ),
    Advice(
        "; end the model before it",
        lambda: nsl.convert(sequential(L.Dense(3, activation="log_softmax"))),
        lambda: converted(sequential(L.Dense(3))),
    ),
    Advice(
        ": give the Keras model, build a Sequential model with a keras.Input first, and write "
        "subclassed models with the functional API",
        lambda: nsl.convert(Subclassed()),
        lambda: converted(functional(Subclassed())),
    ),
    Advice(
        ": give the Keras model, build a Sequential model with a keras.Input first",
        lambda: nsl.convert(keras.Sequential([L.Dense(3)])),
        lambda: converted(keras.Sequential([keras.Input((4,)), L.Dense(3)])),
    ),
    Advice(
        "a factor that is constant is convertible, as in x * 0.5",
        lambda: nsl.convert(branches(lambda g, h: g * h)),
        lambda: converted(branches(lambda g, h: g * 0.5)),
    ),
    Advice(
        "; write it with them, as in x + c, x * c, keras.ops.matmul(x, c) or keras.ops.maximum",
        lambda: nsl.convert(branches(lambda g, h: L.Maximum()([g, h, ROWS[:1]]))),
        lambda: converted(branches(lambda g, h: ops.maximum(L.Maximum()([g, h]), ROWS[0]))),
    ),
    Advice(
        "; call it without training=True",
        lambda: nsl.convert(with_dropout(training=True)),
        lambda: converted(with_dropout()),
    ),
    Advice(
        "; pad the results with zeros, and add the constants",
        lambda: nsl.convert(branches(lambda g, h: L.Concatenate(1)([h, ROWS]))),
        lambda: converted(
            branches(
                lambda g, h: (
                    ops.pad(h, ((0, 0), (0, 4), (0, 0))) + np.pad(ROWS[0], ((4, 0), (0, 0)))
                )
            )
        ),
    ),
    Advice(
        "; reshape them to one number",
        lambda: nsl.convert(branches(lambda g, h: g + ops.reshape(h, (-1, 1, 4, 3)))),
        lambda: converted(branches(lambda g, h: ops.reshape(g, (-1, 1, 4, 3)) + h[:, None])),
    ),
    Advice(
        "; give the constant the shape of a sample",
        lambda: nsl.convert(branches(lambda g, h: g[:, :1] * np.ones((4, 3), "float32"))),
        lambda: converted(branches(lambda g, h: g * np.ones((4, 3), "float32"))),
    ),
    Advice(
        "; give it one for all",
        lambda: nsl.convert(in_batches(np.array([[1.0, 2.0], [3.0, 4.0]], "float32"))),
        lambda: nsl.convert(in_batches(np.array([1.0, 2.0], "float32"))).n_neurons == 0,
    ),
    Advice(
        "only a constant divisor is convertible",
        lambda: nsl.convert(branches(lambda g, h: g / h)),
        lambda: converted(branches(lambda g, h: g / 3.0)),
    ),
    Advice(
        "; name the axes of a sample",
        lambda: nsl.convert(branches(lambda g, h: ops.diff(h, axis=0))),
        lambda: converted(branches(lambda g, h: ops.diff(h, axis=1))),
    ),
    Advice(
        "; make the others constants",
        lambda: nsl.convert(branches(lambda g, h: ops.tensordot(g, h, axes=[[1], [1]]))),
        lambda: converted(branches(lambda g, h: ops.tensordot(g, ROWS[0], axes=[[1], [0]]))),
    ),
    Advice(
        "; name the axes of a sample",
        lambda: nsl.convert(branches(lambda g, h: ops.mean(h))),
        lambda: converted(branches(lambda g, h: ops.mean(h, axis=(1, 2)))),
    ),
    Advice(
        "; leave the first dimension as it is, and pad with zeros",
        lambda: nsl.convert(
            branches(lambda g, h: ops.pad(h, ((0, 0), (1, 1), (0, 0)), constant_values=1))
        ),
        lambda: converted(branches(lambda g, h: ops.pad(h, ((0, 0), (1, 1), (0, 0))))),
    ),
    Advice(
        "; leave the first dimension as it is",
        lambda: nsl.convert(branches(lambda g, h: ops.flip(h, axis=0))),
        lambda: converted(branches(lambda g, h: ops.flip(h, axis=1))),
    ),
    Advice(
        "; replace it by convertible ones (see docs/conversion.md), or cut the model before it",
        lambda: nsl.convert(with_sequence(L.Dense(3), L.LayerNormalization())),
        lambda: converted(with_sequence(L.Dense(3))),
    ),
    Advice(
        "this operation is unsupported; replace it by convertible ones",
        lambda: nsl.convert(branches(lambda g, h: ops.exp(h))),
        lambda: converted(branches(lambda g, h: ops.relu(h))),
    ),
    Advice(
        "; remove the Masking layer",
        lambda: nsl.convert(with_sequence(L.Masking(), L.GlobalAveragePooling1D())),
        lambda: converted(with_sequence(L.GlobalAveragePooling1D())),
    ),
    Advice(
        "; put zeros there yourself and use mask_value=0, which changes nothing",
        lambda: nsl.convert(with_sequence(L.Masking(mask_value=-1), L.Dense(2))),
        lambda: converted(with_sequence(L.Masking(mask_value=0), L.Dense(2))),
    ),
    Advice(
        "; convert the model before quantization",
        lambda: nsl.convert(quantized(sequential(L.Dense(3, name="d")))),
        lambda: converted(sequential(L.Dense(3, name="d"))),
    ),
    Advice(
        "; use a TimeDistributed layer around each of its layers",
        lambda: nsl.convert(
            with_sequence(
                L.TimeDistributed(keras.Sequential([keras.Input((3,)), L.Dense(2), L.ReLU()]))
            )
        ),
        lambda: converted(
            with_sequence(L.TimeDistributed(L.Dense(2)), L.TimeDistributed(L.ReLU()))
        ),
    ),
    Advice(
        "; give keras.Input all sizes",
        lambda: nsl.convert(sequential(L.Conv1D(2, 3), shape=(None, 3))),
        lambda: converted(sequential(L.Conv1D(2, 3), shape=(5, 3))),
    ),
    Advice(
        "; train again or load other weights",
        lambda: nsl.convert(with_nan(np.nan)),
        lambda: converted(with_nan(0.5)),
    ),
    Advice(
        "; replace it by layers of Keras",
        lambda: nsl.convert(sequential(Doubled(3))),
        lambda: converted(sequential(L.Dense(3), L.Rescaling(2.0))),
    ),
    Advice(
        "; choose a larger one",
        lambda: nsl.convert(sequential(L.ReLU(max_value=1, threshold=2))),
        lambda: converted(sequential(L.ReLU(max_value=3, threshold=2))),
    ),
    Advice(
        '; pass max_pool="spiking" to let the neuron with the most spikes pass its own',
        lambda: pooled(max_pool=None),
        lambda: pooled(max_pool="average") and pooled(max_pool="spiking"),
    ),
]


@pytest.mark.parametrize("advice", CASES, ids=[case.hint[:30] for case in CASES])
def test_models(advice):
    follow(advice)


def test_lora_is_merged_by_saving_and_loading_weights(tmp_path):
    model = with_lora()
    path = tmp_path / "model.weights.h5"

    def merged():
        model.save_weights(path)
        plain = sequential(L.Dense(3, name="d"))
        plain.load_weights(path)
        x = np.ones((1, 4))
        np.testing.assert_allclose(plain(x), model(x), rtol=1e-6)
        return converted(plain)

    follow(
        Advice(
            "; merge it into the weights with model.save_weights(file), and convert the model "
            "without LoRA after its load_weights(file)",
            lambda: nsl.convert(model),
            merged,
        )
    )
