"""Spiking layers over time: the Nengo neurons' spikes, and gradients against plain autodiff."""

import itertools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest
import scipy.signal
import tensorflow as tf

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.surrogates import (
    ExponentialSurrogate,
    FastSigmoidSurrogate,
    TriangularSurrogate,
)
from nengo_softlif.layers import (
    DiscreteLIF,
    EncodeSpikes,
    LeakyIntegrator,
    OverTime,
    RecurrentLIF,
    SpikingLSTM,
)

L = keras.layers
RNG = np.random.default_rng(0)
CURRENTS = RNG.normal(0.3, 0.7, size=(3, 12, 5))
OPTIONS = [
    {"reset": reset, "refractory_steps": refractory, "adaptation_strength": strength}
    | ({} if floor is None else {"min_voltage": floor})
    for reset, refractory, strength, floor in itertools.product(
        ("zero", "subtract"), (0, 2), (0.0, 0.7), (None, -0.1)
    )
]
EACH = pytest.mark.parametrize("options", OPTIONS, ids=str)


@EACH
def test_spikes_are_those_of_the_nengo_neurons(options):
    layer = DiscreteLIF(0.8, 0.9, adaptation_decay=0.7, dtype="float64", **options)
    neurons = nsl.SpikingDiscreteLIF(0.8, 0.9, adaptation_decay=0.7, amplitude=0.001, **options)
    state = {name: np.zeros((3, 5)) for name in ("voltage", "refractory", "adaptation")}
    state |= {"decay": np.full((3, 5), 0.8), "threshold": np.full((3, 5), 0.9)}
    state["adaptation_strength"] = np.full((3, 5), options["adaptation_strength"])
    output, expected = np.zeros((3, 5)), []
    for k in range(12):
        neurons.step(0.001, CURRENTS[:, k], output, **state)
        expected.append(output.copy())
    spikes = np.asarray(layer(CURRENTS))
    np.testing.assert_array_equal(spikes, np.stack(expected, axis=1))
    assert 0.05 < spikes.mean() < 0.8


def by_autodiff(layer, currents, decay, threshold, upstream):
    """Gradients of the same neurons, with nothing but the spike replaced."""
    surrogate = layer.surrogate

    @tf.custom_gradient
    def spike_at(u):
        slope = tf.constant(surrogate.slope(u.numpy()))
        return tf.cast(u >= 0, u.dtype), lambda error: error * slope

    hold = tf.stop_gradient if layer.detach_reset else tf.identity
    with tf.GradientTape() as tape:
        tape.watch([currents, decay, threshold])
        v = refractory = a = tf.zeros_like(currents[:, 0])
        spikes = []
        for k in range(currents.shape[1]):
            integrated = decay * v + currents[:, k]
            if layer.min_voltage is not None:
                integrated = tf.maximum(integrated, layer.min_voltage)
            active = refractory <= 0
            v = tf.where(active, integrated, v)
            raised = threshold + layer.adaptation_strength * a
            spike = spike_at(v - raised) * tf.cast(active, v.dtype)
            spikes.append(spike)
            v = v - hold(raised * spike) if layer.reset == "subtract" else v * (1 - hold(spike))
            refractory = tf.where(
                spike > 0, float(layer.refractory_steps), tf.maximum(refractory - 1, 0)
            )
            a = layer.adaptation_decay * a + (1 - layer.adaptation_decay) * spike
        loss = tf.reduce_sum(tf.stack(spikes, axis=1) * upstream)
    return tape.gradient(loss, [currents, decay, threshold])


@EACH
@pytest.mark.parametrize("detach_reset", [True, False])
def test_gradients_are_those_of_autodiff(options, detach_reset):
    layer = DiscreteLIF(
        0.8,
        0.9,
        adaptation_decay=0.7,
        surrogate=FastSigmoidSurrogate(3),
        detach_reset=detach_reset,
        trainable_decay=True,
        trainable_threshold=True,
        dtype="float64",
        **options,
    )
    currents, upstream = tf.constant(CURRENTS), RNG.normal(size=CURRENTS.shape)
    with tf.GradientTape() as tape:
        tape.watch(currents)
        loss = tf.reduce_sum(layer(currents) * upstream)
    found = tape.gradient(loss, [currents, *(w.value for w in layer.trainable_weights)])
    parameters = [tf.constant(w.numpy()) for w in layer.trainable_weights]
    expected = by_autodiff(layer, currents, *parameters, upstream)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("delay", [1, 3])
