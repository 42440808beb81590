"""Long sequences: loops over steps in compiled code, and layers that go by segments."""

import os
import subprocess
import sys
from contextlib import contextmanager

import keras
import numpy as np
import pytest
import tensorflow as tf

from nengo_softlif.errors import ParameterError
from nengo_softlif.layers import (
    BySegments,
    DiscreteLIF,
    FiringRateRegularizer,
    LeakyIntegrator,
    OverTime,
    RecurrentLIF,
    RepeatSteps,
    SoftLIF,
    SpikingLSTM,
)
from nengo_softlif.layers.over_steps import over_steps
from tests.layers.segment_stack import layers

N_STEPS = 23
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, N_STEPS, 6))
UPSTREAM = RNG.normal(size=(4, N_STEPS, 5))


def model_of(make=layers):
    """In double precision, so that no voltage is rounded to the other side of the threshold."""
    keras.utils.set_random_seed(3)
    with dtype("float64"):
        return keras.Sequential([keras.Input((N_STEPS, 6)), *make()])


@contextmanager
def dtype(name):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def gradients(model, compiled):
    def run(x):
        with tf.GradientTape() as tape:
            spikes = model(x)
            loss = tf.reduce_sum(spikes * UPSTREAM)
        return spikes, tape.gradient(loss, [w.value for w in model.trainable_weights])

    return (tf.function(run) if compiled else run)(tf.constant(X))


@pytest.fixture(scope="module")
def expected():
    """Spikes and gradients of a loop in Python."""
    model = model_of()
    spikes, found = gradients(model, compiled=False)
    assert 0.1 < np.mean(spikes) < 0.9
    return spikes, found


def assert_same(found, expected):
    np.testing.assert_array_equal(found[0], expected[0])
    assert len(found[1]) == len(expected[1])
    for one, other in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_batches_of_other_sizes_follow_each_other():
    """A smaller last batch has the operations of a step compiled for batches of any size."""
    x, y = np.random.default_rng(0).random((50, 20, 8), "float32"), np.zeros((50, 3), "float32")
    for _ in "ab":
        model = keras.Sequential(
            [
                keras.Input((20, 8)),
                BySegments([RecurrentLIF()], n_steps=8),
                keras.layers.Dense(3),
                LeakyIntegrator(),
            ]
        )
        model.compile("adam", "mse")
        model.fit(x, y, verbose=0)
        assert model.predict(x[:32], verbose=0).shape == (32, 3)
        model.evaluate(x[:40], y[:40], verbose=0)


def test_a_compiled_loop_is_a_loop_in_python(expected):
    assert_same(gradients(model_of(), compiled=True), expected)


@pytest.mark.parametrize("n_steps", [1, 7, N_STEPS, 100])
@pytest.mark.parametrize("compiled", [True, False])
def test_segments_change_nothing(n_steps, compiled, expected):
    model = model_of(lambda: [BySegments(layers(), n_steps)])
    assert_same(gradients(model, compiled), expected)


def test_truncated_errors_stay_within_their_segment():
    model = model_of(lambda: [BySegments(layers(), n_steps=10, truncate=True)])
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(model(x)[:, 10:20])
    found = np.abs(tape.gradient(loss, x)).sum(axis=(0, 2))
    assert found[:10].max() == 0 and found[20:].max() == 0
    assert np.all(found[10:19] > 0)


def test_truncation_changes_no_spike(expected):
    model = model_of(lambda: [BySegments(layers(), n_steps=5, truncate=True)])
    np.testing.assert_array_equal(model(X), expected[0])


def test_the_state_is_carried_by_run():
    layer = layers()[1]
    layer.build((4, N_STEPS, 8))
    currents = RNG.normal(size=(4, N_STEPS, 8)).astype("float32")
    state, spikes = layer.initial_state(currents), []
    np.testing.assert_array_equal(state[:, 0], np.full((4, 8), 0.5 * 0.8, "float32"))
    for start in range(0, N_STEPS, 2):  # shorter than the delay
        part, state = layer.run(currents[:, start : start + 2], state)
        spikes.append(part)
    np.testing.assert_array_equal(np.concatenate(spikes, axis=1), layer(currents))


def linear_model(*layers):
    return keras.Sequential([keras.Input((N_STEPS, 6)), BySegments(layers, n_steps=7)])


