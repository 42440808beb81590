"""Output of a neuron against its input current."""

from __future__ import annotations

from nengo_softlif.plots.style import color, same_length, tidy

__all__ = ["plot_rate_curves"]

# The second curve often lies on the first, so it is thinner, broken, and drawn on top.
_STYLES = (
    {"linewidth": 2.6, "linestyle": "-"},
    {"linewidth": 1.6, "linestyle": (0, (5, 2))},
    {"linewidth": 1.6, "linestyle": "-."},
    {"linewidth": 1.6, "linestyle": ":"},
)


def plot_rate_curves(ax, J, curves, *, ylabel="Firing rate (Hz)"):
    """Draw one or several functions of the input current.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    J : (n,) array_like
        Input current, threshold at 1.
    curves : dict of str to (n,) array_like
        Firing rates in Hz, or whatever ``ylabel`` says, for each curve's label. Values that
        aren't finite leave a gap.
    ylabel : str
        Name and unit of the curves.

    Returns
    -------
    lines : list of matplotlib.lines.Line2D
        One for each of ``curves``.

    Raises
    ------
    ParameterError
        If a curve isn't as long as ``J``.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from nengo_softlif.functional import lif_rate, soft_lif_rate
    >>> J = [0.9, 1.0, 1.1, 2.0]
    >>> curves = {"LIF": lif_rate(J), "soft LIF": soft_lif_rate(J, sigma=0.1)}
    >>> len(plot_rate_curves(Figure().subplots(), J, curves))
    2
    """
    lines = []
    for i, (label, values) in enumerate(curves.items()):
        x, y = same_length("plot_rate_curves", J, values, repr(label), ndim=1)
        style = _STYLES[i % len(_STYLES)]
        lines += ax.plot(x, y, color=color(i), label=label, zorder=2 + 0.01 * i, **style)
    ax.margins(x=0)
    ax.set_ylim(bottom=0)
    ax.legend(loc="upper left", frameon=False)
    tidy(ax, xlabel="Input current J (threshold = 1)", ylabel=ylabel)
    return lines
