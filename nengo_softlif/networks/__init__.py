"""Networks that can be run: what they have in common, and your own Nengo networks as such."""

from nengo_softlif.networks.extensions import enable_extensions, needs_extensions
from nengo_softlif.networks.layer import Layer
from nengo_softlif.networks.runnable import RunnableNetwork
from nengo_softlif.networks.samples import Samples
from nengo_softlif.networks.wrapped import WrappedNetwork, wrap

__all__ = [
    "Layer",
    "RunnableNetwork",
    "Samples",
    "WrappedNetwork",
    "enable_extensions",
    "needs_extensions",
    "wrap",
]
