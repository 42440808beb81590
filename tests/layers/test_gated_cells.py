"""Spiking LSTM and subLSTM: the equations in a plain loop, gradients against autodiff."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.surrogates import FastSigmoidSurrogate
from nengo_softlif.functional.time_gate import TimeGate
from nengo_softlif.layers import BySegments, LeakyIntegrator, SpikingLSTM, SubLSTM
from tests.layers.gated_on_backends import GATED, LAYERS, make_layer

L = keras.layers
RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 9, 4))
UPSTREAM = RNG.normal(size=(3, 9, 5))
EACH = pytest.mark.parametrize("kind", LAYERS)


@pytest.fixture
def layer(kind):
    return make_layer(kind, dtype="float64")


def in_a_loop(layer, x, weights):
    """The equations of the docstrings, without a word about derivatives except of spikes."""
    weights = dict(zip([w.name for w in layer.weights], weights, strict=True))
    spikes, fixed, gate = layer._fires, layer.fixed_forget, layer.time_gate

    @tf.custom_gradient
    def spike_at(u):
        slope = layer.surrogate.slope(u.numpy())
        return tf.cast(u >= 0, u.dtype), lambda error: error * slope

    c = h = tf.zeros((x.shape[0], 5), x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        J = x[:, t] @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"]
        gates = spike_at(J - layer.threshold) if spikes else tf.sigmoid(J)
        i, *f, g, o = tf.split(gates, 3 if fixed else 4, axis=1)
        f = tf.sigmoid(weights["forget"]) if fixed else f[0]
        if isinstance(layer, SpikingLSTM):
            total = f * c + i * g
            new_c = total - tf.nn.relu(total - 1)
            new_h = o * new_c
        else:
            new_c = f * c + g - i
            new_h = spike_at(new_c - o - layer.threshold) if spikes else tf.sigmoid(new_c) - o
        if gate is None:
            c, h = new_c, new_h
        else:
            phase = (t / weights["period"] - weights["shift"]) % 1
            r = gate.open_fraction
            if spikes:
                k = tf.cast(phase < r, x.dtype)
            else:
                k = tf.where(phase < r / 2, 2 * phase / r, 2 - 2 * phase / r)
                k = tf.where(phase < r, k, gate.leak * phase)
            c, h = k * new_c + (1 - k) * c, k * new_h + (1 - k) * h
        outputs.append(h)
    return tf.stack(outputs, axis=1)


def with_gradients(function, *arguments):
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        outputs = function()
        loss = tf.reduce_sum(outputs * UPSTREAM)
    return outputs, tape.gradient(loss, arguments, unconnected_gradients="zero")


@EACH
def test_outputs_and_gradients_are_those_of_a_loop(layer):
    x = tf.constant(X)
    layer.build(X.shape)
    variables = [w.value for w in layer.weights]
    outputs, found = with_gradients(lambda: layer(x), x, *variables)
    copies = [tf.constant(w.numpy()) for w in layer.weights]
    expected, gradients = with_gradients(lambda: in_a_loop(layer, x, copies), x, *copies)
    np.testing.assert_allclose(outputs, expected, rtol=1e-9, atol=1e-12)
    assert np.std(outputs) > 0.05
    if layer._fires:
        assert set(np.unique(outputs)) == {0, 1}
    for one, other in zip(found, gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-10)
    assert np.any(found[1]) and np.any(found[2])


@EACH
def test_compiled_code_does_the_same(layer):
    x = tf.constant(X)
    layer.build(X.shape)
    variables = [w.value for w in layer.weights]
    expected = with_gradients(lambda: layer(x), x, *variables)
    outputs, found = tf.function(lambda: with_gradients(lambda: layer(x), x, *variables))()
    np.testing.assert_allclose(outputs, expected[0], rtol=1e-9, atol=1e-12)
    for one, other in zip(found, expected[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("options", [{}, {"fixed_forget": True}], ids=str)
def test_gradients_of_rates_are_finite_differences(options):
    gate = TimeGate((4, 9), 0.4, leak=0.1, trainable=True)
    keras.utils.set_random_seed(0)
    layer = SubLSTM(5, time_gate=gate, dtype="float64", **options)
    layer.build(X.shape)
    variables = [w.value for w in layer.weights]
    assert {"period", "shift"} < {w.name for w in layer.trainable_weights}
    _, found = with_gradients(lambda: layer(X), *variables)
    for variable, slope in zip(variables, found, strict=True):
        value, direction = variable.numpy(), RNG.normal(size=variable.shape)
        losses = []
        for step in (1e-6, -1e-6):
            variable.assign(value + step * direction)
            losses.append(np.sum(layer(X) * UPSTREAM))
        variable.assign(value)
        difference = (losses[0] - losses[1]) / 2e-6
        np.testing.assert_allclose(np.sum(slope * direction), difference, rtol=1e-5, atol=1e-6)


@EACH
def test_segments_change_nothing(layer):
    x = tf.constant(X)
    layer.build(X.shape)
    variables = [w.value for w in layer.trainable_weights]
    segments = BySegments([layer], 5, dtype="float64")
    expected, gradients = with_gradients(lambda: layer(x), x, *variables)
    outputs, found = with_gradients(lambda: segments(x), x, *variables)
    np.testing.assert_allclose(outputs, expected, rtol=1e-9, atol=1e-12)
    for one, other in zip(found, gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-10)


def test_the_bit_of_a_spiking_lstm_is_set_kept_read_and_reset():
    layer = SpikingLSTM(1, bias_initializer="zeros", forget_bias=0)
    layer.build((1, 6, 4))  # an input for each gate
    layer.set_weights([np.eye(4), np.zeros((1, 4)), np.zeros(4)])
    gates = [[0, 1, 0, 1], [1, 1, 1, 0], [0, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 1], [0, 1, 0, 1]]
    h, state = layer.run(np.array([gates], "float32"), layer.initial_state(np.ones((1, 6, 4))))
    assert np.ravel(h).tolist() == [0, 0, 0, 1, 0, 0]
    assert np.ravel(state).tolist() == [0, 0]


@pytest.mark.parametrize("cls", [SpikingLSTM, SubLSTM])
def test_closed_units_keep_their_outputs(cls):
    layer = cls(50, time_gate=TimeGate((4, 20), 0.3))
    h = np.asarray(layer(3 * X.astype("float32")))
    phases = (np.arange(9)[:, None] / layer.period.numpy() - layer.shift.numpy()) % 1
    closed, changes = phases[1:] >= 0.3, np.diff(h, axis=1)
    assert not np.any(changes[:, closed]) and np.any(changes[:, ~closed])
    periods = layer.period.numpy()
    assert periods.min() >= 4 and periods.max() <= 20
    assert not layer.trainable_weights[3:]  # drawn, unless asked for


def test_half_precision_counts_the_steps_of_long_sequences():
    gate = TimeGate((4, 9), 0.5)
    layers = [SubLSTM(20, time_gate=gate, dtype=dtype) for dtype in ("float32", "mixed_float16")]
    opened = []
    for layer in layers:
        layer.build(X.shape)
        layer.set_weights(layers[0].get_weights())
        _, state = layer.run(X[:, :1], layer.initial_state(X) + 100001)
        assert float(state[0, 2, 0]) == 100002
        opened.append(np.asarray(layer._openness(state, 5)))
    np.testing.assert_allclose(*opened, atol=2e-3)


def test_trained_periods_stay_open_for_a_step():
    layer = SubLSTM(5, time_gate=TimeGate((4, 9), 0.25, trainable=True))
    layer.build(X.shape)
    layer.period.assign([1, 2, 4, 8, 100])
    assert layer.period.constraint(layer.period).numpy().tolist() == [4, 4, 4, 8, 100]


@EACH
def test_layers_are_stored(kind, tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((9, 4)), make_layer(kind)])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[0].get_config() == model.layers[0].get_config()
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


@pytest.mark.parametrize("dtype", ["mixed_float16", "bfloat16", "float64"])
@EACH
def test_dtypes(kind, dtype):
    layer = make_layer(kind, dtype=dtype)
    outputs = layer(X.astype("float32"))
    assert outputs.dtype == layer.compute_dtype
    assert np.isfinite(keras.ops.convert_to_numpy(keras.ops.cast(outputs, "float32"))).all()


@pytest.mark.parametrize("make", [SpikingLSTM, lambda units: SubLSTM(units, spiking=True)])
def test_spikes_learn_to_remember(make):
    """The first of eight steps says what the last one shall be, with noise between."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, size=(512, 8, 3)).astype("float32")
    x[:, :, 2] = 0
    x[:, 0, 2] = 1
    y = x[:, 0, 0]
    model = keras.Sequential(
        [keras.Input((8, 3)), make(20), L.Dense(2), LeakyIntegrator(0.0, "last")]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    model.fit(x, y, batch_size=64, epochs=20, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] > 0.95


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: SpikingLSTM(0), "units must be .*1 or"),
        (lambda: SpikingLSTM(5, threshold=0), r"threshold must be .*greater than 0 \(got 0\)"),
        (lambda: SpikingLSTM(5, surrogate="gaussian"), "surrogate must be a Surrogate"),
        (lambda: SpikingLSTM(5, forget_bias="one"), "forget_bias must be"),
        (lambda: SpikingLSTM(5, time_gate=3), r"time_gate must be a TimeGate.*\(20, 100\)"),
        (lambda: SpikingLSTM(5, dtype="int32"), "dtype must be a policy"),
        (lambda: SpikingLSTM(5, time_gate=TimeGate((20, 90), leak=0.1)), "leave out leak"),
        (lambda: SubLSTM(5, True, time_gate=TimeGate((20, 90), trainable=True)), "leave out leak"),
        (lambda: SubLSTM(5, threshold=1), "pass spiking=True, or leave them out"),
        (lambda: SubLSTM(5, surrogate=FastSigmoidSurrogate()), "pass spiking=True, or"),
        (lambda: SubLSTM(5, spiking="yes"), "SubLSTM.spiking must be"),
        (lambda: SubLSTM(5, fixed_forget=0), "fixed_forget must be"),
        (lambda: SubLSTM(5)(np.ones((2, 3))), r"shape \(batch, steps, ...\)"),
        (lambda: SubLSTM(5)(np.ones((2, 3, 4, 4))), r"OverTime before it"),
        (lambda: SubLSTM(5)(keras.Input((None, 4))), "number of steps must be known"),
        (
            lambda: SubLSTM(5, dtype="float16")(X, training=True),
            "make the model with the dtype policy 'mixed_float16'",
        ),
        (lambda: TimeGate(20), r"pass two numbers, such as \(20, 100\)"),
        (lambda: TimeGate((100, 30)), r"pass \(30, 100\)"),
        (lambda: TimeGate((0.5, 3)), r"period\[0\] must be"),
        (lambda: TimeGate((10, 20)), "make the shortest period 20 or longer"),
        (lambda: TimeGate((20, 30), open_fraction=1.5), "open_fraction must be"),
        (lambda: TimeGate((20, 30), leak=-1), "leak must be"),
        (lambda: TimeGate((20, 30), trainable=None), "trainable must be"),
    ],
)
def test_bad_arguments_are_named(make, words):
    with pytest.raises(ParameterError, match=words):
        make()


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_have_the_same_outputs_and_gradients(backend, tmp_path):
    pytest.importorskip(backend)
    program = [sys.executable, "-m", "tests.layers.gated_on_backends", backend]
    command = [*program, tmp_path / "in.npz", tmp_path / "out.npz"]
    x = X.astype("float32")
    arrays, expected = {"x": x, "upstream": UPSTREAM.astype("float32")}, {}
    for kind in GATED:
        layer = make_layer(kind)
        layer.build(X.shape)
        arrays |= {f"{kind}/{k}": w.numpy() for k, w in enumerate(layer.weights)}
        expected[kind] = with_gradients(
            lambda layer=layer: tf.cast(layer(x), "float64"),
            *(w.value for w in layer.trainable_weights),
        )
    np.savez(tmp_path / "in.npz", **arrays)
    subprocess.run(command, check=True, timeout=300, cwd=Path(__file__).parents[2])
    found = np.load(tmp_path / "out.npz")
    for kind, (outputs, gradients) in expected.items():
        np.testing.assert_allclose(found[kind], outputs, rtol=1e-4, atol=1e-5)
        for k, gradient in enumerate(gradients):
            np.testing.assert_allclose(found[f"{kind}/{k}"], gradient, rtol=1e-3, atol=1e-4)
