"""The maths, as pure functions of arrays."""

from nengo_softlif.functional.rates import (
    lif_rate,
    lif_slope,
    linear_reset_lif_current,
    linear_reset_lif_rate,
    soft_lif_current,
    soft_lif_rate,
    soft_lif_rate_and_slope,
)
from nengo_softlif.functional.spike_statistics import (
    SpikeTrainStatistics,
    filtered_spikes,
    spike_train_statistics,
)

__all__ = [
    "SpikeTrainStatistics",
    "filtered_spikes",
    "lif_rate",
    "lif_slope",
    "linear_reset_lif_current",
    "linear_reset_lif_rate",
    "soft_lif_current",
    "soft_lif_rate",
    "soft_lif_rate_and_slope",
    "spike_train_statistics",
]
