"""The maths, as pure functions of arrays."""

from nengo_softlif.functional.circuits import (
    LinearLIF,
    LinearResetParameters,
    linear_lif_from_nengo,
    linear_reset_parameters,
    run_linear_lif,
)
from nengo_softlif.functional.curves import soft_lif_rate_and_slope
from nengo_softlif.functional.linear_lif import (
    ReLU,
    linear_lif_from_relu,
    lowest_firing_rates,
    relu_from_linear_lif,
)
from nengo_softlif.functional.rates import (
    lif_rate,
    lif_slope,
    linear_reset_lif_current,
    linear_reset_lif_rate,
    soft_lif_current,
    soft_lif_rate,
)
from nengo_softlif.functional.response_kernels import ResponseKernels
from nengo_softlif.functional.siegert import poisson_moments, siegert_rate
from nengo_softlif.functional.spike_distance import align, van_rossum, victor_purpura
from nengo_softlif.functional.spike_statistics import (
    SpikeTrainStatistics,
    filtered_spikes,
    spike_train_statistics,
)
from nengo_softlif.functional.spike_trains import spike_array, spike_list

__all__ = [
    "LinearLIF",
    "LinearResetParameters",
    "ReLU",
    "ResponseKernels",
    "SpikeTrainStatistics",
    "align",
    "filtered_spikes",
    "lif_rate",
    "lif_slope",
    "linear_lif_from_nengo",
    "linear_lif_from_relu",
    "linear_reset_lif_current",
    "linear_reset_lif_rate",
    "linear_reset_parameters",
    "lowest_firing_rates",
    "poisson_moments",
    "relu_from_linear_lif",
    "run_linear_lif",
    "siegert_rate",
    "soft_lif_current",
    "soft_lif_rate",
    "soft_lif_rate_and_slope",
    "spike_array",
    "spike_list",
    "spike_train_statistics",
    "van_rossum",
    "victor_purpura",
]
