"""Windows of pooling over images, channels last."""

from __future__ import annotations

import numpy as np

from nengo_softlif.functional.padding import n_windows, zeros_before

__all__ = ["max_pool", "pooled_shape", "pooling_windows"]


def pooled_shape(input_shape, pool_size, strides, padding):
    """Shape of what pooling makes of an image.

    Parameters
    ----------
    input_shape : tuple of int
        Spatial shape and number of channels.
    pool_size, strides : tuple of int
        Size of a window, and the step from one to the next, in each spatial dimension.
    padding : {"valid", "same"}
        As in `nengo_softlif.functional.padding`.

    Returns
    -------
    shape : tuple of int
        A size below 1 means that no window fits.

    Examples
    --------
    >>> pooled_shape((5, 5, 3), (2, 2), (2, 2), "valid")
    (2, 2, 3)
    >>> pooled_shape((5, 5, 3), (2, 2), (2, 2), "same")
    (3, 3, 3)
    """
    *space, channels = input_shape
    axes = zip(space, pool_size, strides, strict=True)
    return (*(n_windows(*axis, padding) for axis in axes), channels)


def pooling_windows(input_shape, pool_size, strides, padding):
    """List the pixels of each window.

    Parameters
    ----------
    input_shape, pool_size, strides, padding
        As for `pooled_shape`.

    Returns
    -------
    windows : (n_windows, n_taps) int ndarray
        Pixels by number, row by row. In the place of those outside of the image is one that is
        inside, which makes no difference to the largest.

    Examples
    --------
    >>> pooling_windows((3, 1), (2,), (2,), "same")
    array([[0, 1],
           [2, 2]])
    """
    *space, _ = input_shape
    shape = pooled_shape(input_shape, pool_size, strides, padding)
    axes = []
    for n, n_out, size, stride in zip(space, shape[:-1], pool_size, strides, strict=True):
        before = zeros_before(n, size, stride, padding)
        pixels = stride * np.arange(n_out)[:, np.newaxis] + np.arange(size) - before
        axes.append(np.clip(pixels, 0, n - 1))  # the nearest inside is in the window too
    windows = np.zeros((1, 1), int)
    for n, pixels in zip(space, axes, strict=True):
        windows = windows[:, np.newaxis, :, np.newaxis] * n + pixels[:, np.newaxis, :]
        windows = windows.reshape(windows.shape[0] * windows.shape[1], -1)
    return windows


def max_pool(x, windows, channels):
    """Largest value in each window, channel by channel.

    Parameters
    ----------
    x : (n_pixels * channels,) ndarray
        Image, flattened with channels last.
    windows : (n_windows, n_taps) int ndarray
        From `pooling_windows`.
    channels : int

    Returns
    -------
    largest : (n_windows * channels,) ndarray

    Examples
    --------
    >>> max_pool(np.array([1.0, 7.0, 4.0]), pooling_windows((3, 1), (2,), (1,), "valid"), 1)
    array([7., 7.])
    """
    return x.reshape(-1, channels)[windows].max(axis=1).ravel()
