"""How large the layers of a network are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nengo_softlif.plots.style import color, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer

__all__ = ["plot_layer_sizes"]


def plot_layer_sizes(
    ax: Axes, sizes: Mapping[str, float], *, xlabel: str = "Neurons"
) -> BarContainer:
    """Draw a bar for each layer, the first layer on top.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    sizes : dict of str to float
        For instance numbers of neurons.
    xlabel : str

    Returns
    -------
    bars : matplotlib.container.BarContainer

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> len(plot_layer_sizes(Figure().subplots(), {"conv": 2304, "dense": 10}))
    2
    """
    positions = range(len(sizes))
    bars = ax.barh(positions, list(sizes.values()), color=[color(i) for i in positions])
    ax.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize="small")
    ax.set_yticks(positions, list(sizes))
    ax.invert_yaxis()
    ax.margins(x=0.15)
    ax.xaxis.get_major_locator().set_params(integer=True)
    tidy(ax, xlabel=xlabel, ylabel="", grid="x")
    return bars
