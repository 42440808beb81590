"""Pictures of a run: arrays and an axes in, artists out, no pyplot state.

Any Matplotlib figure will do, one without a window included:

>>> from matplotlib.figure import Figure
>>> axes = Figure().subplots()
>>> lines = plot_rate_curves(axes, [0.0, 1.0, 2.0], {"a line": [0.0, 10.0, 20.0]})
>>> lines[0].get_label()
'a line'
"""

from nengo_softlif.plots.accuracy import plot_accuracy_over_time
from nengo_softlif.plots.curves import plot_rate_curves
from nengo_softlif.plots.firing_rates import plot_firing_rates
from nengo_softlif.plots.layer_sizes import plot_layer_sizes
from nengo_softlif.plots.output import plot_output_over_time
from nengo_softlif.plots.raster import plot_raster

__all__ = [
    "plot_accuracy_over_time",
    "plot_firing_rates",
    "plot_layer_sizes",
    "plot_output_over_time",
    "plot_raster",
    "plot_rate_curves",
]
