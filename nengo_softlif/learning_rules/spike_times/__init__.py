"""Learning of spike times: rules that train layers of the spike response model."""

from nengo_softlif.learning_rules.spike_times.chronotron import ChronotronE, ChronotronI
from nengo_softlif.learning_rules.spike_times.layer import SpikeResponseLayer
from nengo_softlif.learning_rules.spike_times.multi_spike_prop import MultiSpikeProp
from nengo_softlif.learning_rules.spike_times.resume import ReSuMe
from nengo_softlif.learning_rules.spike_times.span import SPAN
from nengo_softlif.learning_rules.spike_times.spike_prop import SpikeProp
from nengo_softlif.learning_rules.spike_times.training import Training

__all__ = [
    "SPAN",
    "ChronotronE",
    "ChronotronI",
    "MultiSpikeProp",
    "ReSuMe",
    "SpikeProp",
    "SpikeResponseLayer",
    "Training",
]
