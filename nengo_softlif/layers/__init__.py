"""Keras 3 layers with the curves and the noise of spiking neurons."""

from nengo_softlif.layers.linear_reset import LinearResetLIF
from nengo_softlif.layers.locally_connected import LocallyConnected2D
from nengo_softlif.layers.rate_regularizer import FiringRateRegularizer
from nengo_softlif.layers.soft_lif import SoftLIF

__all__ = ["FiringRateRegularizer", "LinearResetLIF", "LocallyConnected2D", "SoftLIF"]
