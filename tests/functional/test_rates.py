"""Rate curves: limits, slopes by finite differences, inverses, extremes, errors."""

import inspect
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional import (
    lif_rate,
    lif_slope,
    linear_reset_lif_current,
    linear_reset_lif_rate,
    soft_lif_current,
    soft_lif_rate,
    soft_lif_rate_and_slope,
)

SIGMAS = [1e-4, 1e-3, 0.02, 0.5, 10.0]
WIDE = np.concatenate([-np.logspace(6, -6, 61), [0.0], np.logspace(-6, 6, 61)])

tau_rcs = st.floats(0.001, 0.5)
tau_refs = st.floats(0.0, 0.01)
amplitudes = st.floats(1e-3, 1e3)
sigmas = st.floats(1e-4, 2.0)


def test_golden_values():
    assert float(soft_lif_rate(2.0)) == pytest.approx(63.04, abs=0.005)
    assert float(lif_rate(2.0)) == pytest.approx(1 / (0.002 + 0.02 * np.log(2)))
    assert float(linear_reset_lif_rate(2.0)) == pytest.approx(1 / (0.02 * np.log(2)))


@pytest.mark.parametrize("J", [-1.0, 0.9, 1.01, 1.5, 30.0])
def test_soft_lif_tends_to_lif(J):
    distances = [abs(soft_lif_rate(J, sigma=s) - lif_rate(J)) for s in (0.1, 0.01, 0.001, 0.0001)]
    assert all(after <= before * (1 + 1e-12) for before, after in itertools.pairwise(distances))
    assert distances[-1] < 0.05  # Hz


def test_hard_slope_is_the_finite_difference_and_the_limit_of_the_soft_one():
    J = np.array([1.05, 1.5, 3.0, 50.0])
    parameters = {"tau_rc": 0.03, "tau_ref": 0.001, "amplitude": 2.0}
    slopes = lif_slope(J, **parameters)
    step = 1e-6
    differences = lif_rate(J + step, **parameters) - lif_rate(J - step, **parameters)
    np.testing.assert_allclose(slopes, differences / (2 * step), rtol=1e-5)
    _, soft = soft_lif_rate_and_slope(J, sigma=1e-4, **parameters)
    np.testing.assert_allclose(slopes, soft, rtol=1e-6)
    np.testing.assert_array_equal(lif_slope([-5.0, 1.0]), [0, 0])


def test_lif_at_and_below_threshold_is_silent_and_just_above_is_not():
    np.testing.assert_array_equal(lif_rate([-np.inf, -1e6, 0.0, 1.0]), 0)
    assert 0 < lif_rate(1 + 1e-12) < 2


@pytest.mark.parametrize("sigma", SIGMAS)
def test_slope_is_the_finite_difference(sigma):
    J = 1 + sigma * np.linspace(-30, 30, 121)
    step = 1e-5 * sigma
    _, slope = soft_lif_rate_and_slope(J, sigma=sigma)
    above, below = soft_lif_rate(J + step, sigma=sigma), soft_lif_rate(J - step, sigma=sigma)
    # J itself is rounded at 1, which limits what a difference can show for small sigma
    rounding = 4 * np.finfo(float).eps / step
    numeric = (above - below) / ((J + step) - (J - step))
    np.testing.assert_allclose(slope, numeric, rtol=1e-6 + rounding, atol=1e-9 * slope.max())


