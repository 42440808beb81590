"""Nengo neuron types: rate neurons to train with, spiking neurons to run."""

from nengo_softlif.neurons.activation import ActivationRate
from nengo_softlif.neurons.discrete_lif import SpikingDiscreteLIF
from nengo_softlif.neurons.lif import SpikingLIF
from nengo_softlif.neurons.linear_reset import LinearResetLIFRate, SpikingLinearResetLIF
from nengo_softlif.neurons.rates import (
    has_rate_version,
    max_rate,
    rate_version,
    register_rate_version,
)
from nengo_softlif.neurons.soft_lif import SoftLIFRate
from nengo_softlif.neurons.stochastic_winner import StochasticWinner

__all__ = [
    "ActivationRate",
    "LinearResetLIFRate",
    "SoftLIFRate",
    "SpikingDiscreteLIF",
    "SpikingLIF",
    "SpikingLinearResetLIF",
    "StochasticWinner",
    "has_rate_version",
    "max_rate",
    "rate_version",
    "register_rate_version",
]
