"""Nengo neuron types: rate neurons to train with, spiking neurons to run."""

from nengo_softlif.neurons.lif import LIF
from nengo_softlif.neurons.linear_reset import LinearResetLIF, LinearResetLIFRate
from nengo_softlif.neurons.soft_lif import SoftLIFRate

__all__ = ["LIF", "LinearResetLIF", "LinearResetLIFRate", "SoftLIFRate"]
