"""Learning rules for spikes, as types for `nengo.Connection`."""

import nengo_softlif.learning_rules.build  # noqa: F401  how Nengo builds them
from nengo_softlif.learning_rules.contrastive_divergence import SiegertRBM
from nengo_softlif.learning_rules.modulated import GatedSTDP, RewardSTDP
from nengo_softlif.learning_rules.normalization import WeightNormalization
from nengo_softlif.learning_rules.probabilistic import ProbabilisticSTDP
from nengo_softlif.learning_rules.stdp import STDP, TripletSTDP

__all__ = [
    "STDP",
    "GatedSTDP",
    "ProbabilisticSTDP",
    "RewardSTDP",
    "SiegertRBM",
    "TripletSTDP",
    "WeightNormalization",
]