@pytest.mark.parametrize("reset", ["zero", "subtract"])
def test_recurrent_spikes_and_gradients_are_those_of_a_loop(delay, reset):
    layer = RecurrentLIF(
        0.8,
        0.9,
        reset,
        adaptation_strength=0.4,
        adaptation_decay=0.7,
        surrogate=FastSigmoidSurrogate(3),
        delay=delay,
        dtype="float64",
    )
    layer.build(CURRENTS.shape)
    currents, weights = tf.constant(CURRENTS), tf.constant(layer.recurrent.numpy())
    upstream = RNG.normal(size=CURRENTS.shape)

    @tf.custom_gradient
    def spike_at(u):
        slope = tf.constant(layer.surrogate.slope(u.numpy()))
        return tf.cast(u >= 0, u.dtype), lambda error: error * slope

    with tf.GradientTape() as tape:
        tape.watch([currents, weights])
        v = a = tf.zeros_like(currents[:, 0])
        spikes = []
        for k in range(currents.shape[1]):
            v = 0.8 * v + currents[:, k]
            if k >= delay:
                v += spikes[k - delay] @ weights
            raised = 0.9 + 0.4 * a
            spikes.append(spike_at(v - raised))
            spike = tf.stop_gradient(spikes[-1])
            v = v - tf.stop_gradient(raised) * spike if reset == "subtract" else v * (1 - spike)
            a = 0.7 * a + 0.3 * spikes[-1]
        expected = tf.stack(spikes, axis=1)
        loss = tf.reduce_sum(expected * upstream)
    wanted = tape.gradient(loss, [currents, weights])
    with tf.GradientTape() as tape:
        tape.watch(currents)
        spikes = layer(currents)
        loss = tf.reduce_sum(spikes * upstream)
    found = tape.gradient(loss, [currents, layer.recurrent.value])
    np.testing.assert_array_equal(spikes, expected)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def gradient(layer, upstream):
    currents = tf.constant(CURRENTS)
    with tf.GradientTape() as tape:
        tape.watch(currents)
        loss = tf.reduce_sum(layer(currents) * upstream)
    return tape.gradient(loss, currents).numpy()


def test_without_bptt_no_error_goes_back_in_time():
    """Bondarev's equation (8): the surrogate times the error of the same step."""
    upstream = np.zeros(CURRENTS.shape)
    upstream[:, 7] = 1
    local = gradient(DiscreteLIF(bptt=False, dtype="float64"), upstream)
    full = gradient(DiscreteLIF(dtype="float64"), upstream)
    assert np.count_nonzero(np.delete(local, 7, axis=1)) == 0
    np.testing.assert_array_equal(local[:, 7], full[:, 7])
    assert np.count_nonzero(full[:, :7]) > 0 and np.count_nonzero(full[:, 8:]) == 0


