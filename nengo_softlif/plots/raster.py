"""Who spiked when."""

from __future__ import annotations

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.plots.style import FAINT, MS, color, same_length, tidy

__all__ = ["plot_raster"]


def plot_raster(ax, spikes, times, *, layer_bounds=None):
    """Draw a mark for each spike: time to the right, neurons upwards.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    spikes : (n_steps, n_neurons) array_like of bool
        Where there was a spike.
    times : (n_steps,) array_like
        In seconds.
    layer_bounds : dict of str to (start, stop), optional
        Which neurons (stop excluded) are which layer's; each gets a colour and its name.

    Returns
    -------
    artists : list of matplotlib.lines.Line2D
        The spikes, one artist for each layer.

    Raises
    ------
    ParameterError
        If shapes don't fit, or bounds lie outside of the neurons.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> spikes = [[True, False, False], [False, False, True]]
    >>> bounds = {"conv": (0, 2), "dense": (2, 3)}
    >>> len(plot_raster(Figure().subplots(), spikes, [0.001, 0.002], layer_bounds=bounds))
    2
    """
    times, spikes = same_length("plot_raster", times, spikes, "spikes", ndim=2)
    n_neurons = spikes.shape[1]
    if layer_bounds is None:
        layer_bounds = {f"{n_neurons} neurons": (0, n_neurons)}
    artists = []
    for i, (name, (start, stop)) in enumerate(layer_bounds.items()):
        if not 0 <= start < stop <= n_neurons:
            raise ParameterError(
                f"plot_raster: bounds of the layer {name!r} must be start < stop within the "
                f"{n_neurons} neurons (got {start} and {stop})"
            )
        step, neuron = np.nonzero(spikes[:, start:stop])
        artists += ax.plot(
            times[step] * MS,
            start + neuron,
            linestyle="",
            marker="|",
            color=color(i),
            markersize=_mark_size(n_neurons),
            markeredgewidth=1,
            label=name,
        )
        if start > 0:
            ax.axhline(start - 0.5, color=FAINT, linewidth=0.8)
    ax.set_yticks([(start + stop - 1) / 2 for start, stop in layer_bounds.values()])
    ax.set_yticklabels(list(layer_bounds))
    ax.set_ylim(-1, n_neurons)
    ax.set_xlim(0, times[-1] * MS)
    tidy(ax, xlabel="Time since the image appeared (ms)", ylabel="", grid="x")
    return artists


def _mark_size(n_neurons):
    """Height of a mark in points: nearly two rows of neurons, so that few are lost to the eye."""
    return float(np.clip(500 / n_neurons, 2, 8))
