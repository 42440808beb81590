"""Networks that can be run: your own Nengo networks, reservoirs, and what all have in common."""

from nengo_softlif.networks.cube import SmallWorldReservoir
from nengo_softlif.networks.extensions import enable_extensions, needs_extensions
from nengo_softlif.networks.layer import Layer
from nengo_softlif.networks.liquid import LiquidStateMachine
from nengo_softlif.networks.runnable import RunnableNetwork
from nengo_softlif.networks.samples import Samples
from nengo_softlif.networks.wrapped import WrappedNetwork, wrap

__all__ = [
    "Layer",
    "LiquidStateMachine",
    "RunnableNetwork",
    "Samples",
    "SmallWorldReservoir",
    "WrappedNetwork",
    "enable_extensions",
    "needs_extensions",
    "wrap",
]
