"""What the figures of the experiments have in common."""

from __future__ import annotations

__all__ = ["logarithmic"]

NARROW = 5  # from the lowest to the highest value: too few of the usual numbers are in between


def logarithmic(ax, which, base=10):
    """Give an axes, in which all has been drawn, a logarithmic scale with few and plain numbers.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    which : {"x", "y"}
    base : int
        Other than 10, only its powers are marked.
    """
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

    set_scale = {"x": ax.set_xscale, "y": ax.set_yscale}[which]
    set_scale("log", base=base)
    axis = {"x": ax.xaxis, "y": ax.yaxis}[which]
    low, high = sorted(axis.get_view_interval())
    if base == 10 and high < NARROW * low:
        axis.set_major_locator(MaxNLocator(5))
    else:
        axis.set_major_locator(LogLocator(base, subs=(1, 2, 3, 5, 7) if base == 10 else (1,)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter("{x:g}")
