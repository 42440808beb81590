"""Composition of linear maps, against the product of their matrices and SciPy."""

import numpy as np
import pytest
import scipy.signal
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.composition import compose, find_box
from nengo_softlif.functional.convolution import ConvolutionMap
from nengo_softlif.functional.linear import IndexMap, to_matrix


def convolution(rng, input_shape, n_filters, size, stride, padding, kernel=None):
    """Make a map with the padding called "same" or "valid"."""
    n_space = len(input_shape) - 1
    if padding == "valid":
        space = [(n - size) // stride + 1 for n in input_shape[:-1]]
        before = [0] * n_space
    else:
        space = [-(-n // stride) for n in input_shape[:-1]]
        before = [
            max((m - 1) * stride + size - n, 0) // 2
            for m, n in zip(space, input_shape[:-1], strict=True)
        ]
    if kernel is None:
        kernel = rng.normal(size=(size,) * n_space + (input_shape[-1], n_filters))
    return ConvolutionMap(
        kernel, input_shape, (*space, n_filters), (stride,) * n_space, tuple(before)
    )


def pooling(rng, input_shape, size):
    channels = input_shape[-1]
    kernel = np.zeros((size,) * (len(input_shape) - 1) + (channels, channels))
    kernel[..., range(channels), range(channels)] = 1 / size ** (len(input_shape) - 1)
    return convolution(rng, input_shape, channels, size, size, "valid", kernel)


def identity(n):
    return IndexMap(np.arange(n), n)


def assert_is_product(composed, *maps):
    expected = np.eye(to_matrix(maps[-1]).shape[1])
    for linear_map in reversed(maps):
        expected = to_matrix(linear_map) @ expected
    np.testing.assert_allclose(to_matrix(composed).toarray(), expected, atol=1e-12)


def test_matrix_of_a_convolution_is_that_of_scipy(rng):
    conv = convolution(rng, (7, 6, 2), 3, 3, 2, "valid")
    image = rng.normal(size=(7, 6, 2))
    expected = sum(
        scipy.signal.correlate(image[..., [c]], conv.kernel[:, :, [c], f], mode="valid")[::2, ::2]
        * (np.arange(3) == f)
        for c in range(2)
        for f in range(3)
    )
    actual = (to_matrix(conv) @ image.ravel()).reshape(conv.output_shape)
    np.testing.assert_allclose(actual, expected, atol=1e-12)


def test_pooling_and_5x5_are_one_10x10_kernel_with_stride_2(rng):
    pool = pooling(rng, (28, 28, 3), 2)
    conv = convolution(rng, (14, 14, 3), 4, 5, 1, "valid")
    both = compose(conv, identity(pool.n_out), pool)
    assert both.kernel.shape == (10, 10, 3, 4)
    assert both.strides == (2, 2)
    assert both.named_padding()[1] == "valid"
    assert_is_product(both, conv, pool)


def test_pooling_and_same_padding_are_one_convolution_with_same_padding(rng):
    pool = pooling(rng, (12, 12, 2), 2)
    conv = convolution(rng, (6, 6, 2), 3, 5, 1, "same")
    both = compose(conv, identity(pool.n_out), pool)
    named, name = both.named_padding()
    assert name == "same"
    assert_is_product(named, conv, pool)


def test_no_convolution_where_the_border_would_be_wrong(rng):
    # of 13 pixels pooling drops the last one, which a longer kernel would see
    pool = pooling(rng, (13, 13, 2), 2)
    conv = convolution(rng, (6, 6, 2), 3, 3, 1, "same")
    both = compose(conv, identity(pool.n_out), pool)
    assert not isinstance(both, ConvolutionMap)
    assert_is_product(both, conv, pool)


def test_zero_padding_and_cropping_become_padding(rng):
    conv = convolution(rng, (10, 10, 2), 3, 3, 1, "valid")
    inner = np.arange(200).reshape(10, 10, 2)[1:-1, 1:-1].ravel()
    padded = compose(conv, IndexMap(inner, 200), identity(128))
    assert padded.named_padding()[1] == "same"
    assert_is_product(padded, conv, IndexMap(inner, 200))

    targets = np.full(conv.n_out, -1)
    kept = np.arange(conv.n_out).reshape(conv.output_shape)[2:, 1:-1].ravel()
    targets[kept] = np.arange(len(kept))
    crop = IndexMap(targets, len(kept))
    cropped = compose(identity(len(kept)), crop, conv)
    assert isinstance(cropped, ConvolutionMap)
    assert_is_product(cropped, crop, conv)
    named, name = cropped.named_padding()
    assert name == "valid"  # thanks to zeros around the kernel
    assert_is_product(named, crop, conv)


def test_concatenated_channels_take_their_part_of_the_kernel(rng):
    pool = pooling(rng, (8, 8, 2), 2)
    conv = convolution(rng, (4, 4, 5), 3, 3, 1, "valid")
    channels = IndexMap(np.arange(80).reshape(4, 4, 5)[..., 1:3].ravel(), 80, scale=0.5)
    both = compose(conv, channels, pool)
    assert both.kernel.shape == (6, 6, 2, 3)
    assert_is_product(both, conv, channels, pool)


def test_outputs_among_others_are_a_matrix(rng):
    conv = convolution(rng, (4, 4, 1), 1, 3, 1, "same")
    for targets in (np.arange(16) + 3, 2 * np.arange(16) + 1):
        place = IndexMap(targets, 40)
        assert_is_product(compose(place, identity(16), conv), place, conv)


def test_anything_else_is_a_matrix(rng):
    pool = pooling(rng, (4, 4, 2), 2)
    dense = rng.normal(size=(3, 8))
    shuffled = IndexMap(rng.permutation(8), 8)
    assert_is_product(compose(dense, shuffled, pool), dense, shuffled, pool)
    assert_is_product(compose(shuffled, shuffled, pool), shuffled, shuffled, pool)
    assert_is_product(compose(pool, identity(32), identity(32)), pool)


def test_index_maps_compose_to_index_maps(rng):
    first = IndexMap(np.array([2, -1, 0]), 4, scale=2.0)
    second = IndexMap(np.array([1, 0, -1, 2]), 3, scale=0.5)
    both = compose(identity(3), second, first)
    assert isinstance(both, IndexMap)
    assert_is_product(both, second, first)


def test_sizes_that_do_not_fit_are_refused(rng):
    with pytest.raises(ParameterError, match="got 5 inputs after 4 outputs"):
        compose(identity(5), identity(4), identity(4))


def test_find_box():
    indices = np.arange(24).reshape(2, 3, 4)
    assert find_box(indices[:, 1:, 2:3].ravel(), (2, 3, 4)) == ((0, 2), (1, 3), (2, 3))
    assert find_box(indices[:, 1:, 2:3].ravel()[::-1], (2, 3, 4)) is None
    assert find_box(indices[:, ::2].ravel(), (2, 3, 4)) is None
    assert find_box([], (2, 3, 4)) is None
    assert find_box([-1, 0, 1], (2, 3, 4)) is None
    assert find_box([0, 1, -1], (2, 3, 4)) is None


sizes = st.integers(1, 4)
paddings = st.sampled_from(["valid", "same"])


@settings(max_examples=150, deadline=None)
@given(
    n=st.integers(8, 14),
    size=st.tuples(sizes, sizes),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(paddings, paddings),
    crop=st.integers(0, 1),
    seed=st.integers(0, 100),
)
def test_composition_is_always_the_product(n, size, stride, padding, crop, seed):
    rng = np.random.default_rng(seed)
    first = convolution(rng, (n, 2), 3, size[0], stride[0], padding[0])
    n_mid = first.output_shape[0] - crop
    if n_mid < size[1]:
        return
    targets = np.arange(first.n_out) - crop * 3
    middle = IndexMap(np.maximum(targets, -1), n_mid * 3)
    second = convolution(rng, (n_mid, 3), 2, size[1], stride[1], padding[1])
    both = compose(second, middle, first)
    assert_is_product(both, second, middle, first)
    if isinstance(both, ConvolutionMap):
        named, name = both.named_padding()
        assert_is_product(named, second, middle, first)
        if name is not None:
            frameworks = convolution(
                rng, named.input_shape, 2, len(named.kernel), *named.strides, name, named.kernel
            )
            assert frameworks.output_shape == named.output_shape
            assert frameworks.padding == named.padding
    elif padding[1] == "valid":
        raise AssertionError("without padding in the middle it must be a convolution")


def test_a_matrix_that_becomes_one_stays_as_it_is():
    """Nengo makes the arrays of a sparse transform read-only when it is built."""
    given = scipy.sparse.csr_matrix(([1.0, 0.0, 2.0], ([0, 0, 1], [0, 1, 1])), shape=(2, 2))
    for array in (given.data, given.indices, given.indptr):
        array.flags.writeable = False
    assert to_matrix(given).nnz == 2
    assert given.nnz == 3
