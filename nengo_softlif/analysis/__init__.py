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
from nengo_softlif.analysis.readout import Readout

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
    "count_connections",
    "count_workload",
    "energy_models",
    "error_by_window",
    "estimate_energy",
    "get_energy_model",
    "register_energy_model",
    "wilson_interval",
]
