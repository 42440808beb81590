"""The Keras layers: curves, gradients, noise, storage, any backend."""

import dataclasses
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
import tensorflow as tf

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional import (
    filtered_spikes,
    linear_reset_lif_rate,
    soft_lif_current,
    soft_lif_rate,
    spike_train_statistics,
)
from nengo_softlif.layers import LinearResetLIF, LocallyConnected2D, SoftLIF

L = keras.layers

CURRENTS = np.concatenate(
    [-np.logspace(6, -4, 60), np.logspace(-4, 6, 60), 1 + np.linspace(-0.2, 0.2, 81)]
)


@pytest.mark.parametrize("sigma", [1e-4, 0.02, 0.5])
@pytest.mark.parametrize("tau_ref", [0.0, 0.002])
def test_soft_lif_is_the_numpy_curve(sigma, tau_ref):
    parameters = {"tau_rc": 0.03, "tau_ref": tau_ref, "amplitude": 0.02, "sigma": sigma}
    J = CURRENTS.astype("float32")
    expected = soft_lif_rate(J.astype(float), **parameters)
    np.testing.assert_allclose(SoftLIF(**parameters)(J), expected, rtol=2e-5)


@pytest.mark.parametrize("leak", [True, False])
def test_linear_reset_is_the_numpy_curve(leak):
    J = np.linspace(-3, 5, 200, dtype="float32")
    rates = np.asarray(LinearResetLIF(tau_rc=0.01, leak=leak, amplitude=0.5, sigma=1e-4)(J))
    expected = linear_reset_lif_rate(J.astype(float), tau_rc=0.01, leak=leak, amplitude=0.5)
    # below the threshold the smoothing leaves a tail of amplitude * sigma / (tau_rc (1 - J))
    away = np.abs(J - 1) > 0.05 if leak else slice(None)
    np.testing.assert_allclose(rates[away], expected[away], rtol=1e-4, atol=0.11)


@pytest.mark.parametrize("sigma", [1e-3, 0.02, 0.5])
def test_gradient_equals_finite_differences(sigma):
    layer = SoftLIF(sigma=sigma, dtype="float64")
    J = tf.constant(np.linspace(1 - 8 * sigma, 1 + 8 * sigma, 41))
    with tf.GradientTape() as tape:
        tape.watch(J)
        rates = layer(J)
    step = 1e-6 * sigma
    differences = (np.asarray(layer(J + step)) - np.asarray(layer(J - step))) / (2 * step)
    np.testing.assert_allclose(tape.gradient(rates, J), differences, rtol=1e-5)


@pytest.mark.parametrize("sigma", [1e-4, 0.02])
def test_gradients_are_finite_for_any_current(sigma):
    J = tf.constant(CURRENTS, dtype="float32")
    with tf.GradientTape() as tape:
        tape.watch(J)
        rates = SoftLIF(sigma=sigma)(J)
    slopes = tape.gradient(rates, J)
    assert np.isfinite(slopes).all() and (np.asarray(slopes) >= 0).all()


@pytest.mark.parametrize("make", [lambda n: SoftLIF(noise=n), lambda n: LinearResetLIF(noise=n)])
def test_noise_only_above_threshold_and_only_in_training(make):
    layer = make(10.0)
    J = np.full((20000, 2), [0.5, 2.0], dtype="float32")
    quiet, noisy = np.asarray(layer(J)), np.asarray(layer(J, training=True))
    assert (np.ptp(quiet, axis=0) == 0).all()
    np.testing.assert_array_equal(noisy[:, 0], quiet[:, 0])
    # 20,000 draws: the standard error of the mean is 0.07 Hz, of the deviation 0.05 Hz
    assert np.mean(noisy[:, 1] - quiet[:, 1]) == pytest.approx(0, abs=0.35)
    assert np.std(noisy[:, 1]) == pytest.approx(10, abs=0.25)
    assert not np.array_equal(noisy, layer(J, training=True))


def test_noise_is_scaled_by_the_amplitude_and_repeats_with_the_seed():
    J = np.full((5000, 1), 2.0, dtype="float32")
    layers = [SoftLIF(amplitude=0.01, noise=nsl.GaussianRateNoise(10), seed=3) for _ in range(2)]
    first, second = (np.asarray(layer(J, training=True)) for layer in layers)
    np.testing.assert_array_equal(first, second)
    assert np.std(first) == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("noise", [nsl.FilteredSpikeNoise(), nsl.FilteredSpikeNoise(0.003, None)])
