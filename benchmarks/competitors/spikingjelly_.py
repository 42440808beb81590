"""SpikingJelly: `IFNode` with soft reset, a step at a time or all steps of a layer at once."""

from __future__ import annotations

import torch
from spikingjelly.activation_based import functional, neuron

from benchmarks.competitors.torch_layers import (
    channels_last_counts,
    image_tensor,
    linear_layers,
    start_voltages,
)


def build(network, n_steps, batch_size, mode="single-step"):
    """Make a function that presents a batch; see `benchmarks.competitors`."""
    layers = linear_layers(network)
    step_mode = {"single-step": "s", "multi-step": "m"}[mode]
    neurons = [neuron.IFNode(v_reset=None, step_mode=step_mode).eval() for _ in network.stages]
    starts = start_voltages(network)
    run = _step_by_step if mode == "single-step" else _layer_by_layer

    @torch.no_grad()
    def present(images, count=False):
        current = layers[0](image_tensor(images))  # the image is constant
        for node, v in zip(neurons, starts, strict=True):
            functional.reset_net(node)
            node.v = v.expand(len(images), *v.shape[1:])
        outputs, counts = run(layers, neurons, current, n_steps, count)
        return outputs.numpy(), channels_last_counts(counts) if count else None

    return present


def _step_by_step(layers, neurons, current, n_steps, count):
    outputs, counts = 0, [0 for _ in neurons]
    for _ in range(n_steps):
        J = current
        for index, node in enumerate(neurons):
            spikes = node(J)
            J = layers[index + 1](spikes)
            if count:
                counts[index] = counts[index] + spikes
        outputs = outputs + J
    return outputs, counts


def _layer_by_layer(layers, neurons, current, n_steps, count):
    J, counts = current.expand(n_steps, *current.shape), []
    for index, node in enumerate(neurons):
        spikes = node(J)
        J = functional.seq_to_ann_forward(spikes, layers[index + 1])
        if count:
            counts.append(spikes.sum(dim=0))
    return J.sum(dim=0), counts
