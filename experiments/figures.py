"""What the figures of the experiments have in common."""

from __future__ import annotations

__all__ = ["logarithmic"]


def logarithmic(ax, which, base=10):
    """Give an axes a logarithmic scale with plain numbers at few places.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    which : {"x", "y"}
    base : int
        Other than 10, only its powers are marked.
    """
    from matplotlib.ticker import LogLocator, NullLocator

    set_scale = {"x": ax.set_xscale, "y": ax.set_yscale}[which]
    set_scale("log", base=base)
    axis = {"x": ax.xaxis, "y": ax.yaxis}[which]
    axis.set_major_locator(LogLocator(base, subs=(1, 2, 3, 5, 7) if base == 10 else (1,)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter("{x:g}")
