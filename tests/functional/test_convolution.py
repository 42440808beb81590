"""Every convolution has the matrix of what Nengo and Keras compute, in the type of its kernel."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nengo_softlif.functional.convolution import ConvolutionMap, convolution_map, dilated

paddings = st.sampled_from(["valid", "same"])
axes = st.lists(
    st.tuples(st.integers(1, 7), st.integers(1, 4), st.integers(1, 3)), min_size=1, max_size=2
)


def responses(transform):
    """Matrix of a transform: what `nengo.Simulator` makes of an impulse to each input in turn."""
    with nengo.Network(add_to_container=False) as net:
        node = nengo.Node(lambda t: np.eye(transform.size_in)[round(t / 0.001) - 1])
        out = nengo.Node(size_in=transform.size_out)
        nengo.Connection(node, out, transform=transform, synapse=None)
        probe = nengo.Probe(out)
    with nengo.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(transform.size_in)
    return sim.data[probe].T


def described(transform):
    return convolution_map(
        transform.init,
        transform.input_shape.shape,
        strides=transform.strides,
        padding=transform.padding,
        groups=transform.groups,
        channels_last=transform.channels_last,
        transposed=isinstance(transform, nengo.ConvolutionTranspose),
        output_shape=transform.output_shape.shape,
    )


@settings(max_examples=60, deadline=None)
@given(
    axes=axes,
    padding=paddings,
    channels_last=st.booleans(),
    groups=st.integers(1, 3),
    per_group=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    seed=st.integers(0, 99),
)
def test_convolutions_of_nengo(axes, padding, channels_last, groups, per_group, seed):
    space, size, strides = zip(*axes, strict=True)
    if padding == "valid":
        size = tuple(np.minimum(size, space))
    n_in, n_out = per_group
    channels = n_in * groups
    transform = nengo.Convolution(
        n_out * groups,
        (*space, channels) if channels_last else (channels, *space),
        kernel_size=size,
        strides=strides,
        padding=padding,
        channels_last=channels_last,
        groups=groups,
        init=np.random.RandomState(seed).randn(*size, n_in, n_out * groups),
    )
    conv = described(transform)
    expected = responses(transform)
    np.testing.assert_allclose(conv.matrix().toarray(), expected, atol=1e-12)
    np.testing.assert_allclose(conv.ungrouped().matrix().toarray(), expected, atol=1e-12)
    np.testing.assert_allclose(conv.transpose().matrix().toarray(), expected.T, atol=1e-12)
    assert conv.ungrouped().groups == 1


@settings(max_examples=60, deadline=None)
@given(
    axes=axes,
    padding=paddings,
    channels_last=st.booleans(),
    channels=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    seed=st.integers(0, 99),
)
def test_transposed_convolutions_of_nengo(axes, padding, channels_last, channels, seed):
    """With every size of output that Nengo allows, not only the smallest."""
    space, size, strides = zip(*axes, strict=True)
    if padding == "valid":
        size = tuple(np.minimum(size, space))
        small = [(n - k) // s + 1 for n, k, s in zip(space, size, strides, strict=True)]
    else:
        small = [-(-n // s) for n, s in zip(space, strides, strict=True)]
    n_in, n_out = channels
    transform = nengo.ConvolutionTranspose(
        n_out,
        (*small, n_in) if channels_last else (n_in, *small),
        output_shape=(*space, n_out) if channels_last else (n_out, *space),
        kernel_size=size,
        strides=strides,
        padding=padding,
        channels_last=channels_last,
        init=np.random.RandomState(seed).randn(*size, n_in, n_out),
    )
    conv = described(transform)
    np.testing.assert_allclose(conv.matrix().toarray(), responses(transform), atol=1e-12)


def assert_like_keras(layer, conv_options, shape, rng, kernel_of=lambda kernel: kernel):
    """A Keras layer without bias does what the convolution with its kernel does."""
    x = rng.normal(size=(2, *shape)).astype(np.float32)
    expected = np.asarray(layer(x))
    kernel = kernel_of(np.asarray(layer.weights[0]))
    options = {"output_shape": expected.shape[1:], **conv_options}
    conv = convolution_map(kernel, shape, **options)
    y = x.reshape(2, -1) @ conv.matrix().T.toarray()
    np.testing.assert_allclose(y, expected.reshape(2, -1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("shape", [(9, 4), (7, 6, 4), (5, 4, 6, 4)])
def test_groups_and_dimensions_of_keras(shape, groups, padding, rng):
    from keras import layers

    n_space = len(shape) - 1
    make = (layers.Conv1D, layers.Conv2D, layers.Conv3D)[n_space - 1]
    for strides in (1, 2):
        layer = make(8, 3, strides=strides, padding=padding, groups=groups, use_bias=False)
        options = {"strides": strides, "padding": padding, "groups": groups}
        assert_like_keras(layer, options, shape, rng)


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
@pytest.mark.parametrize("dilation, strides", [(1, 1), (1, 3), (2, 1), (3, 1)])
def test_causal_and_dilated_convolutions_of_keras(padding, dilation, strides, rng):
    from keras import layers

    options = {"padding": padding, "strides": strides}
    layer = layers.Conv1D(5, 3, dilation_rate=dilation, use_bias=False, **options)
    assert_like_keras(layer, {"dilation": dilation, **options}, (11, 2), rng)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size, strides", [(3, 1), (3, 2), (2, 3), (4, 3)])
@pytest.mark.parametrize("shape", [(5, 2), (3, 4, 2), (2, 3, 2, 2)])
def test_transposed_convolutions_of_keras(shape, size, strides, padding, rng):
    from keras import layers

    n_space = len(shape) - 1
    make = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)[n_space - 1]
    options = {"strides": strides, "padding": padding}
    layer = make(3, size, use_bias=False, **options)
    swap = {"kernel_of": lambda kernel: np.swapaxes(kernel, -1, -2)}
    assert_like_keras(layer, {"transposed": True, **options}, shape, rng, **swap)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("groups", [1, 2])
def test_the_type_of_the_kernel_is_kept(dtype, transposed, channels_last, groups):
    kernel = np.ones((3, 4, 2) if transposed else (3, 2, 4), dtype)
    n_in, n_out = (4, 2 * groups) if transposed else (2 * groups, 4)
    options = {"groups": groups, "channels_last": channels_last, "padding": "same", "dilation": 2}
    shapes = [(6, n) if channels_last else (n, 6) for n in (n_in, n_out)]
    conv = convolution_map(
        kernel, shapes[0], transposed=transposed, output_shape=shapes[1], **options
    )
    made = [conv, conv.ungrouped(), conv.transpose(), conv.scaled(2), conv.named_padding()[0]]
    assert {each.kernel.dtype for each in made} == {np.dtype(dtype)}
    if dtype is not np.float16:  # which SciPy's sparse matrices don't have
        assert conv.matrix().dtype == dtype


def test_of_a_grouped_convolution_only_pairs_within_groups_are_stored():
    conv = convolution_map(np.ones((3, 3, 1, 64)), (8, 8, 64), padding="same", groups=64)
    assert conv.kernel.size == 9 * 64
    assert conv.matrix().nnz == 64 * (3 * 8 - 2) ** 2


def test_negative_padding_leaves_out_the_first_elements():
    kernel = np.array([1.0, 2.0]).reshape(2, 1, 1)
    conv = ConvolutionMap(kernel, (4, 1), (2, 1), (1,), (-1,))
    np.testing.assert_array_equal(conv.matrix().toarray(), [[0, 1, 2, 0], [0, 0, 1, 2]])


@pytest.mark.parametrize(
    "kernel, shape, options, message",
    [
        ((3, 2, 4), (5, 5, 2), {}, "image of 2 dimensions, .*got shape .5, 5, 2"),
        ((3, 2, 4), (5, 3), {}, "image of 2 channels .got 3"),
        ((3, 2, 3), (5, 4), {"groups": 2}, "groups must divide the 3 output channels .got 2"),
        ((3, 2, 4), (2, 2), {}, r"kernel of \(3,\) does not fit into an image of \(2,\)"),
        ((3, 2, 4), (5, 2), {"padding": "full"}, "one of valid, same, causal .got 'full'"),
        ((3, 2, 4), (5, 2), {"strides": (1, 1)}, "strides must be .* 1 spatial"),
        ((3, 2, 4), (5, 2), {"dilation": 0}, "dilation must be an integer of 1 or more"),
        ((3, 2, 4), (5, 2), {"output_shape": (4, 4)}, r"\(3, 4\) of one of \(5, 2\) .got \(4, 4"),
        ((3, 2, 4), (5, 2), {"transposed": True}, "needs output_shape"),
    ],
)
def test_sizes_that_do_not_fit_are_told(kernel, shape, options, message):
    with pytest.raises(ValueError, match=message):
        convolution_map(np.ones(kernel), shape, **options)


def test_dilation_by_one_is_the_same_kernel():
    kernel = np.ones((3, 3, 1, 1))
    assert dilated(kernel, 1) is kernel
    np.testing.assert_array_equal(dilated(kernel, (1, 2))[..., 0, 0], [[1, 0, 1, 0, 1]] * 3)
