"""Every transform multiplies as it does in `nengo.Simulator`, from spikes and from dense values."""

import nengo
import numpy as np
import pytest
import scipy.signal
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

import nengo_softlif as nsl
from tests.simulator.comparing import assert_parity, in_python


def weighted(n_in, n_out, transform, seed=0, **options):
    """From spikes, and from values that are never zero, through a transform."""
    with nengo.Network(seed=seed) as net:
        spikes = nengo.Ensemble(
            n_in,
            1,
            neuron_type=nengo.SpikingRectifiedLinear(amplitude=0.01),
            gain=np.ones(n_in),
            bias=np.linspace(-10, 120, n_in),
        )
        dense = nengo.Node(lambda t: 1.5 + np.cos(t * 99 + np.arange(n_in)), size_out=n_in)
        for source in (spikes.neurons, dense):
            target = nengo.Node(size_in=n_out)
            nengo.Connection(source, target, transform=transform, synapse=None, **options)
            nengo.Probe(target)
            neurons = nengo.Ensemble(n_out, 1, gain=np.ones(n_out), bias=np.ones(n_out)).neurons
            nengo.Connection(source, neurons, transform=transform, synapse=0.003, **options)
            nengo.Probe(neurons, "input")
    return net


def check(n_in, n_out, transform, **options):
    sim = assert_parity(weighted(n_in, n_out, transform), steps=25, **options)
    assert set(in_python(sim)) <= {"TimeUpdate", "SimPyFunc"}


SHAPES = [(1, 1), (1, 50), (50, 1), (4, 40), (5, 5), (100, 3), (65, 17), (16, 16), (33, 130)]


@pytest.mark.parametrize("shape", SHAPES)
def test_matrix(shape):
    n_in, n_out = shape
    check(n_in, n_out, np.random.RandomState(0).randn(n_out, n_in))


@settings(max_examples=10, deadline=None)
@given(n_in=st.integers(1, 140), n_out=st.integers(1, 130), seed=st.integers(0, 9))
def test_a_matrix_of_any_shape(n_in, n_out, seed):
    check(n_in, n_out, np.random.RandomState(seed).randn(n_out, n_in))


def test_number_and_diagonal():
    check(21, 21, 0.3)
    check(21, 21, np.linspace(-1, 1, 21))
    check(21, 21, nengo.transforms.NoTransform(21))


def test_distribution():
    check(21, 9, nengo.dists.Gaussian(0, 1))


def test_matrix_of_zeros_and_mostly_zeros():
    check(30, 20, np.zeros((20, 30)))
    matrix = np.random.RandomState(1).randn(40, 60)
    matrix[np.random.RandomState(2).rand(40, 60) < 0.95] = 0
    check(60, 40, matrix)


@pytest.mark.parametrize("make", ["scipy", "lists", "distribution", "empty rows", "pooling"])
def test_sparse(make):
    rng = np.random.RandomState(0)
    shape = (18, 36)
    indices = np.stack([rng.permutation(18 * 36)[:60] % 18, rng.permutation(18 * 36)[:60] // 18])
    indices = np.unique(indices, axis=1)
    transforms = {
        "scipy": lambda: nengo.Sparse(
            shape, init=scipy.sparse.random(*shape, 0.1, random_state=rng)
        ),
        "lists": lambda: nengo.Sparse(shape, indices=indices.T, init=rng.randn(len(indices.T))),
        "distribution": lambda: nengo.Sparse(
            shape, indices=indices.T, init=nengo.dists.Uniform(-1, 1)
        ),
        "empty rows": lambda: nengo.Sparse(shape, indices=[[2, 3], [2, 4], [17, 35]], init=0.5),
        "pooling": lambda: nengo.Sparse(shape, indices=[[i // 2, i] for i in range(36)], init=0.5),
    }
    check(36, 18, transforms[make]())


def conv(shape, filters, size, strides, padding, last, groups=1, transpose=False):
    options = {"kernel_size": size, "strides": strides, "padding": padding, "channels_last": last}
    if transpose:
        transform = nengo.ConvolutionTranspose(filters, shape, **options)
    else:
        transform = nengo.Convolution(filters, shape, groups=groups, **options)
    return transform.input_shape.size, transform.output_shape.size, transform


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    "space, size, strides",
    [
        ((9,), (3,), (1,)),
        ((9,), (4,), (2,)),
        ((7, 6), (3, 3), (1, 1)),
        ((7, 6), (2, 3), (2, 1)),
        ((5, 5), (5, 4), (1, 2)),
        ((4, 4), (1, 1), (1, 1)),
    ],
)
def test_convolution(space, size, strides, padding, last, transpose):
    shape = (*space, 3) if last else (3, *space)
    check(*conv(shape, 5, size, strides, padding, last, transpose=transpose))


def test_convolution_in_three_dimensions_which_nengo_lacks():
    rng = np.random.RandomState(0)
    image, kernel = rng.randn(4, 3, 5, 2), rng.randn(2, 2, 3, 2, 20)
    transform = nengo.Convolution(
        20, image.shape, kernel_size=(2, 2, 3), strides=(1, 1, 1), init=kernel
    )
    with nengo.Network() as net:
        target = nengo.Node(size_in=transform.output_shape.size)
        nengo.Connection(nengo.Node(image.ravel()), target, transform=transform, synapse=None)
        probe = nengo.Probe(target)
    with nsl.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(2)
    each = [
        [scipy.signal.correlate(image[..., c], kernel[..., c, f], "valid") for c in range(2)]
        for f in range(20)
    ]
    expected = np.moveaxis(np.sum(each, axis=1), 0, -1)
    np.testing.assert_allclose(sim.data[probe][1], expected.ravel(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("last", [True, False])
def test_convolution_in_groups(last):
    shape = (5, 5, 4) if last else (4, 5, 5)
    check(*conv(shape, 6, (3, 3), (1, 1), "same", last, groups=2))
    check(*conv(shape, 4, (3, 3), (2, 2), "valid", last, groups=4))


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_convolution(data):
    def number(a, b):
        return data.draw(st.integers(a, b))

    space = (number(1, 9), number(1, 9))
    size = (number(1, space[0]), number(1, space[1]))
    check(
        *conv(
            (*space, number(1, 20)),
            number(1, 40),
            size,
            (number(1, 3), number(1, 3)),
            data.draw(st.sampled_from(["valid", "same"])),
            last=True,
        )
    )


def test_single_precision(single_precision):
    check(70, 33, np.random.RandomState(0).randn(33, 70), tolerance=1e-4)
    check(*conv((7, 6, 3), 5, (3, 3), (1, 1), "same", last=True), tolerance=1e-4)
