"""Nengo processes: for the output of a `nengo.Node` in any model, on any simulator."""

from nengo_softlif.processes.encoding import PresentEncoded
from nengo_softlif.processes.gated_cells import GatedCells
from nengo_softlif.processes.pooling import SpikingMaxPool
from nengo_softlif.processes.spike_response import SpikeResponse
from nengo_softlif.processes.stdp_convolution import STDPConvolution

__all__ = [
    "GatedCells",
    "PresentEncoded",
    "STDPConvolution",
    "SpikeResponse",
    "SpikingMaxPool",
]
