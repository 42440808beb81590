"""Vectors of numbers: sums, series, parts that are stored."""

import numpy as np
import pytest

from nengo_softlif.compiled.compiler import compiled
from nengo_softlif.compiled.reductions import sum_of_squares
from nengo_softlif.compiled.series import SMALL, expm1_of_lanes, log1p_of_lanes
from nengo_softlif.compiled.simd import WIDTH, load, store, store_first


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 1000])
def test_sum_of_squares(n, dtype):
    values = np.random.RandomState(n).randn(n).astype(dtype)
    assert sum_of_squares(values) == pytest.approx(np.sum(values**2), rel=1e-5)


@pytest.mark.parametrize("fault", [np.nan, np.inf, -np.inf, 1e20])
@pytest.mark.parametrize("place", range(0, 129, 8))
def test_what_single_precision_cannot_square_is_found_anywhere(fault, place):
    values = np.zeros(129, np.float32)
    values[place] = fault
    assert not np.isfinite(sum_of_squares(values))


@compiled
def _in_lanes(x, logarithms, exponentials):
    store(logarithms, 0, log1p_of_lanes(load(x, 0)))
    store(exponentials, 0, expm1_of_lanes(load(x, 0)))


@compiled
def _store_some(target, source, count):
    store_first(target, 0, load(source, 0), count)


def test_series_are_exact_to_single_precision():
    for x in np.linspace(-SMALL, SMALL, 40 * WIDTH, dtype=np.float32).reshape(-1, WIDTH):
        logarithms, exponentials = np.zeros((2, WIDTH), np.float32)
        _in_lanes(x, logarithms, exponentials)
        np.testing.assert_allclose(logarithms, np.log1p(x.astype(float)), rtol=4e-7)
        np.testing.assert_allclose(exponentials, np.expm1(x.astype(float)), rtol=4e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [0, 1, 7, WIDTH, WIDTH + 5])
def test_a_part_of_the_lanes_is_stored(count, dtype):
    target, source = np.zeros(WIDTH + 1, dtype), np.arange(1, WIDTH + 2, dtype=dtype)
    _store_some(target, source, count)
    expected = np.where(np.arange(WIDTH + 1) < min(count, WIDTH), source, 0)
    np.testing.assert_array_equal(target, expected)
