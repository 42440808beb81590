"""Sums over whole arrays."""

import numpy as np
import pytest

from nengo_softlif.compiled.reductions import sum_of_squares


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