def test_leak_forgets_errors_step_by_step():
    upstream = np.zeros((1, 3, 1))
    upstream[0, 2] = 1
    layer = DiscreteLIF(0.5, 10.0, surrogate=FastSigmoidSurrogate(1), dtype="float64")
    currents = tf.zeros((1, 3, 1), tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(currents)
        loss = tf.reduce_sum(layer(currents) * upstream)
    found = tape.gradient(loss, currents).numpy().ravel()
    np.testing.assert_allclose(found, np.array([0.25, 0.5, 1]) / 11**2)


def test_a_model_trains_and_is_stored(tmp_path):
    keras.utils.set_random_seed(0)
    x = RNG.uniform(size=(200, 4)).astype("float32")
    y = (x[:, 0] > x[:, 1]).astype(int)
    lif = {"trainable_decay": True, "trainable_threshold": True}
    model = keras.Sequential(
        [
            keras.Input((4,)),
            EncodeSpikes(nsl.ConstantCurrent(1000), 8),
            L.Dense(20),
            DiscreteLIF(reset="subtract", surrogate=TriangularSurrogate(1.0), **lif),
            L.Dense(2),
            LeakyIntegrator(over_time="mean"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    model.fit(x, y, epochs=40, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] > 0.95
    decay, threshold = model.layers[2].get_weights()
    assert np.ptp(decay) > 0 and np.ptp(threshold) > 0
    assert decay.min() >= 0 and decay.max() <= 1 and threshold.min() > 0
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize("over_time", ["last", "mean", "max", "all"])
def test_readout_is_a_membrane(over_time):
    v, voltages = 0, []
    for k in range(12):
        v = 0.7 * v + CURRENTS[:, k]
        voltages.append(v)
    voltages = np.stack(voltages, axis=1)
    expected = {
        "last": voltages[:, -1],
        "mean": voltages.mean(axis=1),
        "max": voltages.max(axis=1),
        "all": voltages,
    }[over_time]
    layer = LeakyIntegrator(0.7, over_time, dtype="float64")
    np.testing.assert_allclose(layer(CURRENTS), expected, rtol=1e-12)
    assert layer.compute_output_shape(CURRENTS.shape) == expected.shape


def test_a_layer_over_time_is_the_layer_in_each_step():
    images = RNG.uniform(size=(2, 3, 8, 8, 2)).astype("float32")
    layer = OverTime(L.Conv2D(4, 3, strides=2, padding="same"))
    expected = np.stack(
        [layer.layer(images[:, k]) for k in range(3) if layer(images) is not None], 1
    )
    np.testing.assert_allclose(layer(images), expected, rtol=1e-5, atol=1e-6)
    assert layer.compute_output_shape(images.shape) == expected.shape


def test_encoding_draws_anew_and_has_the_mean():
    layer = EncodeSpikes(nsl.BernoulliSpikes(500), 2000, seed=1)
    x = np.array([[0.0, 0.5, 1.0]], dtype="float32")
    first, second = np.asarray(layer(x)), np.asarray(layer(x))
    assert set(np.unique(first)) == {0, 1} and (first != second).any()
    spread = 5 * np.sqrt(0.25 / 2000)
    np.testing.assert_allclose(first.mean(axis=1), x / 2, atol=spread)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: DiscreteLIF(1.2), r"decay must be .* from 0 to 1 \(got 1.2\)"),
        (lambda: DiscreteLIF(threshold=0), r"threshold must be .* greater than 0 \(got 0\)"),
        (lambda: DiscreteLIF(reset="none"), "reset must be 'zero' or 'subtract'"),
        (lambda: DiscreteLIF(refractory_steps=-1), "refractory_steps must be an integer of 0"),
        (lambda: DiscreteLIF(min_voltage=0.5), r"min_voltage must be"),
        (lambda: DiscreteLIF(surrogate="atan"), r"surrogate must be a Surrogate \(got 'atan'"),
        (lambda: DiscreteLIF()(np.zeros((2, 3))), r"must have the shape \(batch, steps, \.\.\.\)"),
        (lambda: DiscreteLIF()(np.zeros((2, 0, 3))), "number of steps must be known and 1 or more"),
        (lambda: DiscreteLIF()(keras.Input((None, 3))), r"keras.Input\(\(20, 784\)\)"),
        (lambda: RecurrentLIF(delay=0), "delay must be an integer of 1 or more"),
        (lambda: RecurrentLIF()(np.zeros((2, 4, 3, 3))), r"\(batch, steps, n_neurons\)"),
        (lambda: LeakyIntegrator(over_time="sum"), "over_time must be 'last', 'mean'"),
        (lambda: EncodeSpikes(nsl.BernoulliSpikes(100), 0), "n_steps must be an integer of 1"),
        (lambda: EncodeSpikes("poisson", 4), "encoding must be"),
        (lambda: OverTime(3), "layer must be a Layer"),
    ],
)
def test_bad_arguments_are_named(make, words):
    with pytest.raises(ParameterError, match=words):
        make()


@pytest.mark.parametrize("reset", ["zero", "subtract"])
def test_jax_has_the_same_spikes_and_gradients(reset, tmp_path):
    pytest.importorskip("jax")
    currents = CURRENTS.astype("float32")
    upstream = RNG.normal(size=CURRENTS.shape).astype("float32")
    np.savez(tmp_path / "in.npz", currents=currents, upstream=upstream)
    program = [sys.executable, "-m", "tests.layers.spikes_on_jax"]
    command = [*program, tmp_path / "in.npz", tmp_path / "out.npz", reset]
    subprocess.run(command, check=True, timeout=300, cwd=Path(__file__).parents[2])
    layer = DiscreteLIF(
        0.8, 0.9, reset, 1, min_voltage=-0.3, adaptation_strength=0.5, detach_reset=False
    )
    inputs = tf.constant(currents)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        spikes = layer(inputs)
        loss = tf.reduce_sum(spikes * upstream)
    found = np.load(tmp_path / "out.npz")
    np.testing.assert_array_equal(found["spikes"], spikes)
    np.testing.assert_allclose(found["gradient"], tape.gradient(loss, inputs), rtol=1e-4, atol=1e-5)


def test_long_sequences_are_integrated_block_by_block():
    x = RNG.normal(size=(2, 5000, 1))
    voltages = scipy.signal.lfilter([1], [1, -0.99], x, axis=1)
    for over_time, expected in {
        "last": voltages[:, -1],
        "mean": voltages.mean(axis=1),
        "max": voltages.max(axis=1),
        "all": voltages,
    }.items():
        layer = LeakyIntegrator(0.99, over_time, dtype="float64")
        np.testing.assert_allclose(layer(x), expected, rtol=1e-9, atol=1e-9)


@keras.saving.register_keras_serializable(package="tests")
@dataclass(frozen=True)
class Wide(ExponentialSurrogate):
    steepness: float = 0.5


@pytest.mark.parametrize("layer", [DiscreteLIF, RecurrentLIF, lambda **o: SpikingLSTM(3, **o)])
def test_registered_surrogates_of_ones_own_are_saved(layer, tmp_path):
    model = keras.Sequential([keras.Input((4, 3)), layer(surrogate=Wide(0.3))])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[0].surrogate == Wide(0.3)
