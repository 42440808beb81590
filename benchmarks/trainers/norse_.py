"""norse: `LIFBoxCell`, lifted over time.

Its voltage is v + 0.18 (J - v), so that weights are 1 / 0.18 times as large; its surrogate has
a steepness of 1, whatever ``alpha`` is.
"""

from __future__ import annotations

import torch
from norse.torch import LIFBoxCell, LIFBoxParameters, Lift

from benchmarks.trainers.networks import DECAY
from benchmarks.trainers.torch_layers import Model, trainer

DT = 0.001


def build(network, batches):
    """See `benchmarks.trainers`."""
    return trainer(Model(network, _neurons, scale=1 / (1 - DECAY)), batches)


def _neurons(threshold):
    parameters = LIFBoxParameters(
        tau_mem_inv=torch.tensor((1 - DECAY) / DT),
        v_th=torch.tensor(threshold),
        reset_method=_reset,
    )
    lifted = Lift(LIFBoxCell(parameters, dt=DT))
    return lambda currents: lifted(currents)[0]


def _reset(spike, v, reset, threshold):
    return (1 - spike.detach()) * v  # norse's own goes back through the reset
