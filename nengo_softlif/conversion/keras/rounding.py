"""Numbers of layers that train in the arithmetic of Loihi, rounded as in their forward pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from nengo_softlif.errors import warn
from nengo_softlif.functional.fixed_point import (
    FRACTION_BITS,
    HIGHEST_WEIGHT,
    lowest_voltage,
    n_clipped,
    round_decay,
    round_threshold,
    round_weights,
)

__all__ = ["rounded_parameters", "rounded_weights"]


def rounded_weights(name: str, weights: np.ndarray) -> np.ndarray:
    """Weights of a layer in 8 bits, with a warning of those that are too large for any exponent.

    Parameters
    ----------
    name : str
        Of the layer.
    weights : ndarray

    Returns
    -------
    weights : ndarray
    """
    weights = np.asarray(weights)
    if n := n_clipped(weights):
        warn(
            f"{name}: {n:,} of {weights.size:,} weights are clipped to {HIGHEST_WEIGHT:g}, the "
            "largest that Loihi has for this threshold; the layer was trained with the clipped ones"
        )
    return round_weights(weights)


def rounded_parameters(parameters: dict[str, Any], dtype: str) -> dict[str, Any]:
    """Parameters of discrete-time LIF neurons as the chip has them.

    Parameters
    ----------
    parameters : dict
        Decay and threshold are numbers or arrays.
    dtype : str
        In which the layer computes.

    Returns
    -------
    parameters : dict
        With ``fraction_bits``.
    """
    subtracts = parameters["reset"] == "subtract"
    decay, threshold = (np.asarray(parameters[name], dtype) for name in ("decay", "threshold"))
    rounded = {"decay": round_decay(decay), "threshold": round_threshold(threshold, subtracts)}
    return {
        **parameters,
        **{name: x if np.ndim(x) else float(x) for name, x in rounded.items()},
        "min_voltage": lowest_voltage(parameters["min_voltage"]),
        "fraction_bits": FRACTION_BITS,
    }
