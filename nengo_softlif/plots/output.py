"""How the prediction for one image develops."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.plots.style import FAINT, INK, MS, color, legend_above, same_length, tidy

__all__ = ["plot_output_over_time"]

_NAMED_AT_THE_END = 3  # classes with the largest output, beside the true one


def plot_output_over_time(ax, outputs, times, *, label=None):
    """Draw the decoded output of every class, the winner and the true class in colour.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    outputs : (n_steps, n_classes) array_like
        Decoded output while one image is shown.
    times : (n_steps,) array_like
        In seconds.
    label : int, optional
        The true class.

    Returns
    -------
    lines : list of matplotlib.lines.Line2D
        One for each class.

    Raises
    ------
    ParameterError
        If shapes don't fit or ``label`` is not a class.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> outputs = [[0.0, 0.0], [0.2, 0.9]]
    >>> len(plot_output_over_time(Figure().subplots(), outputs, [0.001, 0.002], label=1))
    2
    """
    times, outputs = same_length("plot_output_over_time", times, outputs, "outputs", ndim=2)
    n_classes = outputs.shape[1]
    if label is not None and not 0 <= label < n_classes:
        raise ParameterError(
            f"plot_output_over_time: label must be one of the classes 0 to {n_classes - 1} "
            f"(got {label})"
        )
    winner = int(np.argmax(outputs[-1]))
    lines = []
    for k in range(n_classes):
        meaning = _meaning(k, winner, label)
        style = {"color": FAINT, "linewidth": 1}
        if meaning:
            shade = color(0) if k == label or label is None else color(1)
            style = {"color": shade, "linewidth": 2, "zorder": 3, "label": f"{k}: {meaning}"}
        lines += ax.plot(times * MS, outputs[:, k], **style)
    strongest = np.argsort(outputs[-1])[-_NAMED_AT_THE_END:]
    named = [k for k in range(n_classes) if k in strongest or k == label]
    for k, height in zip(named, _spread(outputs[-1, named], _line_of_text(ax)), strict=True):
        ax.annotate(
            str(k),
            (times[-1] * MS, height),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontsize="small",
            annotation_clip=False,
        )
    ax.set_xlim(0, times[-1] * MS)
    legend_above(ax, n_columns=2)
    tidy(ax, xlabel="Time since the image appeared (ms)", ylabel="Decoded output")
    return lines


def _meaning(k, winner, label):
    if k == winner:
        return "prediction, correct" if k == label else "prediction"
    return "the true class" if k == label else ""


def _line_of_text(ax):
    """Height of a line of small text in data units, near enough before the layout is final."""
    points = 72 * ax.get_position().height * ax.figure.get_figheight()
    low, high = ax.get_ylim()
    return 10 * (high - low) / points


def _spread(heights, gap):
    """Move heights apart until ``gap`` lies between any two, in their own order."""
    order = np.argsort(heights)
    up, down = np.array(heights, dtype=float), np.array(heights, dtype=float)
    for below, above in pairwise(order):
        up[above] = max(up[above], up[below] + gap)
    for above, below in pairwise(order[::-1]):
        down[below] = min(down[below], down[above] - gap)
    return (up + down) / 2
