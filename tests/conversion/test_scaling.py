"""Firing-rate scaling: applied once, exact for rectified lines, a warning for curves."""

import warnings

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion.rate_run import RateRun
from nengo_softlif.layers import SoftLIF

L = keras.layers


@pytest.fixture
def relu_model():
    keras.utils.set_random_seed(1)
    layers = [
        keras.Input((6, 6, 2)),
        L.Conv2D(4, 3, activation="relu", name="a"),
        L.Flatten(),
        L.Dense(10, activation="relu", name="b"),
        L.Dense(3, name="out"),
    ]
    return keras.Sequential(layers)


@pytest.fixture
def items():
    return np.random.default_rng(0).uniform(size=(10, 6, 6, 2))


@pytest.mark.parametrize("neurons", [None, {"relu": nengo.SpikingRectifiedLinear()}])
@pytest.mark.parametrize("scale", [0.1, 1, 250, {"a": 10.0, "b": 300.0}])
def test_scaling_a_rectified_line_changes_nothing_but_rates(relu_model, items, scale, neurons):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spiking = nsl.convert(relu_model, scale=scale, neurons=neurons)
    assert max(c.max_rel for c in nsl.conversion.verify(relu_model, spiking, items)) < 1e-5
    for layer in spiking.layers:
        factor = scale[layer.name] if isinstance(scale, dict) else scale
        assert layer.scale == factor
        assert layer.amplitude == pytest.approx(1 / factor)


def test_by_default_one_is_a_hundred_hertz(relu_model):
    spiking = nsl.convert(relu_model)
    assert [layer.scale for layer in spiking.layers] == [100, 100]
    assert any("a, b: an activation of 1 became 100 Hz" in note for note in spiking.notes)


@pytest.mark.parametrize("percentile", [90.0, 99.0])
def test_targets_are_met_on_the_calibration_images(relu_model, items, percentile):
    targets = {"a": 80.0, "b": 150.0}
    spiking = nsl.convert(
        relu_model, target_rates=targets, calibration=items, percentile=percentile
    )
    for layer in spiking.layers:
        rates = rates_of(spiking, layer, items)
        assert np.percentile(rates, percentile) == pytest.approx(targets[layer.name], rel=1e-6)
    assert max(c.max_rel for c in nsl.conversion.verify(relu_model, spiking, items)) < 1e-5


def rates_of(spiking, layer, items):
    """Firing rates in Hz of the rate version."""
    rates = []
    with RateRun(spiking.graph) as run:
        for item in items:
            run.present(dict.fromkeys(spiking.inputs, item))
            rates.append(run.result(layer.name) / layer.amplitude)
    return np.array(rates)


def test_scaling_a_lif_curve_warns_with_numbers_and_hits_the_target(items):
    keras.utils.set_random_seed(1)
    layers = [
        keras.Input((6, 6, 2)),
        L.Conv2D(4, 3, bias_initializer="ones"),
        SoftLIF(amplitude=0.01, name="a"),
        L.Flatten(),
        L.Dense(10, bias_initializer="ones"),
        SoftLIF(amplitude=0.01, name="b"),
    ]
    model = keras.Sequential(layers)
    with pytest.warns(
        UserWarning, match=r"scaling '[ab]' by .* changes its SpikingLIF curve: by up to \d"
    ) as seen:
        spiking = nsl.convert(model, target_rates=120, calibration=items)
    assert len([w for w in seen if "changes its" in str(w.message)]) == 2
    for layer in spiking.layers:
        assert np.percentile(rates_of(spiking, layer, items), 99.9) == pytest.approx(120, rel=1e-3)


def test_a_layer_that_never_gets_current_has_the_default_scale():
    model = keras.Sequential([keras.Input((3,)), L.Dense(4, activation="relu", name="dead")])
    model.set_weights([-np.ones((3, 4)), -np.ones(4)])
    with pytest.warns(UserWarning, match="'dead': the 99.9th percentile of the firing rates is 0"):
        spiking = nsl.convert(model, target_rates=100, calibration=np.ones((2, 3)))
    assert spiking.layers[0].scale == 100


def test_layers_without_a_target_have_the_default_scale(relu_model, items):
    spiking = nsl.convert(relu_model, target_rates={"b": 50.0}, calibration=items)
    assert spiking.layers[0].scale == 100 and spiking.layers[1].scale != 100


def test_large_biases_lower_the_default_scale(relu_model):
    """A neuron has one spike a step: biases alone take at most every second step of 1 ms."""
    weights = relu_model.get_weights()
    weights[1][:] = [-50.0, 0.0, 3.0, 40.0]
    relu_model.set_weights(weights)
    spiking = nsl.convert(relu_model)
    assert spiking.layers[0].scale == pytest.approx(500 / 40)
    assert any("its biases alone make activations of 40" in note for note in spiking.notes)
    samples = np.random.default_rng(0).uniform(size=(2, 6, 6, 2))
    nsl.conversion.verify(relu_model, spiking, samples)
    assert nsl.convert(relu_model, scale=100).layers[0].scale == 100
    rates = rates_of(spiking, spiking.layers[0], samples)
    assert 500 < rates.max() < 1000


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "gelu", "elu"])
def test_curves_are_fired_faster_not_changed(activation, items):
    layers = [keras.Input((6, 6, 2)), L.Flatten(), L.Dense(5, activation, name="c"), L.Dense(2)]
    model = keras.Sequential(layers)
    networks = {
        100: nsl.convert(model),
        250: nsl.convert(model, scale=250),
        None: nsl.convert(model, target_rates=80, calibration=items, percentile=100),
    }
    for rate, spiking in networks.items():
        nsl.conversion.verify(model, spiking, items)
        rates = np.abs(rates_of(spiking, spiking.layers[0], items))
        if rate is None:
            assert rates.max() == pytest.approx(80)
        else:
            assert spiking.layers[0].amplitude == pytest.approx(1 / rate)
