"""Colours that colour-blind people can tell apart, and a frame without clutter."""

from __future__ import annotations

import numpy as np

from nengo_softlif.errors import ParameterError

__all__ = ["FAINT", "INK", "MS", "PALETTE", "color", "legend_above", "same_length", "tidy"]

# Okabe & Ito (2008), "Color Universal Design", without their yellow, too pale on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
INK = "#333333"
FAINT = "#BBBBBB"
MS = 1000.0  # milliseconds in a second: times come in seconds and are drawn in ms


def color(index):
    """Return the colour of the ``index``-th thing, starting over after the last.

    Parameters
    ----------
    index : int

    Returns
    -------
    color : str
        As Matplotlib takes it.
    """
    return PALETTE[index % len(PALETTE)]


def tidy(ax, *, xlabel, ylabel, grid="both"):
    """Label an axes, take away half of its frame, and draw a faint grid behind the data.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    xlabel, ylabel : str
        With units in parentheses.
    grid : {"both", "x", "y"}
    """
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.tick_params(color=FAINT, labelcolor=INK)
    ax.set_axisbelow(True)
    ax.grid(axis=grid, color=FAINT, alpha=0.35, linewidth=0.6)


def legend_above(ax, *, n_columns):
    """Put the legend on top of an axes, where it hides no data.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    n_columns : int
    """
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=n_columns, frameon=False)


def same_length(function, times, values, name, *, ndim):
    """Return times and values as arrays after a check that they belong together.

    Parameters
    ----------
    function, name : str
        Whose argument ``values`` is, for the message.
    times : (n,) array_like
    values : (n, ...) array_like
    ndim : int
        Number of dimensions that ``values`` must have.

    Returns
    -------
    times : (n,) ndarray
    values : (n, ...) ndarray

    Raises
    ------
    ParameterError
        If the shapes don't fit.
    """
    times, values = np.asarray(times), np.asarray(values)
    if times.ndim != 1 or values.ndim != ndim or len(values) != len(times):
        raise ParameterError(
            f"{function}: {name} must have {ndim} dimension{'s' * (ndim > 1)}, the first as long "
            f"as the one of the horizontal axis (got the shapes {values.shape} and {times.shape})"
        )
    return times, values
