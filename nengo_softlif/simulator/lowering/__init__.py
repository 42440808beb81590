"""Rules: what kernels a Nengo operator becomes.

A rule is a function ``rule(operator, layout)`` that returns a list of instructions, or None if
there is no kernel for this operator. It then runs as Nengo's own Python step.
"""

from nengo_softlif.simulator.lowering import (
    gated_cells,
    learning,
    moving,
    neurons,
    plasticity,
    pooling,
    processes,
    propagation,
    stdp_convolution,
    synapses,
)
from nengo_softlif.simulator.lowering.registry import rule, translate

__all__ = [
    "gated_cells",
    "learning",
    "moving",
    "neurons",
    "plasticity",
    "pooling",
    "processes",
    "propagation",
    "rule",
    "stdp_convolution",
    "synapses",
    "translate",
]
