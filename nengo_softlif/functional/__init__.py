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

__all__ = [
    "lif_rate",
    "lif_slope",
    "linear_reset_lif_current",
    "linear_reset_lif_rate",
    "soft_lif_current",
    "soft_lif_rate",
    "soft_lif_rate_and_slope",
]
