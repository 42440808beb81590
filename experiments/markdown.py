"""Pieces of RESULTS.md."""

from __future__ import annotations

import numpy as np

__all__ = ["hz", "ms", "percent", "spread", "times"]


def percent(value, digits=2):
    """A fraction as percentage; nothing for None."""
    return "" if value is None else f"{100 * value:.{digits}f} %"


def spread(errors):
    """Mean of some fractions as percentage, with their standard deviation if there are several."""
    mean = percent(float(np.mean(errors)))
    return mean if len(errors) == 1 else f"{mean} ± {100 * np.std(errors, ddof=1):.2f}"


def hz(value):
    """A firing rate."""
    return f"{value:.1f} Hz"


def ms(seconds):
    """A time."""
    return f"{1000 * seconds:g} ms"


def times(value):
    """An efficiency; nothing for None."""
    return "" if value is None else f"{value:.2f}x"
