"""What is trained: two networks without biases, and random spikes. NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

N_STEPS = 20
N_CLASSES = 10
DECAY = 0.82
STEEPNESS = 2.0  # of the surrogate 1 / (1 + k |u|)^2, which every library has
LEARNING_RATE = 1e-3  # of Adam
EPSILON = 1e-7
INPUT_SPIKES = 0.13  # a step and element, as MNIST's mean intensity


@dataclass(frozen=True)
class Layer:
    """Weights, and LIF neurons behind them.

    Parameters
    ----------
    weights : (n_inputs, n_units) or (height, width, n_channels, n_filters) ndarray
        Kernels of convolutions with strides of 2 and no padding.
    threshold : float
    """

    weights: np.ndarray
    threshold: float

    @property
    def is_convolution(self):
        """Whether the weights are those of a convolution."""
        return self.weights.ndim == 4


@dataclass(frozen=True)
class Network:
    """Layers of neurons, and weights to the logits, which are sums over all steps.

    Parameters
    ----------
    shape : tuple of int
        Of the input in a step, channels last.
    layers : tuple of Layer
    readout : (n_units, n_classes) ndarray
    """

    shape: tuple
    layers: tuple
    readout: np.ndarray


def mlp():
    """784 - 300 - 300 - 10, with the initial values of Bondarev's network for MNIST."""
    rng = np.random.default_rng(0)
    layers = (
        Layer(_uniform(rng, 0.1, (784, 300)), 0.5),
        Layer(_uniform(rng, 0.1, (300, 300)), 0.3),
    )
    return Network((784,), layers, _uniform(rng, 0.02, (300, N_CLASSES)))


def convnet():
    """conv 32@5x5 - conv 64@3x3 - 10, both with strides of 2, on 28x28 images."""
    rng = np.random.default_rng(0)
    layers = (
        Layer(_uniform(rng, 0.5, (5, 5, 1, 32)), 1.0),
        Layer(_uniform(rng, 0.16, (3, 3, 32, 64)), 1.0),
    )
    return Network((28, 28, 1), layers, _uniform(rng, 0.02, (5 * 5 * 64, N_CLASSES)))


NETWORKS = {"mlp": mlp, "convnet": convnet}


def batches(network, batch_size, n_batches):
    """Random spikes ``(batch, steps, ...)`` and labels ``(batch,)``, some batches of them."""
    rng = np.random.default_rng(1)
    shape = (batch_size, N_STEPS, *network.shape)
    return [
        (
            (rng.random(shape, dtype=np.float32) < INPUT_SPIKES).astype(np.float32),
            rng.integers(N_CLASSES, size=batch_size),
        )
        for _ in range(n_batches)
    ]


def _uniform(rng, largest, shape):
    return rng.uniform(-largest, largest, shape).astype(np.float32)
