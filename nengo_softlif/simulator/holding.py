"""Processes whose output stays the same for many steps.

Nengo's own step makes their values. It need not run in every step, so that whole stretches run
compiled, and what depends on nothing else is computed once for each of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from nengo.builder.operator import Operator
from nengo.processes import Piecewise, PresentInput

__all__ = ["next_look"]

_NEVER = 2**62
# Rounding of the time may bring a change forward by less than that.
_MARGIN = 2


def next_look(operator: Operator, dt: float) -> Callable[[int], int] | None:
    """How long the output of a process is known to stay as it is.

    Parameters
    ----------
    operator : nengo.builder.Operator
    dt : float
        Step in seconds.

    Returns
    -------
    look : callable or None
        Takes the number of a step, from 1, and returns that of a later one; up to there, the output
        does not change. None if it may change in every step.
    """
    process = getattr(operator, "process", None)
    if type(process) is PresentInput:
        return _look_at_inputs(float(process.presentation_time), dt)
    if type(process) is Piecewise and process.interpolation == "zero":
        has_functions = any(callable(value) for value in process.data.values())
        return None if has_functions else _look_at_times(process.data, dt)
    return None


def _look_at_inputs(presentation_time, dt):
    def look(step):
        # the input of some steps before, whose end may be behind, ahead, or rounded to either
        number = math.floor((step - 1 - _MARGIN) * dt / presentation_time)
        # Nengo changes inputs early by that fraction of their time
        change = math.floor((number + 1 - 1e-7) * presentation_time / dt)
        return max(step + 1, change - _MARGIN)

    return look


def _look_at_times(times, dt):
    # the first steps that may be behind them
    changes = np.sort([math.floor(time / dt) - _MARGIN for time in times])

    def look(step):
        # one that has been passed by no more than the margin may still be ahead
        near = np.searchsorted(changes, step - 2 * _MARGIN)
        if near == len(changes):
            return _NEVER
        return max(step + 1, int(changes[near]))

    return look
