"""Plain PyTorch: a loop over the steps of each layer's neurons."""

from __future__ import annotations

from functools import partial

import torch

from benchmarks.trainers.networks import DECAY, STEEPNESS
from benchmarks.trainers.torch_layers import Model, trainer


class Spike(torch.autograd.Function):
    """A step with the slope of a fast sigmoid."""

    @staticmethod
    def forward(ctx, u):
        """Spikes, 1 or 0."""
        ctx.save_for_backward(u)
        return (u >= 0).to(u.dtype)

    @staticmethod
    def backward(ctx, error):
        """Error times the surrogate."""
        (u,) = ctx.saved_tensors
        return error / (1 + STEEPNESS * u.abs()).square()


def spikes(currents, threshold):
    """Spikes (steps, batch, ...)."""
    v, made = torch.zeros_like(currents[0]), []
    for J in currents.unbind():
        v = DECAY * v + J
        spike = Spike.apply(v - threshold)
        v = v * (1 - spike.detach())
        made.append(spike)
    return torch.stack(made)


def build(network, batches, compiled):
    """See `benchmarks.trainers`."""
    model = Model(network, lambda threshold: partial(spikes, threshold=threshold))
    if compiled:
        model = torch.compile(model, fullgraph=True, dynamic=False)
    return trainer(model, batches)
