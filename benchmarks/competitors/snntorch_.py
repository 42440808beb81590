"""snnTorch: `Leaky` with beta = 1 and reset by subtraction, in a loop over the steps."""

from __future__ import annotations

import snntorch
import torch

from benchmarks.competitors.torch_layers import (
    channels_last_counts,
    image_tensor,
    linear_layers,
    start_voltages,
)


def build(network, n_steps, batch_size, layout="contiguous"):
    """Make a function that presents a batch; see `benchmarks.competitors`."""
    memory_format = torch.contiguous_format if layout == "contiguous" else torch.channels_last
    layers = linear_layers(network, memory_format=memory_format)
    neurons = [snntorch.Leaky(beta=1.0, reset_mechanism="subtract") for _ in network.stages]
    starts = start_voltages(network)

    @torch.no_grad()
    def present(images, count=False):
        current = layers[0](image_tensor(images, memory_format))  # the image is constant
        voltages = [v.expand(len(images), *v.shape[1:]) for v in starts]
        counts = [torch.zeros(v.shape) for v in voltages]
        outputs = torch.zeros(len(images), 10)
        for _ in range(n_steps):
            J = current
            for index, neuron in enumerate(neurons):
                spikes, voltages[index] = neuron(J, voltages[index])
                J = layers[index + 1](spikes)
                if count:
                    counts[index] += spikes
            outputs += J
        return outputs.numpy(), channels_last_counts(counts) if count else None

    return present
