"""The figures of the report."""

from __future__ import annotations


def draw_curves(curves, path):
    """Draw images a second along each axis, both logarithmic.

    Parameters
    ----------
    curves : dict of str to list of dict
        Points by axis, as in ``curves.json``.
    path : Path
        A PNG file.
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import EngFormatter, NullLocator

    figure, all_axes = plt.subplots(1, len(curves), figsize=(3 * len(curves), 2.8), sharey=True)
    for ax, (axis, points) in zip(all_axes, curves.items(), strict=True):
        for name in points[0]["entries"]:
            measured = [
                (point["value"], point["entries"][name]["images_per_second"])
                for point in points
                if "images_per_second" in point["entries"][name]
            ]
            if measured:
                ax.loglog(*zip(*measured, strict=True), "o-", markersize=3, label=name)
        ax.set_xlabel(axis)
        ax.set_xticks([point["value"] for point in points])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(EngFormatter(places=0, sep=""))
        ax.spines[["top", "right"]].set_visible(False)
    all_axes[0].set_ylabel("images/s")
    all_axes[0].legend(frameon=False, fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    plt.close(figure)


def draw_learning(result, path):
    """Draw how the time of an image grows with the number of outputs, and with the input rate.

    Parameters
    ----------
    result : dict
        Milliseconds by number of outputs, "sizes", and by rate of a white pixel in Hz, "rates".
    path : Path
        A PNG file.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 2.8), layout="constrained")
    sizes, rates = figure.subplots(1, 2)
    for ax, times, label in (
        (sizes, result["sizes"], "outputs"),
        (rates, result["rates"], f"rate of a white pixel (Hz), {result['n_outputs']} outputs"),
    ):
        ax.plot([float(x) for x in times], list(times.values()), "o-", markersize=3)
        ax.set_xlabel(label)
        ax.spines[["top", "right"]].set_visible(False)
    sizes.set_xscale("log")
    sizes.set_yscale("log")
    sizes.set_ylabel("an image (ms)")
    rates.set_ylim(bottom=0)
    figure.savefig(path, dpi=100)
