"""Windows of pooling, against loops over windows and TensorFlow's own rule of padding."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nengo_softlif.functional.pooling import max_pool, pooled_shape, pooling_windows

sizes = st.integers(1, 9)
axes = st.lists(st.tuples(sizes, sizes, sizes), min_size=1, max_size=3)


def pixels_of(start, size, n):
    return [i for i in range(start, start + size) if 0 <= i < n]


@given(axes=axes, padding=st.sampled_from(["valid", "same"]))
@settings(deadline=None)
def test_windows_hold_the_pixels_that_tensorflow_pools(axes, padding):
    space, size, strides = zip(*axes, strict=True)
    shape = pooled_shape((*space, 1), size, strides, padding)
    if min(shape) < 1:
        assert padding == "valid" and any(k > n for n, k, _ in axes)
        return
    windows = pooling_windows((*space, 1), size, strides, padding)
    assert windows.shape == (np.prod(shape), np.prod(size))
    starts = []
    for n, n_out, k, stride in zip(space, shape[:-1], size, strides, strict=True):
        before = max((n_out - 1) * stride + k - n, 0) // 2 if padding == "same" else 0
        starts.append([o * stride - before for o in range(n_out)])
    for window, corner in zip(windows, itertools.product(*starts), strict=True):
        inside = itertools.product(
            *(pixels_of(start, k, n) for start, k, n in zip(corner, size, space, strict=True))
        )
        assert set(window) == {np.ravel_multi_index(pixel, space) for pixel in inside}


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_the_largest_is_that_of_each_channel(padding, rng):
    import keras

    image = rng.normal(size=(1, 7, 5, 3)).astype(np.float32)
    expected = keras.layers.MaxPooling2D((3, 2), (2, 3), padding=padding)(image)
    windows = pooling_windows(image.shape[1:], (3, 2), (2, 3), padding)
    np.testing.assert_array_equal(max_pool(image.ravel(), windows, 3), np.ravel(expected))