def test_noise_of_filtered_spikes(noise):
    layer = SoftLIF(amplitude=0.01, noise=noise, seed=1)
    J = np.full((20_001, 3), [0.5, 1.1, 3.0], dtype="float32")
    quiet, noisy = np.asarray(layer(J)), np.asarray(layer(J, training=True))
    np.testing.assert_array_equal(noisy[:, 0], quiet[:, 0])
    expected = spike_train_statistics(100 * quiet[0, 1:], tau_s=noise.tau_s, tau_rc=noise.tau_rc)
    drawn = 100 * noisy[:, 1:]
    # 20,000 draws: six standard errors
    errors = 6 * expected.std / np.sqrt(20_000)
    assert (np.abs(drawn.mean(axis=0) - expected.mean) < errors).all()
    np.testing.assert_allclose(drawn.std(axis=0), expected.std, rtol=0.04)
    low, *_, high = expected.quantiles.values()
    margin = 0.01 * (high - low)  # the extremes are those of a thousand phases
    assert (drawn > low - margin).all() and (drawn < high + margin).all()


def test_noise_of_filtered_spikes_leaves_the_gradient_of_the_rate():
    J = tf.constant(np.linspace(-5, 20, 50, dtype="float32")[np.newaxis])
    gradients = []
    for noise in (None, nsl.FilteredSpikeNoise()):
        with tf.GradientTape() as tape:
            tape.watch(J)
            rates = SoftLIF(noise=noise)(J, training=True)
        assert np.isfinite(rates).all()
        gradients.append(np.asarray(tape.gradient(rates, J)))
    np.testing.assert_array_equal(*gradients)


@pytest.mark.parametrize("noise", [None, 10.0, nsl.FilteredSpikeNoise()])
@pytest.mark.parametrize("cls", [SoftLIF, LinearResetLIF])
def test_training_in_one_loop_is_training_operation_by_operation(cls, noise):
    J = tf.constant(np.linspace(-5, 20, 200, dtype="float32").reshape(10, 20))

    layers = [cls(amplitude=0.01, noise=noise, seed=3) for _ in range(2)]

    def outputs_and_gradient(layer):
        with tf.GradientTape() as tape:
            tape.watch(J)
            outputs = layer(J, training=True)
        return outputs, tape.gradient(outputs, J)

    in_one_loop = tf.function(outputs_and_gradient)(layers[0])
    for ours, expected in zip(in_one_loop, outputs_and_gradient(layers[1]), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-6)


ANTITHETIC = [
    nsl.GaussianRateNoise(10, antithetic=True),
    nsl.FilteredSpikeNoise(0.003, antithetic=True),
]


def noise_of_a_batch(noise, shape, seed=0):
    """Noise in Hz of neurons that fire at 63 Hz."""
    J = np.full(shape, 2.0, "float32")
    layer = SoftLIF(noise=noise, seed=seed, dtype="float64")
    return np.asarray(layer(J, training=True)) - np.asarray(layer(J))


