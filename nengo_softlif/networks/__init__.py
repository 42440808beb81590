"""Networks that can be run: what they have in common, your own, and those that learn in spikes."""

from nengo_softlif.networks.diehl_cook import DiehlCook
from nengo_softlif.networks.extensions import enable_extensions, needs_extensions
from nengo_softlif.networks.inhibition import LateralInhibition
from nengo_softlif.networks.layer import Layer
from nengo_softlif.networks.runnable import RunnableNetwork
from nengo_softlif.networks.samples import Samples
from nengo_softlif.networks.wrapped import WrappedNetwork, wrap

__all__ = [
    "DiehlCook",
    "LateralInhibition",
    "Layer",
    "RunnableNetwork",
    "Samples",
    "WrappedNetwork",
    "enable_extensions",
    "needs_extensions",
    "wrap",
]
