"""What a run says about a network."""

from nengo_softlif.analysis.accuracy import (
    error_by_window,
    wilson_interval,
)
from nengo_softlif.analysis.connectivity import Connectivity, Projection, chain, count_connections
from nengo_softlif.analysis.energy import Energy, Workload, count_workload, estimate_energy
from nengo_softlif.analysis.energy_models import (
    CostModel,
    energy_models,
    get_energy_model,
    register_energy_model,
)
from nengo_softlif.analysis.firing_rates import RateCounter, RateStatistics
from nengo_softlif.analysis.input_activity import InputActivity, InputCounter
from nengo_softlif.analysis.labelling import classify_by_neurons, label_neurons
from nengo_softlif.analysis.readout import Readout
from nengo_softlif.analysis.states import rank_order_weights, state_readout, window_means

__all__ = [
    "Connectivity",
    "CostModel",
    "Energy",
    "InputActivity",
    "InputCounter",
    "Projection",
    "RateCounter",
    "RateStatistics",
    "Readout",
    "Workload",
    "chain",
    "classify_by_neurons",
    "count_connections",
    "count_workload",
    "energy_models",
    "error_by_window",
    "estimate_energy",
    "get_energy_model",
    "label_neurons",
    "rank_order_weights",
    "register_energy_model",
    "state_readout",
    "wilson_interval",
    "window_means",
]
