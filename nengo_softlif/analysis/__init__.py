"""What a run says about a network, from plain arrays."""

from nengo_softlif.analysis.accuracy import RunningClassification, wilson_interval
from nengo_softlif.analysis.firing_rates import RateCounter, RateStatistics

__all__ = ["RateCounter", "RateStatistics", "RunningClassification", "wilson_interval"]