@pytest.mark.parametrize("compiled", [True, False])
def test_dropout_is_the_same_when_a_segment_is_computed_anew(compiled):
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(5, use_bias=False)
    model = linear_model(dense, keras.layers.Dropout(0.5, seed=0))
    x = tf.constant(X, "float32")

    def run():
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
        return outputs, tape.gradient(outputs, dense.kernel.value)

    run = tf.function(run) if compiled else run
    outputs, found = run()
    kept = np.asarray(outputs) != 0
    assert 0.4 < kept.mean() < 0.6
    assert not np.array_equal(kept[:, :7], kept[:, 7:14])
    np.testing.assert_allclose(found, np.einsum("bti,btj->ij", X, 2 * kept), rtol=1e-4)
    assert not np.array_equal(run()[0] != 0, kept)  # drawn anew


def test_statistics_of_a_segment_are_taken_once():
    plain, norm = (keras.layers.BatchNormalization(momentum=0.5) for _ in range(2))
    model = linear_model(OverTime(norm))
    plain.build((None, N_STEPS, 6))
    x = tf.constant(X, "float32")
    for start in range(0, N_STEPS, 7):
        plain(x[:, start : start + 7], training=True)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(x, training=True) ** 2)
    tape.gradient(loss, norm.gamma.value)
    np.testing.assert_allclose(norm.moving_mean, plain.moving_mean, rtol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, plain.moving_variance, rtol=1e-5)


def with_penalties():
    bounds = FiringRateRegularizer(20, lower=10, weight=3.0)
    return [
        keras.layers.Dense(8),
        RecurrentLIF(0.9, 0.3, rate_regularizer=bounds),
        DiscreteLIF(0.9, 0.5),
        SpikingLSTM(5, rate_regularizer=bounds),
    ]


@pytest.mark.parametrize("truncate", [False, True])
@pytest.mark.parametrize("compiled", [True, False])
def test_rates_are_means_over_all_segments(compiled, truncate):
    models = [
        model_of(with_penalties),
        model_of(lambda: [BySegments(with_penalties(), 7, truncate=truncate)]),
    ]
    results = []
    for model in models:

        def run(x, model=model):
            with tf.GradientTape() as tape:
                model(x, training=True)
                losses = model.losses
                loss = tf.reduce_sum(losses)
            variables = [w.value for w in model.trainable_weights]
            return losses, tape.gradient(loss, variables)

        results.append((tf.function(run) if compiled else run)(tf.constant(X)))
    (expected, gradients), (losses, found) = results
    assert len(losses) == 2 and all(loss > 0 for loss in losses)
    np.testing.assert_allclose(sorted(losses), sorted(expected), rtol=1e-6)
    same = [np.allclose(a, b, rtol=1e-6) for a, b in zip(found, gradients, strict=True)]
    assert any(np.any(g) for g in found) and all(same) is not truncate
    models[1](X)
    assert not models[1].losses


def test_segments_train_in_mixed_precision():
    parts = [keras.layers.Dense(8), RecurrentLIF(0.9), keras.layers.Dense(2)]
    with dtype("mixed_float16"):
        model = keras.Sequential([keras.Input((N_STEPS, 6)), BySegments(parts, 7)])
        model.add(LeakyIntegrator())
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = model.get_weights()
    assert np.isfinite(model.train_on_batch(X.astype("float32"), np.array([0, 1, 0, 1])))
    assert all(np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True))
    with dtype("float16"), pytest.raises(ParameterError, match="more than half precision"):
        BySegments([RecurrentLIF()], 7)(X, training=True)


def test_jax_has_the_same_gradients_and_memory_that_does_not_grow(expected, tmp_path):
    pytest.importorskip("jax")
    weights = {f"w{k}": w for k, w in enumerate(model_of().get_weights())}
    np.savez(tmp_path / "in.npz", x=X, upstream=UPSTREAM, **weights)
    program = [sys.executable, "-m", "tests.layers.segments_on_jax"]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    subprocess.run(
        [*program, tmp_path / "in.npz", tmp_path / "out.npz"], check=True, env=environment
    )
    found = np.load(tmp_path / "out.npz")
    np.testing.assert_array_equal(found["by/spikes"], expected[0])
    for k, gradient in enumerate(expected[1]):
        np.testing.assert_allclose(found[f"by/{k}"], found[f"plain/{k}"], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found[f"by/{k}"], gradient, rtol=1e-4, atol=1e-6)
    for name in ("segments", "truncated"):
        short, long = found[name]  # bytes for one segment and for 8 of them
        assert long < 2 * short
    short, long = found["all"]
    assert long > 6 * short


