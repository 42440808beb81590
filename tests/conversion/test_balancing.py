"""Thresholds for few steps: the least error, its limits, and what is refused."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion import balanced_scales
from nengo_softlif.errors import ConversionError, ParameterError
from nengo_softlif.layers import SoftLIF

L = keras.layers


def line(slope=1.0):
    """One ReLU of its input."""
    model = keras.Sequential([keras.Input((1,)), L.Dense(1, activation="relu", name="hidden")])
    model.set_weights([np.full((1, 1), slope), np.zeros(1)])
    return model


@pytest.mark.parametrize("start", [0.0, 0.5])
def test_no_other_threshold_has_a_lower_error(start):
    values = np.random.RandomState(0).exponential(size=(100, 1))
    n_steps, dt = 8, 0.001
    scale = balanced_scales(line(), values, n_steps=n_steps, start=start)["hidden"]

    def error(threshold):
        spikes = np.clip(np.floor(n_steps * values / threshold + start), 0, n_steps)
        return np.mean((threshold * spikes / n_steps - values) ** 2)

    chosen = 1 / (scale * dt)
    assert chosen < values.max()  # what is rare is cut off
    others = np.linspace(0.05, 1, 20) * values.max()
    assert error(chosen) <= min(map(error, others)) * (1 + 1e-9)


def test_many_steps_cut_nothing_off():
    values = np.random.RandomState(0).exponential(size=(100, 1))
    scale = balanced_scales(line(), values, n_steps=100_000)["hidden"]
    assert scale == pytest.approx(1000 / values.max())


def test_goes_by_activations_and_the_step():
    values = np.random.RandomState(0).exponential(size=(100, 1))
    once = balanced_scales(line(), values, n_steps=8)["hidden"]
    assert balanced_scales(line(2.0), values, n_steps=8)["hidden"] == pytest.approx(once / 2)
    assert balanced_scales(line(), values, n_steps=8, dt=0.01)["hidden"] == pytest.approx(once / 10)


def test_spikes_say_in_few_steps_what_the_formula_says():
    values = np.random.RandomState(0).exponential(size=(20, 1))
    scales = balanced_scales(line(), values, n_steps=8)
    half = nsl.SpikingLinearResetLIF(
        tau_rc=1.0, leak=False, initial_state={"voltage": nengo.dists.Choice([0.5])}
    )
    spiking = nsl.convert(line(), synapse=None, scale=scales, neurons={"relu": half})
    result = nsl.evaluate(
        spiking,
        values,
        np.zeros(20, int),
        backend="compiled",
        presentation=nsl.Presentation(time=0.008, classify_from=0.0),
        keep="outputs",
        progress=False,
    )
    threshold = 1000 / scales["hidden"]
    expected = threshold / 8 * np.clip(np.floor(8 * values / threshold + 0.5), 0, 8)
    outputs = np.mean(result.output_over_time, axis=1)
    # a value exactly between two numbers of spikes may go either way
    assert np.sum(np.abs(outputs - expected) > 1e-4) <= 1


@pytest.mark.parametrize(
    "options, words",
    [
        ({"n_steps": 0}, "n_steps must be"),
        ({"n_steps": 8, "dt": 0}, "dt must be"),
        ({"n_steps": 8, "start": 2}, "start must be"),
        ({"n_steps": 8, "max_pool": "median"}, "max_pool must be"),
    ],
)
def test_options_out_of_range(options, words):
    with pytest.raises(ParameterError, match=words):
        balanced_scales(line(), [[1.0]], **options)


def test_other_curves_are_refused():
    model = keras.Sequential([keras.Input((2,)), L.Dense(3), SoftLIF(name="soft")])
    with pytest.raises(ConversionError, match="soft has another"):
        balanced_scales(model, np.ones((2, 2)), n_steps=8)


def test_a_silent_layer_is_named():
    with pytest.raises(ConversionError, match="'hidden' is never active"):
        balanced_scales(line(-1.0), [[1.0], [2.0]], n_steps=8)


def test_a_population_that_is_never_active_is_left_out_and_gets_the_default_scale():
    model = keras.Sequential([keras.Input((2,)), L.Dense(3), L.ReLU(max_value=6.0, name="six")])
    samples = np.random.default_rng(0).uniform(size=(5, 2))
    model.set_weights([np.ones((2, 3)), np.zeros(3)])
    with pytest.warns(UserWarning, match="'six/excess' is never active"):
        scales = balanced_scales(model, samples, n_steps=16)
    assert list(scales) == ["six/positive"]
    spiking = nsl.convert(model, scale=scales)
    assert [layer.scale for layer in spiking.layers] == [scales["six/positive"], 100.0]
