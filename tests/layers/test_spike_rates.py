"""Firing rates of layers that train in spikes: bounds, and initial weights and thresholds."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.surrogates import FastSigmoidSurrogate
from nengo_softlif.layers import (
    DiscreteLIF,
    FiringRateRegularizer,
    LeakyIntegrator,
    RecurrentLIF,
    SpikingLSTM,
    SubLSTM,
    bondarev_threshold,
    bondarev_weights,
)

L = keras.layers
CURRENTS = np.random.default_rng(0).normal(0.2, 0.5, size=(6, 20, 5)).astype("float32")
LAYERS = pytest.mark.parametrize("cls", [DiscreteLIF, RecurrentLIF])


def penalty(spikes, target=None, lower=None, percentile=None, weight=1.0):
    """The formula in NumPy, of spikes (batch, steps, neurons) at 1 ms a step."""
    rates, total = 1000 * spikes.mean(axis=1), 0.0
    if target is not None:
        statistic = rates.mean() if percentile is None else np.percentile(rates, percentile)
        total += max(0, statistic / target - 1) ** 2
    if lower is not None:
        total += np.mean(np.maximum(0, 1 - rates.mean(axis=0) / lower) ** 2)
    return weight * total


@LAYERS
@pytest.mark.parametrize(
    "bounds",
    [
        {"target": 50},
        {"lower": 400},
        {"target": 50, "percentile": 90, "weight": 0.3},
        {"target": 300, "lower": 200, "weight": 2.0},
        {"target": 1000, "lower": 1e-3},
    ],
    ids=str,
)
def test_the_penalty_is_that_of_numpy_and_in_training_only(cls, bounds):
    keras.utils.set_random_seed(0)
    layer = cls(rate_regularizer=FiringRateRegularizer(**bounds))
    spikes = np.asarray(layer(CURRENTS))
    assert not layer.losses
    np.testing.assert_array_equal(layer(CURRENTS, training=True), spikes)
    (loss,) = layer.losses
    assert float(loss) == pytest.approx(penalty(spikes, **bounds), rel=1e-4, abs=1e-7)


def test_rates_are_means_over_steps_also_in_half_precision():
    spikes = np.ones((1, 4000, 1), "float16")  # more than float16 can count
    layer = DiscreteLIF(
        threshold=0.5, rate_regularizer=FiringRateRegularizer(500), dtype="mixed_float16"
    )
    layer(spikes, training=True)
    assert float(layer.losses[0]) == pytest.approx(1, rel=1e-3)  # twice the target


@pytest.mark.parametrize("bounds, sign", [({"target": 1}, 1), ({"lower": 900}, -1)])
def test_the_gradient_lowers_high_rates_and_raises_low_ones(bounds, sign):
    layer = DiscreteLIF(
        surrogate=FastSigmoidSurrogate(3), rate_regularizer=FiringRateRegularizer(**bounds)
    )
    currents = tf.constant(CURRENTS)
    with tf.GradientTape() as tape:
        tape.watch(currents)
        layer(currents, training=True)
        loss = layer.losses[0]
    slope = tape.gradient(loss, currents).numpy()
    assert np.all(sign * slope >= 0) and np.any(sign * slope > 0)


@pytest.mark.parametrize("cls, options", [(SpikingLSTM, {}), (SubLSTM, {"spiking": True})])
def test_the_penalty_of_gated_cells_is_on_their_output_spikes(cls, options):
    keras.utils.set_random_seed(0)
    bounds = {"target": 20, "lower": 10}
    layer = cls(5, rate_regularizer=FiringRateRegularizer(**bounds), **options)
    spikes = np.asarray(layer(CURRENTS))
    assert not layer.losses
    with tf.GradientTape() as tape:
        np.testing.assert_array_equal(layer(CURRENTS, training=True), spikes)
        (loss,) = layer.losses
    assert float(loss) == pytest.approx(penalty(spikes, **bounds), rel=1e-4) and loss > 0
    assert np.any(tape.gradient(loss, layer.kernel.value))
    config = cls.from_config(layer.get_config()).rate_regularizer.get_config()
    assert config == layer.rate_regularizer.get_config()


def test_rates_of_a_sub_lstm_are_no_firing_rates():
    with pytest.raises(ParameterError, match="rate_regularizer is for outputs that spike"):
        SubLSTM(5, rate_regularizer=FiringRateRegularizer(100))


def test_no_gradient_between_the_bounds():
    layer = DiscreteLIF(rate_regularizer=FiringRateRegularizer(900, lower=0.1))
    currents = tf.constant(CURRENTS + 0.5)
    with tf.GradientTape() as tape:
        tape.watch(currents)
        layer(currents, training=True)
        loss = layer.losses[0]
    assert float(loss) == 0 and not np.any(tape.gradient(loss, currents))


def rates_after_training(layer, bias):
    """Mean rate before training on the penalty alone, and the rates of the neurons after it."""
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(1).uniform(size=(64, 6, 6)).astype("float32")
    dense = L.Dense(20, bias_initializer=keras.initializers.Constant(bias))
    model = keras.Sequential([keras.Input((6, 6)), dense, layer])
    before = 1000 * model.predict(x, verbose=0).mean()
    model.compile(keras.optimizers.Adam(0.03), loss=lambda y, out: 0.0 * out)
    model.fit(x, x[:, :, :1], epochs=20, batch_size=16, verbose=0)
    return before, 1000 * model.predict(x, verbose=0).mean(axis=(0, 1))


def test_silent_neurons_come_to_life():
    layer = DiscreteLIF(rate_regularizer=FiringRateRegularizer(lower=100))
    before, rates = rates_after_training(layer, bias=-1.0)
    assert before < 20 and rates.min() > 50


def test_busy_neurons_calm_down():
    layer = RecurrentLIF(rate_regularizer=FiringRateRegularizer(300))
    before, rates = rates_after_training(layer, bias=2.0)
    assert before > 600 and rates.mean() < 450


@LAYERS
def test_is_stored_with_the_layer(cls, tmp_path):
    regularizer = FiringRateRegularizer(200, weight=0.1, lower=5)
    model = keras.Sequential([keras.Input((4, 3)), cls(rate_regularizer=regularizer, name="a")])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").get_layer("a").rate_regularizer
    assert loaded.get_config() == regularizer.get_config()
    assert "neurons below 5 Hz" in repr(loaded) and "mean above 200 Hz" in repr(loaded)


@pytest.mark.parametrize(
    "bounds, shown",
    [
        ({"target": 20}, "mean above 20 Hz, weight 1"),
        ({"target": 20, "percentile": 99}, "99th percentile above 20 Hz, weight 1"),
        ({"lower": 5, "weight": 0.1}, "neurons below 5 Hz, weight 0.1"),
        ({"target": 20, "lower": 5}, "mean above 20 Hz, neurons below 5 Hz, weight 1"),
    ],
)
def test_every_bound_is_shown(bounds, shown):
    assert repr(FiringRateRegularizer(**bounds)) == f"<FiringRateRegularizer: {shown}>"


@pytest.mark.parametrize(
    "bounds, words",
    [
        ({}, r"target must be .*greater than 0, in Hz \(got None\)"),
        ({"lower": 0}, "lower must be .*greater than 0"),
        ({"lower": "5"}, "lower must be"),
        ({"target": 5, "lower": 5}, r"lower must be below the target of 5 Hz \(got 5 Hz\)"),
        ({"lower": 5, "percentile": 99}, "percentile is compared with a target .*give target"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(bounds, words):
    with pytest.raises(ParameterError, match=words):
        FiringRateRegularizer(**bounds)


def test_layers_take_nothing_else():
    with pytest.raises(ParameterError, match=r"a\.rate_regularizer must be a FiringRateRegul"):
        DiscreteLIF(rate_regularizer=20, name="a")


def test_initial_values_are_those_of_the_paper():
    """784-300-300-10: thresholds of 0.5 and 0.3, weights up to sqrt(3 / h)."""
    assert bondarev_threshold(300) == pytest.approx(0.5)
    assert bondarev_threshold(300, factor=3) == pytest.approx(0.3)
    for n_in, n_out in ((784, 300), (300, 10)):
        weights = np.asarray(bondarev_weights(seed=0)((n_in, n_out)))
        limit = np.sqrt(3 / n_out)
        assert 0.99 * limit < np.abs(weights).max() <= limit
        # the standard deviation of a uniform distribution, within 5 of its standard errors
        assert weights.std() == pytest.approx(limit / np.sqrt(3), rel=5 / np.sqrt(weights.size))
    again = np.asarray(bondarev_weights(seed=0)((300, 10)))
    np.testing.assert_array_equal(again, weights)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: bondarev_threshold(0), "n_neurons must be an integer of 1"),
        (lambda: bondarev_threshold(30.5), "n_neurons must be an integer"),
        (lambda: bondarev_threshold(30, factor=0), "factor must be .*greater than 0"),
        (lambda: bondarev_weights(seed=-1), "seed must be an integer"),
    ],
)
def test_bad_initial_values_are_refused(make, words):
    with pytest.raises(ParameterError, match=words):
        make()


def test_a_readout_without_leak_counts_spikes():
    model = keras.Sequential([keras.Input((20, 5)), DiscreteLIF(), LeakyIntegrator()])
    spikes = np.asarray(model.layers[0](CURRENTS))
    np.testing.assert_array_equal(model.predict(CURRENTS, verbose=0), spikes.sum(axis=1))
