"""Nothing is counted as less than it is: several spikes in a step, saturation, left-out curves."""

import warnings

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl

L = keras.layers
X = np.linspace(0, 1, 4)[:, np.newaxis] * np.ones(3)
SHOWN = {"presentation": nsl.Presentation(time=0.2), "progress": False}


def identity(factor=1.0, last=None):
    """Three ReLUs of the inputs, times a factor."""
    model = keras.Sequential(
        [keras.Input((3,)), L.Dense(3, "relu", name="h"), L.Dense(3, activation=last, name="out")]
    )
    eye, zero = np.eye(3), np.zeros(3)
    model.set_weights([factor * eye, zero, eye / factor, zero])
    return model


@pytest.mark.parametrize("backend", ["nengo", "compiled"])
@pytest.mark.parametrize(
    "neurons",
    [
        nengo.SpikingRectifiedLinear(),
        nengo.PoissonSpiking(nengo.RectifiedLinear()),
        nengo.RegularSpiking(nengo.RectifiedLinear()),
    ],
    ids=lambda neurons: type(neurons).__name__,
)
def test_several_spikes_in_a_step_are_kept(neurons, backend):
    spiking = nsl.convert(identity(), neurons={"relu": neurons}, scale=4000.0)
    found = nsl.predict(spiking, X, backend=backend, keep="spikes", **SHOWN)
    spikes = found.spikes["h"]
    assert spikes.dtype.kind == "i" and spikes.max() >= 4
    np.testing.assert_allclose(spikes.mean(axis=(0, 1)) / 0.001, found.mean_rates["h"])
    assert found.firing_rates["h"].saturated == 0  # there is no highest rate


def test_single_spikes_are_booleans():
    found = nsl.predict(nsl.convert(identity()), X, keep="spikes", **SHOWN)
    assert found.spikes["h"].dtype == bool


def test_saturated_layers_are_named_and_the_advice_helps():
    model = identity(30.0)
    with pytest.warns(UserWarning, match=r"h: for more than 5 % .*limit of 1000 Hz.*target_rates"):
        cut = nsl.predict(nsl.convert(model), X, **SHOWN).output
    assert np.abs(cut - X).max() > 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scaled = nsl.convert(model, target_rates=200, calibration=X)
        right = nsl.predict(scaled, X, **SHOWN).output
    assert np.abs(right - X).max() < 0.1


@pytest.mark.parametrize("last", ["sigmoid", "softmax"])
def test_targets_are_compared_behind_the_activation_that_was_dropped(last):
    model = identity(last=last)
    targets = model.predict(X, verbose=0)
    spiking = nsl.convert(model, scale=200.0)
    assert list(spiking.dropped.values()) == [last]
    found = nsl.evaluate(spiking, X, targets, task="regression", **SHOWN)
    assert found.rmse < 0.02
    assert found.mse_over_time[-1] == pytest.approx(found.mse)
    np.testing.assert_allclose(found.output, targets, atol=0.05)
    # what predict returns stays what the network sends
    assert np.abs(nsl.predict(spiking, X, **SHOWN).output - X).max() < 0.1