def test_segments_are_stored(tmp_path):
    parts = [OverTime(keras.layers.Dense(8)), *layers()[1:]]
    model = model_of(lambda: [BySegments(parts, 7, truncate=True)])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(X), model(X))
    assert loaded.layers[0].truncate and loaded.layers[0].n_steps == 7


def test_outputs_of_another_shape_than_the_state():
    step = lambda state, x: ((state[0] + 1,), (x[0][:, :1] * state[0], x[0]))  # noqa: E731
    run = lambda x: over_steps(step, (tf.zeros((), "float64"),), (x,))  # noqa: E731
    for function in (run, tf.function(run, jit_compile=True)):
        (count,), (first, second) = function(tf.constant(X))
        assert count == N_STEPS
        np.testing.assert_allclose(first[..., 0], X[..., 0] * np.arange(N_STEPS))
        np.testing.assert_array_equal(second, X)


def test_the_voltage_starts_where_it_is_told():
    currents = np.full((1, 3, 1), 0.25, "float32")
    spikes = [
        np.asarray(DiscreteLIF(1.0, 0.5, "subtract", initial_voltage=start)(currents)).ravel()
        for start in (0.0, 0.5, 1.0)
    ]
    np.testing.assert_array_equal(spikes, [[0, 1, 0], [1, 0, 1], [1, 1, 0]])


def test_gradients_of_a_threshold_reach_the_voltage_at_the_start():
    """A neuron that never spikes, read through the slope: by finite differences of its voltage."""
    layer = DiscreteLIF(
        0.9, 1.0, initial_voltage=0.5, trainable_threshold=True, dtype="float64", bptt=True
    )
    currents = tf.constant([[[0.1]]], dtype="float64")
    with tf.GradientTape() as tape:
        spikes = layer(currents)
    (found,) = tape.gradient(spikes, [w.value for w in layer.trainable_weights])
    # the distance from the threshold, 0.9 * 0.5 s + 0.1 - s, falls by 0.55 for each unit of s
    slope = float(layer.surrogate.slope(0.9 * 0.5 + 0.1 - 1.0))
    np.testing.assert_allclose(found, [-0.55 * slope])


def test_steps_repeat_values_of_any_range():
    values = np.array([[-3.0, 7.0]], "float32")
    model = keras.Sequential([keras.Input((2,)), RepeatSteps(4), LeakyIntegrator()])
    np.testing.assert_array_equal(model(values), 4 * values)
    copy = RepeatSteps.from_config(RepeatSteps(4).get_config())
    assert copy.compute_output_shape((None, 2)) == (None, 4, 2)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: BySegments([], 5), r"layers: at least one layer is needed \(got none\)"),
        (lambda: BySegments([keras.layers.Conv2D(2, 3)], 5), r"layers\[0\] .*OverTime"),
        (lambda: BySegments([keras.layers.LSTM(2)], 5), r"layers\[0\]"),
        (
            lambda: BySegments([keras.layers.Dense(2, activity_regularizer="l2")], 5),
            "activity_regularizer",
        ),
        (
            lambda: BySegments([OverTime(SoftLIF(rate_regularizer=FiringRateRegularizer(100)))], 5),
            "the penalty rate_regularizer",
        ),
        (lambda: BySegments(layers(), 0), "n_steps"),
        (lambda: BySegments(layers(), 5, truncate="no"), "truncate"),
        (lambda: BySegments(layers(), 5)(np.ones((2, 6), "float32")), "steps"),
        (lambda: RepeatSteps(0), "n_steps"),
        (lambda: DiscreteLIF(initial_voltage=1.5), "initial_voltage"),
        (
            lambda: DiscreteLIF(adaptation_strength=[1.0, 2.0])(X),
            r"one value for each of 6 channels is needed.* \(got 2\)",
        ),
        (lambda: DiscreteLIF(adaptation_strength=[1.0, -2.0]), r"adaptation_strength\[1\]"),
    ],
)
def test_bad_arguments_are_named(make, words):
    with pytest.raises(ParameterError, match=words):
        make()
