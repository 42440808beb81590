"""PNG files of the results of a run: `nengo_softlif.plots` put together on figures.

Every function writes one file into a folder, which it makes if need be, and returns its path.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nengo_softlif.files import replaced

__all__ = ["draw_accuracy", "draw_curves", "draw_firing_rates", "draw_one_image"]

_DPI = 130
_NEURONS_SHOWN = 50  # rows of the raster for each layer


def draw_accuracy(folder, results, *, reference=None):
    """Draw accuracy over time for one or several backends: ``accuracy_over_time.png``.

    Parameters
    ----------
    folder : str or path
    results : dict of str to Evaluation
        What `nengo_softlif.evaluate` returned, with a label for each.
    reference : float, optional
        Accuracy of the rate network, from 0 to 1.

    Returns
    -------
    path : pathlib.Path
    """
    from nengo_softlif.plots import plot_accuracy_over_time

    figure = _figure(7.5, 4.5, "Accuracy if classes were predicted at each time")
    first = next(iter(results.values()))
    plot_accuracy_over_time(
        figure.subplots(),
        first.times,
        {label: result.accuracy_over_time for label, result in results.items()},
        classify_from=first.classify_from,
        reference=reference,
    )
    return _saved(figure, folder, "accuracy_over_time.png")


def draw_firing_rates(folder, result):
    """Draw the firing rates of each layer's neurons: ``firing_rates.png``.

    Parameters
    ----------
    folder : str or path
    result : Evaluation

    Returns
    -------
    path : pathlib.Path
    """
    from nengo_softlif.plots import plot_firing_rates

    n_layers = len(result.mean_rates)
    title = f"Firing rates on {result.backend}, mean of {result.n_samples:,} samples"
    figure = _figure(7.5, 1.5 + 1.1 * n_layers, title)
    plot_firing_rates(figure.subplots(), result.mean_rates)
    return _saved(figure, folder, "firing_rates.png")


def draw_one_image(folder, image, shown):
    """Draw an image, its spikes and the output over time: ``spikes_of_one_image.png``.

    Parameters
    ----------
    folder : str or path
    image : (height, width, channels) array_like
        Values from 0 to 1; one channel is drawn in grey, three in colour.
    shown : Evaluation
        Of that image alone, with outputs and spikes kept. Of the neurons that spiked at all, an
        even choice is drawn.

    Returns
    -------
    path : pathlib.Path
    """
    from nengo_softlif.plots import plot_output_over_time, plot_raster

    chosen, bounds, start = [], {}, 0
    for name, rasters in shown.spikes.items():
        part = _even_choice(rasters[0])
        if part.shape[1] == 0:
            continue
        chosen.append(part)
        bounds[name] = (start, start + part.shape[1])
        start += part.shape[1]

    label, times = int(shown.labels[0]), shown.times
    figure = _figure(9.5, 6.5, f"One image of class {label}, from pixels to spikes to a prediction")
    axes = figure.subplot_mosaic(
        [["image", "output"], ["image", "raster"]], width_ratios=(1, 4), height_ratios=(2, 3)
    )
    image = np.asarray(image)
    axes["image"].imshow(image[..., 0] if image.shape[-1] == 1 else image, cmap="gray_r")
    axes["image"].set_axis_off()
    plot_output_over_time(axes["output"], shown.output_over_time[0], times, label=label)
    axes["output"].set_xlabel("")
    if chosen:
        plot_raster(axes["raster"], np.concatenate(chosen, axis=1), times, layer_bounds=bounds)
        axes["raster"].set_title(
            f"Spikes of up to {_NEURONS_SHOWN} active neurons of each layer", fontsize="medium"
        )
    return _saved(figure, folder, "spikes_of_one_image.png")


def draw_curves(folder, *, sigma, tau_rc=0.02, tau_ref=0.002):
    """Draw the soft LIF curve and its derivative beside the hard one: ``soft_lif_curve.png``.

    Parameters
    ----------
    folder : str or path
    sigma, tau_rc, tau_ref : float
        As in `nengo_softlif.functional.soft_lif_rate`.

    Returns
    -------
    path : pathlib.Path
    """
    from nengo_softlif.functional import lif_rate, lif_slope, soft_lif_rate_and_slope
    from nengo_softlif.plots import plot_rate_curves

    J = np.linspace(0.5, 2, 1501)
    soft, soft_slope = soft_lif_rate_and_slope(J, tau_rc=tau_rc, tau_ref=tau_ref, sigma=sigma)
    hard = lif_rate(J, tau_rc=tau_rc, tau_ref=tau_ref)
    hard_slope = lif_slope(J, tau_rc=tau_rc, tau_ref=tau_ref)

    figure = _figure(9.5, 4.2, f"What training sees and what runs (sigma = {sigma:g})")
    rates, slopes = figure.subplots(1, 2)
    plot_rate_curves(rates, J, {"soft LIF": soft, "LIF": hard})
    plot_rate_curves(
        slopes,
        J,
        {"soft LIF": soft_slope, "LIF": hard_slope},
        ylabel="Slope (Hz per unit of J)",
    )
    slopes.set_ylim(0, 2 * soft_slope.max())
    return _saved(figure, folder, "soft_lif_curve.png")


def _even_choice(raster):
    active = np.flatnonzero(raster.any(axis=0))
    if len(active) > _NEURONS_SHOWN:
        active = active[np.linspace(0, len(active) - 1, _NEURONS_SHOWN).astype(int)]
    return raster[:, active]


def _figure(width, height, title):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(title, fontsize="large")
    return figure


def _saved(figure, folder, name):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with replaced(path) as partial:
        figure.savefig(partial, dpi=_DPI)
    return path
