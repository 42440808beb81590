"""Keras 3 layers: the curves and the noise of spiking neurons, and neurons that train in spikes."""

from nengo_softlif.layers.by_segments import BySegments
from nengo_softlif.layers.discrete_lif import DiscreteLIF
from nengo_softlif.layers.encode import EncodeSpikes
from nengo_softlif.layers.initializers import bondarev_threshold, bondarev_weights
from nengo_softlif.layers.linear_reset import LinearResetLIF
from nengo_softlif.layers.locally_connected import LocallyConnected2D
from nengo_softlif.layers.over_time import OverTime
from nengo_softlif.layers.quantized_relu import QuantizedReLU
from nengo_softlif.layers.rate_regularizer import FiringRateRegularizer
from nengo_softlif.layers.readout import LeakyIntegrator
from nengo_softlif.layers.recurrent_lif import RecurrentLIF
from nengo_softlif.layers.repeat_steps import RepeatSteps
from nengo_softlif.layers.soft_lif import SoftLIF
from nengo_softlif.layers.spike_counts import SpikeCounts
from nengo_softlif.layers.spiking_lstm import SpikingLSTM
from nengo_softlif.layers.sub_lstm import SubLSTM

__all__ = [
    "BySegments",
    "DiscreteLIF",
    "EncodeSpikes",
    "FiringRateRegularizer",
    "LeakyIntegrator",
    "LinearResetLIF",
    "LocallyConnected2D",
    "OverTime",
    "QuantizedReLU",
    "RecurrentLIF",
    "RepeatSteps",
    "SoftLIF",
    "SpikeCounts",
    "SpikingLSTM",
    "SubLSTM",
    "bondarev_threshold",
    "bondarev_weights",
]
