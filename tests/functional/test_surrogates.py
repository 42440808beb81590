"""Surrogate gradients, against finite differences of their smoothed spikes and their integrals."""

import numpy as np
import pytest
from scipy.integrate import quad

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional import surrogates
from nengo_softlif.functional.surrogates import surrogate_from_config

KINDS = [
    surrogates.ExponentialSurrogate(),
    surrogates.ExponentialSurrogate(5),
    surrogates.GaussianSurrogate(),
    surrogates.GaussianSurrogate(3),
    surrogates.FastSigmoidSurrogate(25),
    surrogates.ArcTanSurrogate(2),
    surrogates.TriangularSurrogate(0.3, 0.5),
    surrogates.SigmoidSurrogate(4),
]
EACH = pytest.mark.parametrize("surrogate", KINDS, ids=repr)


@EACH
def test_slopes_are_those_of_the_smoothed_spike(surrogate):
    u, h = np.linspace(-2, 2, 41) + 0.013, 1e-5  # away from the kinks
    difference = (surrogate.smoothed(u + h) - surrogate.smoothed(u - h)) / (2 * h)
    np.testing.assert_allclose(surrogate.slope(u), difference, rtol=1e-4, atol=1e-9)


@EACH
def test_the_integral_of_the_slope_is_the_smoothed_spike(surrogate):
    area = quad(surrogate.slope, -0.7, 0.0)[0] + quad(surrogate.slope, 0.0, 1.3)[0]
    np.testing.assert_allclose(area, surrogate.smoothed(1.3) - surrogate.smoothed(-0.7), rtol=1e-6)


@EACH
def test_slopes_are_highest_at_the_threshold_and_equal_on_both_sides(surrogate):
    u = np.linspace(0.01, 3, 50)
    np.testing.assert_allclose(surrogate.slope(u), surrogate.slope(-u), rtol=1e-9)
    assert (np.diff(surrogate.slope(u)) <= 0).all()
    assert surrogate.slope(0.0) > surrogate.slope(0.01)


@EACH
def test_the_smoothed_spike_rises_from_zero(surrogate):
    assert 0 <= surrogate.smoothed(-1e6) < 1e-6
    assert surrogate.smoothed(0.0) * 2 == pytest.approx(surrogate.smoothed(1e6), rel=1e-5)


@EACH
def test_configurations(surrogate):
    assert surrogate_from_config(surrogate.get_config()) == surrogate


def test_the_formulas_of_the_papers():
    assert surrogates.ExponentialSurrogate().slope(-0.5) == np.exp(-0.5)  # Bondarev, eq. 13
    assert surrogates.FastSigmoidSurrogate(10).slope(0.1) == 0.25
    assert surrogates.TriangularSurrogate().slope(0.25) == pytest.approx(0.3 * 0.75)


@pytest.mark.parametrize(
    "make",
    [
        lambda: surrogates.ExponentialSurrogate(0),
        lambda: surrogates.TriangularSurrogate(width=-1),
        lambda: surrogates.ArcTanSurrogate("steep"),
        lambda: surrogate_from_config({"kind": "Step"}),
        lambda: surrogate_from_config({"kind": "ArcTanSurrogate", "width": 1}),
    ],
)
def test_bad_parameters(make):
    with pytest.raises(ParameterError):
        make()
