"""The networks that all simulators run: trained weights, neurons, firing rates.

A network is a list of stages, each a convolution or dense weights, neurons, and perhaps average
pooling after them, and a linear readout. Everything else follows from these arrays: the Keras
model that `nengo_softlif.convert` turns into a Nengo network, and the weights of the PyTorch
competitors. Channels come last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

DT = 0.001
WEIGHTS = Path(__file__).parent / "weights"
N_CALIBRATION = 50  # training images that set the firing rates


@dataclass(frozen=True, eq=False)
class Stage:
    """A population of neurons and the weights that lead to it.

    Parameters
    ----------
    name : str
    weights : (height, width, n_in, n_out) or (n_in, n_out) ndarray
        Kernel of a convolution, or dense weights.
    bias : (n_out,) ndarray
    padding : str
        "valid" or "same", of a convolution.
    pool : bool
        Whether average pooling over 2x2 follows the neurons.
    scale : float
        Factor on the input: current for an activation of 1.
    amplitude : float
        Output per Hz of firing rate.
    voltages : ndarray, optional
        Where the neurons start, in the shape of the population.
    """

    name: str
    weights: np.ndarray
    bias: np.ndarray
    padding: str = "valid"
    pool: bool = False
    scale: float = 1.0
    amplitude: float = 1.0
    voltages: np.ndarray | None = None

    @property
    def is_convolution(self):
        """Whether the weights are a kernel."""
        return self.weights.ndim == 4

    def shape(self, input_shape):
        """Shape of the population for an input of one item."""
        if not self.is_convolution:
            return (self.weights.shape[1],)
        lost = 0 if self.padding == "same" else self.weights.shape[0] - 1
        return (input_shape[0] - lost, input_shape[1] - lost, self.weights.shape[3])


@dataclass(frozen=True, eq=False)
class Network:
    """A spiking network, as numbers.

    Parameters
    ----------
    name : str
    input_shape : tuple of int
        (height, width, channels) of one image.
    stages : tuple of Stage
    readout, readout_bias : (n_in, 10) and (10,) ndarray
    neuron : str
        "linear_reset": integrate-and-fire, the threshold subtracted at a spike; "lif": LIF with
        tau_rc = 20 ms, tau_ref = 2 ms, reset to zero.
    tau : float or None
        Time constant of the alpha synapse in seconds; no synapse if None.
    """

    name: str
    input_shape: tuple
    stages: tuple
    readout: np.ndarray
    readout_bias: np.ndarray
    neuron: str
    tau: float | None

    @property
    def shapes(self):
        """Shapes of the populations."""
        shapes, shape = [], self.input_shape
        for stage in self.stages:
            shapes.append(stage.shape(shape))
            shape = pooled_shape(shapes[-1]) if stage.pool else shapes[-1]
        return shapes

    @property
    def n_neurons(self):
        """Number of neurons."""
        return sum(int(np.prod(shape)) for shape in self.shapes)


def pooled_shape(shape):
    """Shape after average pooling over 2x2."""
    return (shape[0] // 2, shape[1] // 2, shape[2])


@cache
def load(name, rate=None, size=1):
    """Make one of the benchmark's networks.

    Parameters
    ----------
    name : str
        "convnet", "convnet_lif", "convnet_10hz" or "large".
    rate : float, optional
        Mean firing rate in Hz, over all neurons of a layer, instead of the network's own.
    size : int
        Factor on the height and the width of the images. Convolutions keep their weights; the
        dense layers, which grow, get those of the small image spread out.

    Returns
    -------
    network : Network
    """
    file, neuron, tau, own_rate = NETWORKS[name]
    stages, readout, readout_bias = _PARTS[file](_arrays(file))
    network = Network(name, (28, 28, 1), stages, readout, readout_bias, neuron, tau)
    if size > 1:
        network = enlarged(network, size)
    return calibrated(network, own_rate if rate is None else rate)


# weights, neurons, time constant of the synapse in s, mean rate in Hz
NETWORKS = {
    "convnet": ("convnet", "linear_reset", None, 50.0),
    "convnet_lif": ("convnet", "lif", 0.005, 50.0),
    "convnet_10hz": ("convnet", "linear_reset", None, 10.0),
    "large": ("large", "linear_reset", None, 10.0),
}


def _arrays(file):
    with np.load(WEIGHTS / f"{file}.npz") as stored:
        return {name: stored[name].astype(float) for name in stored.files}


def _convnet(w):
    stages = (
        Stage("conv1", w["conv1"], w["conv1_bias"], pool=True),
        Stage("conv2", w["conv2"], w["conv2_bias"], pool=True),
        Stage("dense", w["dense"], w["dense_bias"]),
    )
    return stages, w["out"], w["out_bias"]


def _large(w):
    stages = (
        Stage("conv1", w["conv1"], w["conv1_bias"], "same"),
        Stage("conv2", w["conv2"], w["conv2_bias"], "same", pool=True),
        Stage("dense", fixed_dense(), np.zeros(2000)),
    )
    return stages, w["out"], w["out_bias"]


_PARTS = {"convnet": _convnet, "large": _large}


def fixed_dense():
    """The dense weights of the large network: random and never trained, so not stored."""
    n_in = 14 * 14 * 16
    return np.random.RandomState(0).standard_normal((n_in, 2000)) * np.sqrt(2 / n_in)


def enlarged(network, size):
    """Return the network for images ``size`` times as high and wide."""
    shape = (network.input_shape[0] * size, network.input_shape[1] * size, 1)
    large = replace(network, name=f"{network.name} x{size**2}", input_shape=shape)
    *before, dense = network.stages
    old, new = pooled_shape(network.shapes[-2]), pooled_shape(large.shapes[-2])
    kernel = dense.weights.reshape(*old, -1)
    for axis in (0, 1):
        nearest = np.arange(new[axis]) * old[axis] // new[axis]
        kernel = np.take(kernel, nearest, axis=axis)
    factor = np.prod(old[:2]) / np.prod(new[:2])  # the same sum of weights
    dense = replace(dense, weights=factor * kernel.reshape(-1, dense.weights.shape[1]))
    return replace(large, stages=(*before, dense))


def calibrated(network, rate):
    """Return the network with a mean firing rate of ``rate`` Hz in each layer.

    The scale of a stage sets its rates; its amplitude is the inverse for integrate-and-fire, whose
    curve is the ReLU that was trained, and for LIF neurons the one for which their output is
    closest to that of the ReLU. Voltages start anywhere between 0 and 1, as in Nengo.
    """
    x = images(N_CALIBRATION, network.input_shape, "train")[0]
    start = np.random.RandomState(0)
    stages = []
    for stage in network.stages:
        current = _linear(stage, x)
        curve = _CURVES[network.neuron]

        def excess(log_scale, curve=curve, current=current):
            return curve(np.exp(log_scale) * current).mean() - rate

        scale = float(np.exp(brentq(excess, np.log(1e-6), np.log(1e6))))
        rates = curve(scale * current)
        amplitude = float((np.maximum(current, 0) * rates).sum() / (rates**2).sum())
        voltages = start.uniform(size=current.shape[1:])
        stages.append(replace(stage, scale=scale, amplitude=amplitude, voltages=voltages))
        x = amplitude * rates
        if stage.pool:
            x = _pooled(x)
    return replace(network, stages=tuple(stages))


def _linear(stage, x):
    """Input of a stage: (n_images, ...)."""
    if not stage.is_convolution:
        return x.reshape(len(x), -1) @ stage.weights + stage.bias
    size = stage.weights.shape[0]
    if stage.padding == "same":
        x = np.pad(x, ((0, 0), (size // 2,) * 2, (size // 2,) * 2, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    # windows: image, row, column, channel, kernel row, kernel column
    return np.tensordot(windows, stage.weights, axes=((4, 5, 3), (0, 1, 2))) + stage.bias


def _pooled(x):
    n, height, width, channels = x.shape
    return x.reshape(n, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))


def _lif_curve(current):
    above = np.maximum(current - 1, 1e-12)
    return np.where(current > 1, 1 / (0.002 + 0.02 * np.log1p(1 / above)), 0.0)


_CURVES = {
    "linear_reset": lambda current: np.clip(current, 0, 1 / DT),  # a spike a step at most
    "lif": _lif_curve,
}


@cache
def _dataset():
    from nengo_softlif import datasets

    return datasets.load("mnist_subset")


def images(n, input_shape=(28, 28, 1), part="test"):
    """Return the first ``n`` images, enlarged to the shape, and their labels.

    More images than there are in the data begin again with the first.
    """
    data = _dataset()
    x, y = getattr(data, f"x_{part}"), getattr(data, f"y_{part}")
    order = np.arange(n) % len(x)
    size = input_shape[0] // 28
    return np.repeat(np.repeat(x[order], size, axis=1), size, axis=2), y[order]


def fan_out(network):
    """Number of neurons that one spike of each neuron reaches.

    Pooling is no stop on the way; a neuron at the border of an image reaches fewer.

    Returns
    -------
    fan_out : list of ndarray of int
        By stage, in the shape of its population.
    """
    from nengo_softlif.analysis import count_connections

    projections = count_connections(spiking_network(network)).projections
    reached = [projection.fan_out for projection in projections if projection.spikes]
    return [n.reshape(shape) for n, shape in zip(reached, network.shapes, strict=True)]


def keras_model(network):
    """The Keras model with the same weights, whose activations are ReLUs."""
    import keras

    layers = [keras.Input(network.input_shape, name="image")]
    for stage in network.stages:
        if stage.is_convolution:
            layers.append(
                keras.layers.Conv2D(
                    stage.weights.shape[3],
                    stage.weights.shape[:2],
                    padding=stage.padding,
                    activation="relu",
                    name=stage.name,
                )
            )
            if stage.pool:
                layers.append(keras.layers.AveragePooling2D(2, name=f"{stage.name}_pool"))
        else:
            if len(layers[-1].shape if hasattr(layers[-1], "shape") else ()) != 2:
                layers.append(keras.layers.Flatten(name=f"{stage.name}_flat"))
            layers.append(
                keras.layers.Dense(stage.weights.shape[1], activation="relu", name=stage.name)
            )
    layers.append(keras.layers.Dense(network.readout.shape[1], name="out"))
    model = keras.Sequential(layers, name=network.name.split()[0])
    for stage in network.stages:
        model.get_layer(stage.name).set_weights([stage.weights, stage.bias])
    model.get_layer("out").set_weights([network.readout, network.readout_bias])
    return model


def spiking_network(network):
    """The converted network, a `nengo_softlif.SpikingNetwork`."""
    import warnings

    import nengo

    import nengo_softlif as nsl

    def neuron(stage):
        # conversion divides the amplitude by the scale
        common = {
            "amplitude": stage.scale * stage.amplitude,
            "initial_state": {"voltage": stage.voltages.ravel()},
        }
        if network.neuron == "lif":
            return nsl.SpikingLIF(**common)
        return nsl.SpikingLinearResetLIF(tau_rc=1.0, leak=False, **common)

    with warnings.catch_warnings():
        # the LIF curve is not the ReLU that was trained, which is on purpose
        warnings.filterwarnings("ignore", message="scaling")
        return nsl.convert(
            keras_model(network),
            synapse=None if network.tau is None else nengo.Alpha(network.tau),
            neurons={s.name: neuron(s) for s in network.stages},
            scale={s.name: s.scale for s in network.stages},
        )
