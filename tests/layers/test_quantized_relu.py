"""ReLUs with as many levels as spikes."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nengo_softlif.errors import ParameterError
from nengo_softlif.layers import DiscreteLIF, QuantizedReLU, RepeatSteps


@settings(deadline=None, max_examples=30)
@given(
    n_steps=st.integers(1, 16),
    threshold=st.floats(0.1, 10),
    seed=st.integers(0, 100),
)
def test_levels_are_the_spike_counts_of_neurons(n_steps, threshold, seed):
    x = np.random.default_rng(seed).uniform(-0.5, 1.5, size=(2, 50)) * threshold
    levels = np.asarray(QuantizedReLU(n_steps, threshold, dtype="float64")(x))
    neurons = DiscreteLIF(1.0, 1.0, reset="subtract", initial_voltage=0.5, dtype="float64")
    spikes = neurons(RepeatSteps(n_steps)(x / threshold))
    counts = np.asarray(spikes).sum(axis=1)
    np.testing.assert_allclose(levels, threshold * counts / n_steps, atol=1e-9)


def test_the_gradient_is_that_of_the_curve_without_steps():
    import tensorflow as tf

    layer = QuantizedReLU(4, 2.0)
    x = tf.constant([[-1.0, 0.3, 1.6, 2.5]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        total = tf.reduce_sum(y)
    of_x, of_threshold = tape.gradient(total, [x, layer.trained_threshold.value])
    np.testing.assert_array_equal(of_x, [[0, 1, 1, 0]])
    # rounding errors of the middle two, and 1 above the threshold
    expected = (0.25 - 0.3 / 2) + (0.75 - 1.6 / 2) + 1
    assert float(of_threshold) == pytest.approx(expected, abs=1e-6)


def test_the_threshold_is_trained_unless_it_is_fixed():
    x, y = np.full((8, 1), 3.0), np.full((8, 1), 2.0)
    for trained, expected in ((True, 2.0), (False, 1.0)):
        layer = QuantizedReLU(4, 1.0, trainable_threshold=trained)
        model = keras.Sequential([keras.Input((1,)), layer])
        model.compile(keras.optimizers.SGD(0.3), "mse")
        model.fit(x, y, epochs=30, verbose=0)
        assert float(layer.trained_threshold) == pytest.approx(expected, abs=1e-2)


def test_it_is_stored_with_its_threshold(tmp_path):
    model = keras.Sequential([keras.Input((3,)), QuantizedReLU(5, 0.7)])
    model.layers[0].trained_threshold.assign(0.9)
    model.save(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize(
    "options, words",
    [
        ({"n_steps": 0}, "n_steps"),
        ({"threshold": 0.0}, "threshold"),
        ({"trainable_threshold": 1}, "trainable_threshold"),
    ],
)
def test_bad_options_are_named(options, words):
    with pytest.raises(ParameterError, match=words):
        QuantizedReLU(**options)
