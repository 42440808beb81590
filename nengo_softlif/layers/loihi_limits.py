"""Which parameters of discrete-time LIF neurons Loihi has."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.fixed_point import HIGHEST_THRESHOLD, THRESHOLD_UNIT, UNIT

__all__ = ["check_for_loihi"]

_MAX_REFRACTORY_STEPS = 62  # the chip counts the step of the spike, in 6 bits


def check_for_loihi(layer: Any) -> None:
    """Raise unless the parameters of a layer are those of the chip.

    Parameters
    ----------
    layer : DiscreteLIF

    Raises
    ------
    ParameterError
        Naming the parameter, its value, and what to do.
    """
    for rule in (_adaptation, _start, _refractory, _floor, _threshold):
        problem = rule(layer)
        if problem is not None:
            raise ParameterError(f"{layer.name}.{problem}")


def _adaptation(layer):
    strength = layer.adaptation_strength
    if np.any(strength):
        return (
            "adaptation_strength must be 0 with quantize='loihi' (got "
            f"{np.max(strength):g}), since thresholds of the chip are constant; leave it "
            "out, or leave out quantize"
        )
    return None


def _start(layer):
    if layer.initial_voltage:
        return (
            f"initial_voltage must be 0 with quantize='loihi' (got {layer.initial_voltage:g}), "
            "since voltages of the chip begin at zero; leave it out"
        )
    return None


def _refractory(layer):
    steps = layer.refractory_steps
    if steps > _MAX_REFRACTORY_STEPS:
        return (
            f"refractory_steps must be at most {_MAX_REFRACTORY_STEPS} with quantize='loihi' (got "
            f"{steps}); take fewer steps"
        )
    if steps and layer.reset == "subtract":
        return (
            "refractory_steps must be 0 with reset='subtract' and quantize='loihi' (got "
            f"{steps}), since voltages of the chip are zero while it waits; use reset='zero', or "
            "leave out refractory_steps"
        )
    return None


def _floor(layer):
    lowest = layer.min_voltage
    if lowest and not (math.frexp(-lowest)[0] == 0.5 and 2 * UNIT <= -lowest <= 64):
        return (
            "min_voltage must be 0, None or minus a power of two up to 64 with quantize='loihi' "
            f"(got {lowest:g}), since the chip stores its exponent; take -1.0, for instance"
        )
    return None


def _threshold(layer):
    low, high = THRESHOLD_UNIT * UNIT, HIGHEST_THRESHOLD * THRESHOLD_UNIT * UNIT
    if not low <= layer.threshold <= high:
        return (
            f"threshold must be from {low:g} to {high:g} with quantize='loihi' (got "
            f"{layer.threshold:g}), the numbers that the chip has; take 1.0, and scale the weights "
            "before the layer alike"
        )
    return None
