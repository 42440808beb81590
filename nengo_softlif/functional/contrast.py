"""Images as contrast, as the retina sends it: what is brighter or darker than its surround."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import correlate

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_integer, check_number, check_numbers

__all__ = ["difference_of_gaussians", "on_off_contrast", "ranked"]

LEAST_VALUE = 1e-6  # of the last rank, which is there, other than 0


def difference_of_gaussians(
    size: int = 7, center: float = 1.0, surround: float = 2.0
) -> np.ndarray:
    """Filter of a centre less its surround.

    Parameters
    ----------
    size : int
        Pixels of a side (odd).
    center, surround : float
        Standard deviations of the two Gaussians in pixels.

    Returns
    -------
    weights : (size, size) ndarray
        Their sum is 0, the largest is 1.

    Raises
    ------
    ParameterError
        If the size is even, or the surround is not wider than the centre.

    Examples
    --------
    >>> weights = difference_of_gaussians()
    >>> weights.shape, float(weights[3, 3]), bool(abs(weights.sum()) < 1e-12)
    ((7, 7), 1.0, True)
    """
    size = check_integer("size", size, minimum=1)
    if size % 2 == 0:
        raise ParameterError(
            f"size must be odd, so that the filter has a centre (got {size}); take an odd one, "
            "such as 7"
        )
    center = check_number("center", center, above=0)
    surround = check_number("surround", surround, above=0)
    if surround <= center:
        raise ParameterError(
            f"surround must be wider than center (got {surround:g} and {center:g}); give it twice "
            "the width of center"
        )
    distance = np.arange(size) - size // 2
    squared = distance[:, np.newaxis] ** 2 + distance**2
    narrow, wide = (np.exp(-squared / (2 * s**2)) / s**2 for s in (center, surround))
    weights = narrow - wide
    weights -= weights.mean()
    return weights / weights.max()


def on_off_contrast(
    images: ArrayLike, weights: ArrayLike | None = None, *, least: float = 0.2
) -> np.ndarray:
    """What is brighter (on) and darker (off) than its surround.

    Parameters
    ----------
    images : (n, height, width) array_like
        Grey images, from 0 to 1.
    weights : (size, size) array_like, optional
        The filter; `difference_of_gaussians` by default.
    least : float
        Contrast below which there is none (>= 0).

    Returns
    -------
    contrast : (n, height, width, 2) ndarray
        On, then off; 0 where there is none. Outside of the images it is dark.

    Raises
    ------
    ParameterError
        If the shapes are others.

    Examples
    --------
    A bright spot has an on centre and an off surround:

    >>> image = np.zeros((1, 9, 9))
    >>> image[0, 4, 4] = 1
    >>> contrast = on_off_contrast(image, least=0.05)[0]
    >>> contrast[4, 4], bool(contrast[4, 7, 1] > 0)
    (array([1., 0.]), True)
    """
    images = check_numbers("images", images)
    if images.ndim != 3:
        raise ParameterError(
            f"images must have the shape (n, height, width) (got {images.shape}); of images with "
            "one channel take images[..., 0]"
        )
    least = check_number("least", least, minimum=0)
    if weights is None:
        weights = difference_of_gaussians()
    weights = check_numbers("weights", weights)
    if weights.ndim != 2:
        raise ParameterError(
            f"weights must have the shape (height, width) (got {weights.shape}); leave them out "
            "for a difference of Gaussians"
        )
    filtered = correlate(images, weights[np.newaxis], mode="constant")
    both = np.stack([filtered, -filtered], axis=-1)
    return np.where(both > least, both, 0.0)


def ranked(contrast: ArrayLike, n_ranks: int) -> np.ndarray:
    """Replace values by ranks within each sample, as many values in each.

    With `nengo_softlif.LatencySpikes` of as many steps, each step has as many spikes.

    Parameters
    ----------
    contrast : (n, ...) array_like
        Not negative; zeros get no rank.
    n_ranks : int

    Returns
    -------
    values : (n, ...) ndarray
        1 for the first rank, nearly 0 for the last, 0 for zeros.

    Examples
    --------
    >>> ranked([[0.9, 0.0, 0.3, 0.5, 0.1]], 2).round(3)
    array([[1., 0., 0., 1., 0.]])
    """
    contrast = check_numbers("contrast", contrast, minimum=0)
    n_ranks = check_integer("n_ranks", n_ranks, minimum=2)
    heights = np.maximum(1 - np.arange(n_ranks) / (n_ranks - 1), LEAST_VALUE)
    values = np.zeros(contrast.shape)
    for sample, result in zip(
        contrast.reshape(len(contrast), -1), values.reshape(len(contrast), -1), strict=True
    ):
        order = np.argsort(-sample, kind="stable")[: np.count_nonzero(sample)]
        for height, part in zip(heights, np.array_split(order, n_ranks), strict=True):
            result[part] = height
    return values
