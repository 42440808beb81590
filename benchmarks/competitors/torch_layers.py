"""What the PyTorch competitors share: the linear layers of a network, and threads."""

from __future__ import annotations

import os

import numpy as np
import torch

from benchmarks.competitors.spike_weights import channels_first, spike_weights
from benchmarks.networks import pooled_shape

torch.set_num_threads(os.cpu_count())


def tensor(array):
    """A float32 tensor."""
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))


def linear_layers(network, *, memory_format=torch.contiguous_format):
    """The weights of a network as modules.

    Returns
    -------
    layers : list of torch.nn.Module
        From the spikes of one stage (the images, for the first) to the current of the next; the
        last is the readout.
    """
    stages, readout = spike_weights(network)
    layers, shape, pool = [], network.input_shape, False
    for stage, (weights, bias), out in zip(network.stages, stages, network.shapes, strict=True):
        parts = [torch.nn.AvgPool2d(2)] if pool else []
        shape = pooled_shape(shape) if pool else shape
        if stage.is_convolution:
            height, width, n_in, n_out = weights.shape
            padding = height // 2 if stage.padding == "same" else 0
            layer = torch.nn.Conv2d(n_in, n_out, (height, width), padding=padding)
            layer.weight.data = tensor(weights.transpose(3, 2, 0, 1))
        else:
            layer = torch.nn.Linear(*weights.shape)
            layer.weight.data = tensor(channels_first(weights, shape).T)
            parts += [torch.nn.Flatten()] if len(shape) == 3 else []
        layer.bias.data = tensor(bias)
        layers.append(torch.nn.Sequential(*parts, layer))
        shape, pool = out, stage.pool
    weights, bias = readout
    out = torch.nn.Linear(*weights.shape)
    out.weight.data, out.bias.data = tensor(weights.T), tensor(bias)
    layers.append(out)
    return [layer.to(memory_format=memory_format).requires_grad_(False) for layer in layers]


def image_tensor(images, memory_format=torch.contiguous_format):
    """Images with channels last as a tensor with channels first."""
    return tensor(images.transpose(0, 3, 1, 2)).contiguous(memory_format=memory_format)


def start_voltages(network):
    """Voltages at the start as tensors, (1, channels, height, width) or (1, n_neurons)."""
    voltages = [stage.voltages for stage in network.stages]
    return [tensor(np.moveaxis(v, -1, 0) if v.ndim == 3 else v)[None] for v in voltages]


def channels_last_counts(counts):
    """Spike counts as (n_images, n_neurons) arrays, channels last."""
    arrays = []
    for count in counts:
        count = count.permute(0, 2, 3, 1) if count.ndim == 4 else count
        arrays.append(count.reshape(len(count), -1).numpy().astype(np.int32))
    return arrays