@pytest.mark.parametrize("noise", ANTITHETIC)
def test_noise_is_independent_across_the_batch_unless_it_is_antithetic(noise):
    n_samples, n_neurons = 8, 40_000
    independent = noise_of_a_batch(
        dataclasses.replace(noise, antithetic=False), (n_samples, n_neurons)
    )
    paired = noise_of_a_batch(noise, (n_samples, n_neurons))
    limit = 5 / np.sqrt(n_neurons)  # five standard errors of a correlation
    pairs = np.eye(n_samples, k=n_samples // 2, dtype=bool)
    others = np.triu(~pairs, k=1)
    for drawn in (independent, paired):
        assert np.abs(np.corrcoef(drawn)[others]).max() < limit
        # both have the same distribution, sample by sample
        np.testing.assert_allclose(
            drawn.std(axis=1), independent.std(), rtol=5 / np.sqrt(n_neurons)
        )
    assert np.abs(np.corrcoef(independent)[pairs]).max() < limit
    assert np.corrcoef(paired)[pairs].max() < -0.5


@pytest.mark.parametrize("n_samples", [1, 2, 7, 8])
def test_antithetic_pairs_of_gaussian_noise_cancel(n_samples):
    drawn = noise_of_a_batch(ANTITHETIC[0], (n_samples, 3, 2))
    half = (n_samples + 1) // 2
    assert drawn.shape == (n_samples, 3, 2)
    np.testing.assert_allclose(drawn[half:] + drawn[: n_samples - half], 0, atol=1e-10)
    assert len(np.unique(drawn[:half])) == drawn[:half].size


def test_antithetic_pairs_of_spike_trains_are_half_a_period_apart():
    noise = ANTITHETIC[1]
    drawn = noise_of_a_batch(noise, (2, 1000))
    rate = float(soft_lif_rate(2.0))
    phases = np.linspace(0, 1, 20_001)
    curve = filtered_spikes(phases, rate, tau_s=noise.tau_s, tau_rc=noise.tau_rc) - rate
    step = np.abs(np.diff(curve)).max()
    later = np.roll(curve[:-1], -10_000)
    # which phases give the noise of the first sample, and what half a period later gives
    errors = [
        np.abs(later[np.abs(curve[:-1] - first) <= step] - second).min()
        for first, second in drawn.T
    ]
    assert max(errors) <= 2 * step


@pytest.mark.parametrize("rate", [25.0, 40.0, 80.0, 160.0])
def test_antithetic_pairs_of_spike_trains_cancel_in_part_at_every_rate(rate):
    J = np.full((2, 40_000), soft_lif_current(rate), "float32")
    drawn = np.asarray(SoftLIF(noise=ANTITHETIC[1], seed=0)(J, training=True))
    # in a pair of independent samples the variance of the mean is half of that of each
    assert np.var(drawn.mean(axis=0)) < 0.3 * np.var(drawn)


@pytest.mark.parametrize("noise", ANTITHETIC)
def test_antithetic_noise_leaves_the_gradient_of_the_rate(noise):
    J = tf.constant(np.linspace(-5, 20, 50, dtype="float32").reshape(10, 5))
    gradients = []
    for kind in (None, noise):
        with tf.GradientTape() as tape:
            tape.watch(J)
            rates = SoftLIF(noise=kind)(J, training=True)
        gradients.append(np.asarray(tape.gradient(rates, J)))
    np.testing.assert_array_equal(*gradients)


def test_configs_of_noise():
    config = SoftLIF(noise=ANTITHETIC[0]).get_config()
    assert SoftLIF.from_config(config).noise == ANTITHETIC[0]
    for wrong, words in [
        ({"class_name": "Brown"}, "'Brown' is unknown; choose one of GaussianRateNoise, Filtered"),
        ({"std": 5.0}, "class_name of noise None is unknown; choose one of GaussianRateNoise"),
        ({"class_name": "GaussianRateNoise", "sigma": 5.0}, r"has the parameters std, .*got sigma"),
    ]:
        with pytest.raises(ParameterError, match=words):
            SoftLIF(noise=wrong)


def all_layers_model():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            L.Conv2D(4, 3, bias_initializer="ones"),
            SoftLIF(tau_rc=0.03, tau_ref=0.001, amplitude=0.02, sigma=0.05, noise=5, seed=1),
            LocallyConnected2D(2, 3, strides=(2, 1), bias_initializer="ones"),
            LinearResetLIF(tau_rc=0.04, amplitude=0.02, sigma=0.03, noise=2.0),
            L.Flatten(),
            L.Dense(5),
            LinearResetLIF(leak=False, amplitude=0.01, noise=nsl.FilteredSpikeNoise(0.003, None)),
            L.Dense(3),
        ]
    )


def test_saving_and_loading_keep_everything(tmp_path):
    model = all_layers_model()
    x = np.random.default_rng(0).uniform(size=(4, 8, 8, 1)).astype("float32")
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model.predict(x, verbose=0), loaded.predict(x, verbose=0))
    for ours, theirs in zip(model.layers, loaded.layers, strict=True):
        assert ours.get_config() == theirs.get_config()
    assert loaded.layers[1].noise == nsl.GaussianRateNoise(5)
    assert loaded.layers[6].noise == nsl.FilteredSpikeNoise(0.003, None)


@pytest.mark.parametrize("imports", ["import nengo_softlif, keras", "import keras, nengo_softlif"])
def test_loading_needs_no_custom_objects(tmp_path, imports):
    all_layers_model().save(tmp_path / "model.keras")
    code = f"""
        {imports}
        print(len(keras.models.load_model({str(tmp_path / "model.keras")!r}).layers))
    """
    assert run(code) == "8"


