"""snnTorch: `Leaky`, a step at a time."""

from __future__ import annotations

import snntorch
import torch
from snntorch import surrogate

from benchmarks.trainers.networks import DECAY, STEEPNESS
from benchmarks.trainers.torch_layers import Model, trainer


def build(network, batches):
    """See `benchmarks.trainers`."""
    return trainer(Model(network, _neurons), batches)


def _neurons(threshold):
    leaky = snntorch.Leaky(
        beta=DECAY,
        threshold=threshold,
        reset_mechanism="zero",  # with the next step, which is the same
        spike_grad=surrogate.fast_sigmoid(STEEPNESS),
    )

    def spikes(currents):
        v, made = torch.zeros_like(currents[0]), []
        for J in currents:
            spike, v = leaky(J, v)
            made.append(spike)
        return torch.stack(made)

    return spikes
