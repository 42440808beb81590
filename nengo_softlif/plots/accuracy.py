"""How soon a spiking network is right."""

from __future__ import annotations

from nengo_softlif.plots.style import FAINT, INK, MS, color, legend_above, same_length, tidy

__all__ = ["plot_accuracy_over_time"]


def plot_accuracy_over_time(ax, times, accuracies, *, classify_from=None, reference=None):
    """Draw the accuracy if classes were predicted at each time.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    times : (n_steps,) array_like
        Time since the image appeared, in seconds.
    accuracies : dict of str to (n_steps,) array_like
        Fraction of images classified rightly, from 0 to 1, for each curve's label.
    classify_from : float, optional
        Start of the readout window in seconds; marked.
    reference : float, optional
        Accuracy of the rate network, from 0 to 1; marked.

    Returns
    -------
    lines : list of matplotlib.lines.Line2D
        One for each of ``accuracies``.

    Raises
    ------
    ParameterError
        If a curve isn't as long as ``times``.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> lines = plot_accuracy_over_time(ax, [0.1, 0.2], {"nengo": [0.1, 0.98]})
    >>> lines[0].get_label()
    'nengo: 98.0 %'
    """
    checked = {
        label: same_length("plot_accuracy_over_time", times, accuracy, repr(label), ndim=1)
        for label, accuracy in accuracies.items()
    }
    if classify_from is not None:
        ax.axvspan(classify_from * MS, times[-1] * MS, color=FAINT, alpha=0.25, linewidth=0)
        ax.annotate(
            "readout window",
            (classify_from * MS, 0.02),
            xycoords=("data", "axes fraction"),
            xytext=(4, 0),
            textcoords="offset points",
            color=INK,
            fontsize="small",
        )
    if reference is not None:
        ax.axhline(
            100 * reference,
            color=INK,
            linestyle=(0, (4, 3)),
            linewidth=1,
            label=f"rate network: {100 * reference:.1f} %",
        )
    lines = []
    for i, (label, (t, accuracy)) in enumerate(checked.items()):
        lines += ax.plot(
            t * MS,
            100 * accuracy,
            color=color(i),
            linewidth=1.8,
            label=f"{label}: {100 * accuracy[-1]:.1f} %",
        )
    ax.set_ylim(0, 103)
    ax.set_xlim(0, times[-1] * MS)
    legend_above(ax, n_columns=2)
    tidy(ax, xlabel="Time since the image appeared (ms)", ylabel="Accuracy (%)")
    return lines
