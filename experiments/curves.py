"""P1 figure 1, P2 figure 1: response curves of LIF and soft LIF neurons, and their slopes."""

from __future__ import annotations

import numpy as np

from experiments.networks import SIGMA, TAU_RC, TAU_REF
from nengo_softlif.functional import lif_rate, lif_slope
from nengo_softlif.functional.curves import soft_lif_rate_and_slope

TITLE = "LIF and soft LIF curves (P1 figure 1, P2 figure 1)"
SIGMAS = (SIGMA, 0.02, 0.1)  # the first is that of the trained networks
MARGIN = 0.5  # around the threshold


def run(quick):
    """Compute curves and slopes around the threshold.

    Returns
    -------
    result : dict
        Currents, rates in Hz and slopes, by curve.
    """
    J = np.linspace(1 - MARGIN, 1 + MARGIN, 50 if quick else 500)  # not at the threshold
    curves = {"LIF": (lif_rate(J, **_TIMES), lif_slope(J, **_TIMES))}
    for sigma in SIGMAS:
        curves[f"soft LIF, sigma = {sigma:g}"] = soft_lif_rate_and_slope(J, sigma=sigma, **_TIMES)
    return {
        "tau_rc": TAU_RC,
        "tau_ref": TAU_REF,
        "J": J.round(6).tolist(),
        "rates": {name: rates.round(4).tolist() for name, (rates, _) in curves.items()},
        "slopes": {name: slopes.round(3).tolist() for name, (_, slopes) in curves.items()},
    }


_TIMES = {"tau_rc": TAU_RC, "tau_ref": TAU_REF}


def describe(result):
    """Say what the figure shows."""
    steepest = ", ".join(
        f"{max(slopes):,.0f} Hz per unit of current ({name.split(', ')[1]})"
        for name, slopes in result["slopes"].items()
        if name != "LIF"
    )
    return (
        f"tau_rc = {1000 * result['tau_rc']:g} ms, tau_ref = {1000 * result['tau_ref']:g} ms. The "
        f"slope of the LIF curve has no bound at the threshold; of the soft ones it is at most "
        f"{steepest}.\n\n![Curves and slopes](figures/curves.png)"
    )


def draw(result, folder):
    """Draw the figure as ``curves.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots import plot_rate_curves

    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    plot_rate_curves(left, result["J"], result["rates"])
    plot_rate_curves(right, result["J"], result["slopes"], ylabel="Slope (Hz per unit of current)")
    right.set_ylim(0, 250)
    right.get_legend().remove()
    figure.savefig(folder / "curves.png", dpi=110)
