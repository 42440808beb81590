"""How busy the neurons of each layer are."""

from __future__ import annotations

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.plots.style import INK, color, tidy

__all__ = ["plot_firing_rates"]

_MAX_DOTS = 400  # neurons drawn one by one in a layer; more would only blacken the picture


def plot_firing_rates(ax, rates):
    """Draw the distribution of mean firing rates in each layer, the first layer on top.

    Each faint dot is a neuron (of large layers an even choice in order of rate). The bar spans
    the middle half of the neurons, the line 90 % of them, the white mark is the median and the
    black one the mean. Neurons that never fire are counted at the right.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    rates : dict of str to (n_neurons,) array_like
        Mean firing rate of every neuron in Hz, for each layer.

    Returns
    -------
    artists : list of matplotlib.artist.Artist
        The bars of the middle half, one for each layer.

    Raises
    ------
    ParameterError
        If there is no layer, or one has no neurons, or a rate is negative or not finite.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> bars = plot_firing_rates(Figure().subplots(), {"conv": [0, 5, 20], "dense": [9, 9]})
    >>> len(bars)
    2
    """
    if not rates:
        raise ParameterError("plot_firing_rates: there must be at least one layer (got none)")
    rng = np.random.RandomState(0)
    bars = []
    for i, (name, values) in enumerate(rates.items()):
        hz = np.sort(np.asarray(values, dtype=float).ravel())
        if hz.size == 0 or not np.all(np.isfinite(hz)) or hz[0] < 0:
            raise ParameterError(
                f"plot_firing_rates: rates of the layer {name!r} must be one or more finite "
                f"numbers of Hz, 0 or more (got {hz.size} from {hz[:1]} to {hz[-1:]})"
            )
        shown = hz[np.linspace(0, hz.size - 1, min(hz.size, _MAX_DOTS)).astype(int)]
        ax.scatter(
            shown,
            i + rng.uniform(-0.3, 0.3, size=shown.size),
            s=7,
            color=color(i),
            alpha=0.35,
            linewidth=0,
        )
        low, quarter, median, three_quarters, high = np.percentile(hz, (5, 25, 50, 75, 95))
        ax.plot([low, high], [i, i], color=INK, linewidth=1, solid_capstyle="butt")
        bars += ax.barh(i, three_quarters - quarter, left=quarter, height=0.26, color=color(i))
        ax.plot(median, i, "|", color="white", markersize=10, markeredgewidth=2)
        ax.plot(hz.mean(), i, "d", color=INK, markersize=5, markeredgecolor="white")
        ax.annotate(
            f"mean {hz.mean():.1f} Hz\nsilent {100 * np.mean(hz == 0):.0f} %",
            (1.01, i),
            xycoords=("axes fraction", "data"),
            va="center",
            color=INK,
            fontsize="small",
        )
    ax.set_yticks(range(len(rates)), list(rates))
    ax.set_ylim(len(rates) - 0.5, -0.5)
    ax.set_xlim(left=min(0, ax.get_xlim()[0] / 2))
    ax.set_title(
        "bar: middle half of the neurons; line: 90 %; white: median; diamond: mean",
        loc="left",
        fontsize="small",
        color=INK,
    )
    tidy(ax, xlabel="Mean firing rate of a neuron (Hz)", ylabel="", grid="x")
    return bars