@pytest.mark.parametrize("sigma", SIGMAS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extremes_stay_finite_monotone_and_bounded(dtype, sigma):
    J = WIDE.astype(dtype)
    with np.errstate(all="raise", under="ignore"):
        rate, slope = soft_lif_rate_and_slope(
            J,
            tau_rc=dtype(0.02),
            tau_ref=dtype(0.002),
            amplitude=dtype(1),
            sigma=dtype(sigma),
        )
    assert rate.dtype == slope.dtype == dtype
    assert np.all(np.isfinite(rate)) and np.all(np.isfinite(slope))
    assert np.all(rate > 0) and np.all(slope >= 0)
    rounding = 8 * np.finfo(dtype).eps
    assert np.all(np.diff(rate) >= -rounding * rate[1:])
    assert rate[-1] <= 1 / 0.002


@pytest.mark.parametrize("sigma", SIGMAS)
def test_single_precision_agrees_with_double(sigma):
    J = WIDE.astype(np.float32)
    names = {"tau_rc": 0.02, "tau_ref": 0.002, "amplitude": 1.0, "sigma": np.float32(sigma)}
    single = soft_lif_rate_and_slope(J, **{k: np.float32(v) for k, v in names.items()})
    double = soft_lif_rate_and_slope(J.astype(float), **{k: float(v) for k, v in names.items()})
    # x = (J - 1) / sigma enters the exponential with the relative rounding of J near 1
    x = (J.astype(float) - 1) / sigma
    tolerance = np.finfo(np.float32).eps * (20 + 4 * np.minimum(np.abs(x), 50))
    for a, b in zip(single, double, strict=True):
        assert np.all(np.abs(a - b) <= tolerance * np.abs(b) + 1e-36)


def test_far_below_threshold_follows_the_asymptote():
    # log(1 + 1 / (sigma e^x)) = -x - log(sigma) once sigma e^x << 1
    sigma, J = 0.02, np.array([-50.0, -1e3, -1e6])
    x = (J - 1) / sigma
    expected = 1 / (0.002 + 0.02 * (-x - np.log(sigma)))
    np.testing.assert_allclose(soft_lif_rate(J, sigma=sigma), expected, rtol=1e-12)


def test_the_two_sides_of_the_switch_to_the_asymptote_join():
    sigma = 0.02
    J = 1 + sigma * (-36 + np.linspace(-1e-6, 1e-6, 5))
    rate, slope = soft_lif_rate_and_slope(J, sigma=sigma)
    for values in (rate, slope):
        assert np.ptp(values) < 1e-6 * values[0]
        assert np.all(np.diff(values) > 0)


@given(J=st.floats(-5, 100), tau_rc=tau_rcs, tau_ref=tau_refs, amplitude=amplitudes, sigma=sigmas)
def test_current_is_the_inverse_of_the_soft_lif(J, tau_rc, tau_ref, amplitude, sigma):
    parameters = {"tau_rc": tau_rc, "tau_ref": tau_ref, "amplitude": amplitude, "sigma": sigma}
    rate, slope = soft_lif_rate_and_slope(J, **parameters)
    found = soft_lif_current(rate, **parameters)
    # what the last bits of the rate can tell about J
    blur = 16 * np.finfo(float).eps * (rate / slope + abs(J - 1) + 1)
    assert abs(found - J) <= 1e-9 * max(1, abs(J)) + blur


@given(rate=st.floats(1e-3, 1e3), tau_rc=tau_rcs, amplitude=amplitudes, leak=st.booleans())
def test_current_is_the_inverse_of_the_linear_reset_lif(rate, tau_rc, amplitude, leak):
    parameters = {"tau_rc": tau_rc, "leak": leak, "amplitude": amplitude}
    if leak and amplitude / (rate * tau_rc) > 30:
        return  # J - 1 is below the rounding of J
    J = linear_reset_lif_current(rate, **parameters)
    found = linear_reset_lif_rate(J, **parameters)
    rounding = 1e-15 * J / (J - 1) if leak else 0
    np.testing.assert_allclose(found, rate, rtol=1e-9 + 10 * rounding)


@given(amplitude=amplitudes, J=st.floats(-3, 30), tau_ref=tau_refs)
def test_amplitude_scales_the_output(amplitude, J, tau_ref):
    parameters = {"tau_ref": tau_ref, "sigma": 0.1}
    one = np.array(soft_lif_rate_and_slope(J, **parameters))
    many = np.array(soft_lif_rate_and_slope(J, amplitude=amplitude, **parameters))
    np.testing.assert_allclose(many, amplitude * one, rtol=1e-12)


def test_parameters_broadcast_over_neurons():
    J = np.linspace(-1, 3, 9)[:, np.newaxis]
    sigma, tau_rc = np.array([0.01, 0.3]), np.array([0.02, 0.05])
    both = soft_lif_rate(J, sigma=sigma, tau_rc=tau_rc)
    for k in range(2):
        alone = soft_lif_rate(J[:, 0], sigma=sigma[k], tau_rc=tau_rc[k])
        np.testing.assert_allclose(both[:, k], alone, rtol=1e-14)


@pytest.mark.parametrize("leak", [True, False])
@pytest.mark.parametrize("dt", [0.0001, 0.001, 0.002])
def test_linear_reset_rate_counts_the_spikes_of_a_simulation(dt, leak):
    """Mean over many phases, to one spike in the run."""
    tau_rc, seconds = 0.02, 4.0
    J = np.linspace(0.2, 3, 29)
    J = J[np.abs(J - 1) > 0.05] if leak else J
    decay = np.exp(-dt / tau_rc)
    phases = np.linspace(0, 1, 40, endpoint=False)[:, np.newaxis]
    voltage = np.tile(phases, (1, len(J)))
    counts = np.zeros_like(voltage)
    for _ in range(round(seconds / dt)):
        voltage = J + (voltage - J) * decay if leak else voltage + J * dt / tau_rc
        spiked = voltage >= 1
        voltage -= spiked
        counts += spiked
    expected = linear_reset_lif_rate(J, tau_rc=tau_rc, leak=leak, dt=dt)
    # a leaky neuron may lock its spikes to the steps, which moves each by up to half a step
    locking = 0.5 * dt * expected**2 if leak else 0
    assert np.all(np.abs(counts.mean(axis=0) / seconds - expected) <= 1 / seconds + locking)


def test_linear_reset_spikes_at_most_once_a_step():
    assert linear_reset_lif_rate(1e6, leak=False, dt=0.001) == pytest.approx(1000)
    assert linear_reset_lif_rate(1e6, dt=0.001, amplitude=0.5) == pytest.approx(500)


CURVES = [lif_rate, soft_lif_rate, linear_reset_lif_rate]
PARAMETERS = [
    (curve, name)
    for curve in CURVES
    for name in ("tau_rc", "tau_ref", "amplitude", "sigma", "dt")
    if name in inspect.signature(curve).parameters
]


@pytest.mark.parametrize("curve, name", PARAMETERS)
@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_bad_parameters_are_named(curve, name, value):
    rule = "of 0 or more" if name in ("tau_ref", "dt") else "greater than 0"
    with pytest.raises(ParameterError, match=f"{name} must be a finite number {rule}.*got {value}"):
        curve(1.0, **{name: value})


def test_zero_is_refused_where_it_makes_no_sense():
    for name in ("tau_rc", "amplitude", "sigma"):
        with pytest.raises(ParameterError, match=f"{name} must be a finite number greater than 0"):
            soft_lif_rate(1.0, **{name: 0.0})
    assert soft_lif_rate(2.0, tau_ref=0.0) > soft_lif_rate(2.0)


@pytest.mark.parametrize("rate", [0.0, -1.0, 500.0, 1000.0, np.nan])
def test_rates_that_no_current_gives_are_refused(rate):
    if rate > 0:
        words = rf"rates must be below amplitude / tau_ref = 500 \(got {rate:g}\)"
    else:
        words = r"rates must be a finite number greater than 0 \(got "
        with pytest.raises(ParameterError, match=words):
            linear_reset_lif_current(rate)
    with pytest.raises(ParameterError, match=words):
        soft_lif_current(rate)
