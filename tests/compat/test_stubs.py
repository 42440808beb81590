import matplotlib
import nengo
import numpy as np
import pytest
import pytest_rng.plugin
from nengo.dists import Choice

from nengo_softlif.compat.stubs import (
    entry_points,
    gabor,
    image_grid,
    npconv2d,
    oscillator,
    synapse_filt,
)


@pytest.mark.parametrize("pad", ["SAME", "VALID"])
@pytest.mark.parametrize("stride", [(1, 1), (2, 2), (3, 2)])
@pytest.mark.parametrize("kernel_size", [(1, 1), (3, 3), (4, 2)])
def test_conv2d_is_what_nengo_does(pad, stride, kernel_size):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(1, 7, 9, 3)), rng.normal(size=(*kernel_size, 3, 4))
    transform = nengo.Convolution(
        4, (7, 9, 3), kernel_size=kernel_size, strides=stride, padding=pad.lower(), init=w
    )
    with nengo.Network() as net:
        a, b = nengo.Node(x.ravel()), nengo.Node(size_in=transform.size_out)
        nengo.Connection(a, b, transform=transform, synapse=None)
        p = nengo.Probe(b)
    with nengo.Simulator(net, progress_bar=False) as sim:
        sim.step()
    y = npconv2d.conv2d(x, w, pad=pad, stride=stride)
    assert y.shape[1:] == transform.output_shape.shape
    np.testing.assert_allclose(y.ravel(), sim.data[p][0])


@pytest.mark.parametrize("pad", ["SAME", "VALID"])
@pytest.mark.parametrize("stride", [(1, 1), (3, 2)])
def test_conv2d_gradx_is_the_transpose(pad, stride):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(1, 7, 9, 3)), rng.normal(size=(4, 2, 3, 5))
    y = npconv2d.conv2d(x, w, pad=pad, stride=stride)
    dy = rng.normal(size=y.shape)
    dx = npconv2d.conv2d_gradx(w.swapaxes(2, 3), dy, x.shape[1:3], pad=pad, stride=stride)
    assert np.sum(y * dy) == pytest.approx(np.sum(x * dx))


def test_oscillator_turns():
    frequency = 2 * np.pi * 5
    with nengo.Network(seed=0) as net:
        kick = nengo.Node(lambda t: [1 if t < 0.1 else 0, 0])
        network = oscillator.Oscillator(0.1, frequency, 300, label="o")
        nengo.Connection(kick, network.input)
        p = nengo.Probe(network.output, synapse=0.03)
    with nengo.Simulator(net, progress_bar=False) as sim:
        sim.run(1.1)
    x, y = sim.data[p][300:].T
    turns = np.diff(np.unwrap(np.arctan2(y, x))[[0, -1]])[0] / (2 * np.pi)
    assert abs(turns - 4) < 1  # 0.8 s at 5 Hz


def test_gabor():
    filters = gabor.Gabor(Choice([0.5]), sigma_x=Choice([0.9])).generate(
        6, (7, 5), rng=np.random.RandomState(0)
    )
    assert filters.shape == (6, 7, 5)
    np.testing.assert_allclose(np.sum(filters**2, axis=(1, 2)), 1)
    assert len({tuple(np.sign(kernel).ravel()) for kernel in filters}) == 6


def test_image_grid():
    ax = matplotlib.figure.Figure().subplots()
    image_grid.tile(np.arange(5 * 2 * 3).reshape(5, 2, 3), ax, cols=2, grid=True, vmin=0)
    (drawn,) = ax.get_images()
    assert drawn.get_array().shape == (3 * 3, 2 * 4)


def test_entry_points():
    plugins = {e.load(require=False) for e in entry_points.iter_entry_points("pytest11")}
    assert pytest_rng.plugin in plugins


def test_filt_of_one_axis():
    class Alpha(nengo.Alpha):
        """A class of its own: Nengo's stays what it is."""

    synapse_filt.supply(Alpha)
    x = np.random.default_rng(0).normal(size=50)
    y = Alpha(0.01).filt(x, y0=0.5)
    np.testing.assert_array_equal(y, nengo.Alpha(0.01).filt(x[:, None], y0=0.5)[:, 0])
    assert Alpha(0.01).filt(list(x), filtfilt=True).shape == x.shape