TRAINING = """
    import numpy as np, keras
    from nengo_softlif.layers import LinearResetLIF, LocallyConnected2D, SoftLIF
    assert keras.backend.backend() == {backend!r}
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).uniform(size=(256, 6, 6, 1)).astype("float32")
    y = (x[:, :3].mean(axis=(1, 2, 3)) > x[:, 3:].mean(axis=(1, 2, 3))).astype(int)
    model = keras.Sequential([
        keras.Input((6, 6, 1)),
        keras.layers.Conv2D(8, 3, bias_initializer="ones"), SoftLIF(amplitude=0.02, noise=10),
        LocallyConnected2D(4, 2, bias_initializer="ones"), LinearResetLIF(amplitude=0.02, noise=5),
        keras.layers.Flatten(), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    model.fit(x, y, epochs=15, verbose=0)
    print(model.evaluate(x, y, verbose=0)[1])
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_plain_fit_learns_on(backend):
    assert float(run(TRAINING.format(backend=backend), KERAS_BACKEND=backend)) > 0.9


def run(code, **env):
    """Run Python code in a process of its own; return what it printed last."""
    import os

    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env={**os.environ, **env, "TF_CPP_MIN_LOG_LEVEL": "3"},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.split()[-1]


@pytest.mark.parametrize(
    "make, words",
    [
        (
            lambda: SoftLIF(tau_rc=0, name="s"),
            r"s.tau_rc must be .* greater than 0, in seconds \(got 0\)",
        ),
        (lambda: SoftLIF(tau_ref=-0.001), "tau_ref must be .* of 0 or more, in seconds"),
        (lambda: SoftLIF(sigma=float("nan")), "sigma must be a finite number"),
        (lambda: SoftLIF(amplitude="1"), "amplitude must be"),
        (
            lambda: SoftLIF(noise=-1),
            "GaussianRateNoise.std must be a finite number of 0 or more, in Hz",
        ),
        (lambda: nsl.FilteredSpikeNoise(-1), "FilteredSpikeNoise.tau_s must be a time"),
        (
            lambda: nsl.FilteredSpikeNoise(0.02, 0.02),
            "FilteredSpikeNoise.tau_rc must differ from tau_s",
        ),
        (lambda: LinearResetLIF(tau_rc=-1), "tau_rc must be"),
        (lambda: LocallyConnected2D(0, 3), "filters must be"),
        (lambda: LocallyConnected2D(3, (3, 0)), "kernel_size must be"),
        (lambda: LocallyConnected2D(3, (3.5, 2)), r"kernel_size must be .*got \(3.5, 2\)"),
        (lambda: LocallyConnected2D(3, 3, use_bias="no"), "use_bias must be True or False"),
        (lambda: SoftLIF(noise="loud"), "noise must be a FilteredSpikeNoise, GaussianRateNoise or"),
        (lambda: SoftLIF(seed=-1, name="s"), "s.seed must be an integer from 0"),
        (lambda: LinearResetLIF(leak="no"), r"leak must be True or False \(got 'no'\)"),
        (lambda: LocallyConnected2D(3, 9)(np.zeros((1, 8, 8, 1))), "does not fit"),
    ],
)
def test_bad_parameters_are_named(make, words):
    with pytest.raises(ParameterError, match=words):
        make()


def test_locally_connected_with_equal_kernels_is_a_convolution():
    x = np.random.default_rng(0).normal(size=(2, 7, 6, 3)).astype("float32")
    conv, local = L.Conv2D(4, (3, 2), strides=(2, 1)), LocallyConnected2D(4, (3, 2), strides=(2, 1))
    expected = np.asarray(conv(x))
    local.build(x.shape)
    kernel, bias = conv.get_weights()
    shape = local.kernel.shape
    local.set_weights(
        [np.broadcast_to(kernel.reshape(shape[2:]), shape), np.broadcast_to(bias, local.bias.shape)]
    )
    np.testing.assert_allclose(local(x), expected, rtol=1e-4, atol=1e-5)


def test_kernels_of_different_places_are_drawn_apart():
    local = LocallyConnected2D(4, 3)
    local.build((None, 8, 8, 2))
    kernels = np.asarray(local.kernel).reshape(36, -1)
    assert len(np.unique(kernels[:, 0])) == 36
    # he_uniform on the fan in of one place, 18
    assert kernels.std() == pytest.approx(np.sqrt(2 / 18), rel=0.1)


def test_compiled_graphs_keep_single_precision():
    J = np.linspace(1.5, 12, 4096, dtype="float32")
    model = keras.Sequential([keras.Input((J.size,)), SoftLIF()])
    expected = soft_lif_rate(J.astype(float))
    np.testing.assert_allclose(model.predict(J[np.newaxis], verbose=0)[0], expected, rtol=2e-6)
