"""A constraint that keeps trained parameters in a range."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["Between"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class Between(keras.constraints.Constraint):
    """Keeps a weight in a range.

    Parameters
    ----------
    low : float
    high : float or None
        None for no limit.
    """

    def __init__(self, low: float, high: float | None) -> None:
        self.low, self.high = low, high

    def __call__(self, value: Any) -> Any:
        """Return the weight, cut."""
        value = ops.maximum(value, self.low)
        return value if self.high is None else ops.minimum(value, self.high)

    def get_config(self) -> dict:
        """Return everything that makes an equal constraint."""
        return {"low": self.low, "high": self.high}
