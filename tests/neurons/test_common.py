"""What holds for all four neuron types."""

import pickle
import warnings

import nengo
import numpy as np
import pytest
from nengo.exceptions import ValidationError

import nengo_softlif as nsl

TYPES = [nsl.SoftLIFRate, nsl.SpikingLIF, nsl.LinearResetLIFRate, nsl.SpikingLinearResetLIF]


def test_rates_take_all_the_shapes_of_nengo(any_neuron):
    gain, bias = np.array([1.0, 2.0, 0.5]), np.array([0.5, 1.0, 2.0])
    x = np.linspace(-1, 1, 5)
    expected = any_neuron.rates(np.tile(x[:, np.newaxis], 3), gain, bias)
    assert expected.shape == (5, 3)
    np.testing.assert_array_equal(any_neuron.rates(x, gain, bias), expected)
    alone = any_neuron.rates(x, gain[1], bias[1])
    np.testing.assert_allclose(alone.ravel(), expected[:, 1])


def test_gain_and_bias_put_the_neuron_where_it_was_asked_for(any_neuron):
    max_rates, intercepts = np.array([50.0, 120.0, 300.0]), np.array([-0.9, 0.0, 0.8])
    gain, bias = any_neuron.gain_bias(max_rates, intercepts)
    at_one = any_neuron.rates(np.ones(1), gain, bias)[0]
    np.testing.assert_allclose(
        at_one, any_neuron.amplitude * max_rates, rtol=0.02 if smooth(any_neuron) else 1e-9
    )
    found = any_neuron.max_rates_intercepts(gain, bias)
    np.testing.assert_allclose(found, [max_rates, intercepts], rtol=1e-9, atol=1e-12)


def test_neurons_that_stay_silent_cause_no_warning(any_neuron):
    gain, bias = np.array([1.0, 1.0, 2.0]), np.array([0.0, -5.0, 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        max_rates, intercepts = any_neuron.max_rates_intercepts(gain, bias)
    assert np.all(np.isfinite(max_rates)) and max_rates[1] <= max_rates[0] < max_rates[2]
    np.testing.assert_allclose(intercepts, (getattr(any_neuron, "threshold", 1) - bias) / gain)


def smooth(neuron_type):
    """Whether gain and bias follow the hard curve, but the rates the smooth one."""
    return type(neuron_type) is nsl.LinearResetLIFRate and neuron_type.leak


def test_max_rates_are_reached_in_a_simulation(any_neuron):
    if any_neuron.amplitude != 1:
        any_neuron = type(any_neuron)()
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(
            10,
            1,
            neuron_type=any_neuron,
            max_rates=np.linspace(40, 200, 10),
            intercepts=np.zeros(10),
            encoders=np.ones((10, 1)),
        )
        nengo.Connection(nengo.Node([1.0]), ens, synapse=None)
        probe = nengo.Probe(ens.neurons)
    with nengo.Simulator(net, progress_bar=False) as sim:
        sim.run(1.0)
    # one spike, and the rounding of spikes to steps
    expected = np.linspace(40, 200, 10)
    assert np.all(np.abs(sim.data[probe].mean(axis=0) - expected) <= 1.5 + 0.03 * expected)


def test_equality_hash_repr_and_pickle(any_neuron):
    copy = pickle.loads(pickle.dumps(any_neuron))
    assert copy == any_neuron
    assert hash(copy) == hash(any_neuron)
    assert type(any_neuron)(sigma=0.123) != any_neuron
    assert "sigma=0.123" in repr(type(any_neuron)(sigma=0.123))


def test_noise_is_part_of_the_identity():
    for cls in TYPES:
        with_noise = cls(noise=nsl.GaussianRateNoise(5.0))
        assert with_noise == cls(noise=nsl.GaussianRateNoise(5.0))
        assert hash(with_noise) == hash(cls(noise=nsl.GaussianRateNoise(5.0)))
        assert with_noise != cls()
        assert with_noise != cls(noise=nsl.GaussianRateNoise(5.0, antithetic=True))
        assert "GaussianRateNoise(std=5.0, antithetic=False)" in repr(with_noise)


def test_noise_does_not_reach_a_simulation():
    for cls in (nsl.SoftLIFRate, nsl.LinearResetLIFRate):
        J, quiet, noisy = np.linspace(-1, 3, 9), np.zeros(9), np.zeros(9)
        cls().step(dt=0.001, J=J, output=quiet)
        cls(noise=nsl.GaussianRateNoise(100.0)).step(dt=0.001, J=J, output=noisy)
        np.testing.assert_array_equal(noisy, quiet)


@pytest.mark.parametrize("cls", TYPES)
@pytest.mark.parametrize("name", ["tau_rc", "amplitude", "sigma"])
def test_parameters_that_must_be_positive(cls, name):
    for value in (0, -1):
        with pytest.raises(
            ValidationError, match=rf"{name}: Value must be greater than 0 \(got {value}\)"
        ):
            cls(**{name: value})


@pytest.mark.parametrize("cls", [nsl.SoftLIFRate, nsl.SpikingLIF])
def test_negative_refractory_period_is_refused(cls):
    with pytest.raises(ValidationError, match="tau_ref: Value must be greater than or equal to 0"):
        cls(tau_ref=-0.001)


@pytest.mark.parametrize("cls", [nsl.SpikingLIF, nsl.SpikingLinearResetLIF])
def test_positive_min_voltage_is_refused(cls):
    with pytest.raises(ValidationError, match="min_voltage: Value must be less than or equal to 0"):
        cls(min_voltage=0.5)


@pytest.mark.parametrize(
    "cls, name",
    [
        (cls, name)
        for cls in TYPES
        for name in ("tau_rc", "tau_ref", "amplitude", "sigma")
        if hasattr(cls, name)
    ],
)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, np.float32(np.nan), np.array(np.inf)])
def test_parameters_that_must_be_finite(cls, name, value):
    words = rf"{cls.__name__}\.{name}: Value must be a finite number \(got {value}\)"
    with pytest.raises(ValidationError, match=words):
        cls(**{name: value})


@pytest.mark.parametrize("cls", [nsl.SpikingLIF, nsl.SpikingLinearResetLIF])
def test_min_voltage_may_be_infinite_but_not_nan(cls):
    assert cls(min_voltage=-np.inf).min_voltage == -np.inf
    words = rf"{cls.__name__}\.min_voltage: Value must be a number \(got nan\)"
    with pytest.raises(ValidationError, match=words):
        cls(min_voltage=np.nan)
    with pytest.raises(ValidationError, match="min_voltage: Value must be less than or equal to 0"):
        cls(min_voltage=np.inf)


@pytest.mark.parametrize("cls", TYPES)
def test_noise_of_another_kind_is_refused(cls):
    with pytest.raises(
        ValidationError, match="noise: Must be of type 'GaussianRateNoise or FilteredSpikeNoise'"
    ):
        cls(noise=10.0)


def test_max_rates_that_no_neuron_reaches_are_refused():
    with pytest.raises(ValidationError, match="Max rates must be below the inverse refractory"):
        nsl.SoftLIFRate(tau_ref=0.01).gain_bias([100.0], [0.0])
    with pytest.raises(
        ValidationError, match="max_rates: rates must be finite numbers greater than 0"
    ):
        nsl.SpikingLinearResetLIF().gain_bias([0.0], [0.0])
