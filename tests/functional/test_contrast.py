"""Contrast of images, and its ranks."""

import numpy as np
import pytest

from nengo_softlif import LatencySpikes
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.contrast import difference_of_gaussians, on_off_contrast, ranked

IMAGES = np.random.RandomState(0).uniform(size=(3, 10, 12))


def test_filter_is_balanced_and_symmetric():
    weights = difference_of_gaussians(9, 1.5, 3.0)
    assert abs(weights.sum()) < 1e-12
    assert weights.max() == weights[4, 4] == 1
    np.testing.assert_allclose(weights, weights.T)
    np.testing.assert_allclose(weights, weights[::-1])


def test_uniform_images_have_no_contrast():
    """Except at the edges, outside of which it is dark."""
    contrast = on_off_contrast(np.full((1, 20, 20), 0.7), least=1e-9)
    assert not contrast[:, 3:-3, 3:-3].any()
    assert contrast[:, 0].any()


def test_negative_images_swap_on_and_off():
    on_off = on_off_contrast(IMAGES, least=0)
    np.testing.assert_array_equal(on_off_contrast(-IMAGES, least=0), on_off[..., ::-1])
    assert (on_off.min(axis=-1) == 0).all()


def test_steps_have_as_many_spikes():
    contrast = on_off_contrast(IMAGES, least=0.1)
    spikes = LatencySpikes().encode(ranked(contrast, 7).reshape(3, -1), 7)
    counts = spikes.sum(axis=2)
    np.testing.assert_array_equal(counts.sum(axis=1), (contrast > 0).sum(axis=(1, 2, 3)))
    assert np.ptp(counts, axis=1).max() <= 1


def test_larger_values_come_first():
    values = np.random.RandomState(1).uniform(0.1, 1, size=(2, 30))
    ranks = ranked(values, 5)
    for sample, given in zip(values, ranks, strict=True):
        assert (np.diff(given[np.argsort(sample)]) >= 0).all()


@pytest.mark.parametrize(
    "call, what",
    [
        (lambda: difference_of_gaussians(6), "size must be odd"),
        (lambda: difference_of_gaussians(7, 2, 2), "surround must be wider"),
        (lambda: on_off_contrast(IMAGES[0]), "images must have the shape"),
        (lambda: on_off_contrast(IMAGES, least=-1), "least"),
        (lambda: ranked(IMAGES, 1), "n_ranks"),
        (lambda: ranked(-IMAGES, 3), "contrast"),
    ],
)
def test_bad_arguments(call, what):
    with pytest.raises(ParameterError, match=what):
        call()
