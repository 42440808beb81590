"""Numbers of Loihi, against Python's integers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nengo_softlif.functional.fixed_point import (
    FRACTION_BITS,
    HIGHEST_VOLTAGE,
    HIGHEST_WEIGHT,
    UNIT,
    WEIGHT_UNITS,
    integrate_fixed,
    lowest_voltage,
    n_clipped,
    round_decay,
    round_threshold,
    round_weights,
    weight_unit,
)

VOLTAGES = st.integers(-HIGHEST_VOLTAGE, HIGHEST_VOLTAGE)
WEIGHTS = arrays(np.float32, 12, elements=st.floats(-30, 30, width=32))


def in_integers(q, v, keep, lowest):
    """A step of the chip."""
    size = abs(v) * keep >> 12
    left = -size if v < 0 else size
    return min(max(left + q, lowest), HIGHEST_VOLTAGE)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(q=st.integers(-(2**21), 2**21), v=VOLTAGES, keep=st.integers(0, 4096))
def test_a_step_is_exact_in_either_precision(dtype, q, v, keep):
    lowest = -HIGHEST_VOLTAGE
    numbers = (q * UNIT, v * UNIT, keep / 4096, lowest * UNIT, UNIT, HIGHEST_VOLTAGE * UNIT)
    found = integrate_fixed(*(dtype(x) for x in numbers))
    assert found.dtype == dtype and found / UNIT == in_integers(q, v, keep, lowest)


@given(WEIGHTS)
def test_weights_have_a_mantissa_of_seven_bits_and_one_exponent(weights):
    rounded, unit = round_weights(weights), weight_unit(weights)
    assert unit in WEIGHT_UNITS
    mantissa = rounded / unit
    assert np.all(mantissa == np.round(mantissa)) and np.all(np.abs(mantissa) <= 127)
    fits = np.abs(weights) <= HIGHEST_WEIGHT
    assert np.all(np.abs(rounded - weights)[fits] <= unit / 2)
    assert np.count_nonzero(np.abs(weights) >= HIGHEST_WEIGHT + unit / 2) == n_clipped(weights)
    # half of the unit would not do
    if unit > WEIGHT_UNITS[0]:
        assert np.round(np.abs(weights).max() / (unit / 2)) > 127


@given(WEIGHTS)
def test_rounded_weights_stay(weights):
    rounded = round_weights(weights)
    np.testing.assert_array_equal(round_weights(rounded), rounded)
    np.testing.assert_array_equal(round_weights(-weights), -rounded)


@given(st.floats(0, 1))
def test_decays_have_twelve_bits(decay):
    rounded = round_decay(decay)
    assert 1 <= rounded * 4096 <= 4096 and rounded * 4096 == np.round(rounded * 4096)
    assert abs(rounded - decay) <= 0.5 / 4096 or decay < 1 / 4096


@given(st.floats(0.001, 63), st.booleans())
def test_thresholds_are_those_that_the_chip_compares_with(threshold, subtracts):
    rounded = round_threshold(threshold, subtracts)
    integer = rounded * 2**FRACTION_BITS - (not subtracts)  # the chip spikes above it
    assert integer % 64 == 0 and 64 <= integer <= (2**17 - 1) * 64
    assert abs(rounded - threshold) <= 33 * UNIT


@pytest.mark.parametrize("lowest", [0.0, -0.5, -64.0, -np.inf])
def test_floors_are_one_unit_above_powers_of_two(lowest):
    integer = -lowest_voltage(lowest) / UNIT
    assert np.log2(integer + 1) % 1 == 0 and integer <= HIGHEST_VOLTAGE
