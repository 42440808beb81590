"""Keras models to spiking Nengo networks: parse, pass, build, verify."""

from nengo_softlif.conversion.balancing import balanced_scales
from nengo_softlif.conversion.convert import convert
from nengo_softlif.conversion.fine_tuning import (
    to_quantized_model,
    to_rate_model,
    to_spiking_model,
)
from nengo_softlif.conversion.network import SpikingNetwork
from nengo_softlif.conversion.spike_check import SpikeComparison, compare_spikes
from nengo_softlif.conversion.verify import LayerCheck, verify

__all__ = [
    "LayerCheck",
    "SpikeComparison",
    "SpikingNetwork",
    "balanced_scales",
    "compare_spikes",
    "convert",
    "to_quantized_model",
    "to_rate_model",
    "to_spiking_model",
    "verify",
]
