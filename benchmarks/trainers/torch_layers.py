"""Parts that all rows on PyTorch share. Weights act on all steps at once, (steps * batch, ...)."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from benchmarks.trainers.networks import EPSILON, LEARNING_RATE, N_STEPS
from benchmarks.trainers.serve import N_THREADS

torch.set_num_threads(N_THREADS)


class Weights(nn.Module):
    """Kernel of a layer, as PyTorch orders it."""

    def __init__(self, layer, scale=1.0):
        super().__init__()
        order = (3, 2, 0, 1) if layer.is_convolution else (1, 0)
        values = torch.tensor(scale * np.ascontiguousarray(layer.weights.transpose(order)))
        self.kernel = nn.Parameter(values)
        self.is_convolution = layer.is_convolution

    def forward(self, x):
        """Currents (steps, batch, ...) of spikes (steps, batch, ...)."""
        if not self.is_convolution:
            return nn.functional.linear(x, self.kernel)
        currents = nn.functional.conv2d(x.flatten(0, 1), self.kernel, stride=2)
        return currents.unflatten(0, (N_STEPS, -1))


class Model(nn.Module):
    """Weights and neurons in turn, and the readout.

    Parameters
    ----------
    network : Network
    neurons : callable
        Of a threshold; returns what makes spikes (steps, batch, ...) of currents.
    scale : float
        Of all weights but the readout's.
    """

    def __init__(self, network, neurons, scale=1.0):
        super().__init__()
        self.weights = nn.ModuleList([Weights(layer, scale) for layer in network.layers])
        self.neurons = [neurons(layer.threshold) for layer in network.layers]
        self.readout = nn.Parameter(torch.tensor(_channels_first(network)))

    def forward(self, x):
        """Logits of spikes (steps, batch, ...)."""
        for weights, neurons in zip(self.weights, self.neurons, strict=True):
            x = neurons(weights(x))
        return (x.flatten(2) @ self.readout).sum(0)


def trainer(model, batches):
    """The function that `benchmarks.trainers` asks for."""
    ready = [(_time_first(x), torch.tensor(y)) for x, y in batches]
    optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE, eps=EPSILON, fused=True)

    def train():
        losses = []
        for x, y in ready:
            optimizer.zero_grad(set_to_none=True)
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    return train


def _time_first(x):
    x = torch.tensor(x.swapaxes(0, 1).copy())
    return x.movedim(-1, 2).contiguous() if x.ndim == 5 else x


def _channels_first(network):
    """Readout whose rows are ordered as PyTorch flattens."""
    if not network.layers[-1].is_convolution:
        return network.readout
    n_filters = network.layers[-1].weights.shape[-1]
    grid = network.readout.reshape(-1, n_filters, network.readout.shape[-1])
    return np.ascontiguousarray(grid.swapaxes(0, 1).reshape(network.readout.shape))
