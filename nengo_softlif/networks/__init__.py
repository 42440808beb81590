"""Networks that can be run: what they have in common, your own Nengo networks as such, and ours."""

from nengo_softlif.networks.belief_network import BeliefNetwork
from nengo_softlif.networks.boltzmann import SpikingBoltzmannMachine
from nengo_softlif.networks.cube import SmallWorldReservoir
from nengo_softlif.networks.diehl_cook import DiehlCook
from nengo_softlif.networks.extensions import enable_extensions, needs_extensions
from nengo_softlif.networks.inhibition import LateralInhibition
from nengo_softlif.networks.layer import Layer
from nengo_softlif.networks.learned import learned_weights
from nengo_softlif.networks.liquid import LiquidStateMachine
from nengo_softlif.networks.mixture import SpikingMixture
from nengo_softlif.networks.runnable import RunnableNetwork
from nengo_softlif.networks.samples import Samples
from nengo_softlif.networks.stdp_features import FeatureLayer, STDPFeatures
from nengo_softlif.networks.wrapped import WrappedNetwork, wrap

__all__ = [
    "BeliefNetwork",
    "DiehlCook",
    "FeatureLayer",
    "LateralInhibition",
    "Layer",
    "LiquidStateMachine",
    "RunnableNetwork",
    "STDPFeatures",
    "Samples",
    "SmallWorldReservoir",
    "SpikingBoltzmannMachine",
    "SpikingMixture",
    "WrappedNetwork",
    "enable_extensions",
    "learned_weights",
    "needs_extensions",
    "wrap",
]
