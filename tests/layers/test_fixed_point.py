"""Layers that train in the arithmetic of Loihi."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.fixed_point import UNIT, round_weights
from nengo_softlif.layers import DiscreteLIF, OverTime, RecurrentLIF, SpikeCounts

L = keras.layers
RNG = np.random.default_rng(0)
T = 12


def gradients(layer, currents):
    inputs = tf.constant(currents)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        spikes = layer(inputs)
        loss = tf.reduce_sum(spikes * tf.cast(tf.range(T), spikes.dtype)[None, :, None])
    return spikes.numpy(), tape.gradient(loss, [inputs, *layer.trainable_variables])


@pytest.mark.parametrize("kind", [DiscreteLIF, RecurrentLIF])
@pytest.mark.parametrize("reset", ["zero", "subtract"])
def test_numbers_that_need_no_rounding_give_the_spikes_and_gradients_of_floats(kind, reset):
    """Without leak nothing is rounded; the chip spikes one unit above its threshold."""
    currents = (RNG.integers(-200, 400, size=(5, T, 6)) / 256).astype("float32")
    threshold = 1.0 if reset == "subtract" else 1 + UNIT
    fixed, floats = kind(1.0, 1.0, reset, quantize="loihi"), kind(1.0, threshold, reset)
    if kind is RecurrentLIF:
        weights = (RNG.integers(-60, 60, size=(6, 6)) / 256).astype("float32")
        for layer in (fixed, floats):
            layer.build(currents.shape)
            layer.recurrent.assign(weights)
    (expected, slopes), (found, rounded) = (gradients(x, currents) for x in (floats, fixed))
    assert 0.1 < expected.mean() < 0.9
    np.testing.assert_array_equal(found, expected)
    for one, other in zip(rounded, slopes, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "layer, shape",
    [
        (L.Dense(5, use_bias=False), (8,)),
        (L.Conv1D(4, 3, use_bias=False), (8, 2)),
        (L.Conv2D(4, 3, strides=2, groups=2, use_bias=False), (7, 7, 2)),
        (L.DepthwiseConv2D(3, use_bias=False), (6, 6, 3)),
    ],
)
def test_layers_use_weights_of_eight_bits_and_train_those_of_floats(layer, shape):
    spikes = (RNG.random((3, T, *shape)) < 0.4).astype("float32")
    rounding = OverTime(layer, quantize="loihi")
    with tf.GradientTape() as tape:
        found = rounding(spikes)
        loss = tf.reduce_sum(found**2)
    gradient = tape.gradient(loss, rounding.trainable_variables)
    plain = OverTime(type(layer).from_config(layer.get_config()))
    plain.build(spikes.shape)
    plain.layer.kernel.assign(round_weights(layer.kernel.numpy()))
    with tf.GradientTape() as tape:
        expected = plain(spikes)
        loss = tf.reduce_sum(expected**2)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_allclose(
        gradient[0], tape.gradient(loss, plain.trainable_variables)[0], rtol=1e-5, atol=1e-5
    )
    assert np.all(found.numpy() * 2048 % 1 == 0)  # no rounding in the sums


@pytest.mark.parametrize("reset", ["zero", "subtract"])
def test_trained_decays_and_thresholds_get_gradients(reset):
    layer = DiscreteLIF(
        0.8, 0.7, reset, trainable_decay=True, trainable_threshold=True, quantize="loihi"
    )
    currents = RNG.uniform(0, 1, size=(5, T, 6)).astype("float32")
    _, (_, of_decay, of_threshold) = gradients(layer, currents)
    assert np.all(of_decay != 0) and np.all(of_threshold != 0)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model of every kind of layer, and the file that it was saved to."""
    model = keras.Sequential(
        [
            keras.Input((6, 6, 6, 1)),
            SpikeCounts(2),
            OverTime(L.Conv2D(4, 3, use_bias=False), quantize="loihi"),
            DiscreteLIF(0.83, 0.3, "subtract", quantize="loihi"),
            OverTime(L.Flatten()),
            OverTime(L.Dense(10, use_bias=False), quantize="loihi"),
            RecurrentLIF(0.93, 0.4, refractory_steps=1, min_voltage=-1.0, quantize="loihi"),
        ]
    )
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0.05, 0.3, size=w.shape) for w in model.get_weights()])
    path = tmp_path_factory.mktemp("model") / "model.keras"
    model.save(path)
    frames = rng.poisson(0.4, size=(16, 6, 6, 6, 1)).astype("float32")
    spikes = np.asarray(model(frames))
    assert 0.05 < spikes.mean() < 0.95
    return path, frames, spikes


def test_layers_are_saved_with_their_numbers(saved):
    path, frames, spikes = saved
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded(frames), spikes)
    options = [layer.get_config().get("quantize") for layer in loaded.layers]
    assert options == [None, "loihi", "loihi", None, "loihi", "loihi"]


def test_counts_are_integers_up_to_the_largest():
    frames = np.array([[[-1.0, 0.4, 0.5, 1.6, 9.0]]])
    np.testing.assert_array_equal(SpikeCounts(3)(frames), [[[0, 0, 1, 2, 3]]])


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: DiscreteLIF(quantize="int8"), "quantize.*int8"),
        (lambda: OverTime(L.Flatten(), quantize=True), "quantize.*True"),
        (lambda: OverTime(L.Flatten(), quantize="loihi"), "Flatten.*leave it out"),
        (lambda: DiscreteLIF(min_voltage=-1e-9, quantize="loihi"), "min_voltage.*-1e-09"),
        (lambda: DiscreteLIF(threshold=1e-5, quantize="loihi"), "threshold.*1e-05"),
        (lambda: SpikeCounts(0), "max_count.*0"),
        (lambda: SpikeCounts()(np.ones((2, 3))), "EncodeSpikes"),
    ],
)
def test_bad_arguments_are_named(make, words):
    with pytest.raises(ParameterError, match=words):
        make()


def test_jax_has_the_same_spikes_and_trains(saved, tmp_path):
    pytest.importorskip("jax")
    path, frames, spikes = saved
    np.save(tmp_path / "frames.npy", frames)
    program = [sys.executable, "-m", "tests.layers.spikes_for_loihi"]
    command = [*program, path, tmp_path / "frames.npy", tmp_path / "out.npz"]
    subprocess.run(command, check=True, timeout=300, cwd=Path(__file__).parents[2])
    found = np.load(tmp_path / "out.npz")
    np.testing.assert_array_equal(found["spikes"], spikes)
    assert len(found["moved"]) == 3 and np.all(found["moved"] > 0)
