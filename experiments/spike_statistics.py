"""P1 figure 2, P2 figure 2: how filtered spike trains fluctuate, against the input current."""

from __future__ import annotations

import nengo
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments import papers
from experiments.networks import TAU_RC, TAU_REF
from nengo_softlif.functional import lif_rate, spike_train_statistics

TITLE = "Statistics of filtered spike trains (P1 figure 2, P2 figure 2)"
TAU_S = 0.005
LARGEST_CURRENT = 10.0
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)
SETTLED = 0.5  # seconds after which the filters have forgotten the start


def run(quick):
    """Simulate neurons with constant inputs, and filter their spikes.

    Returns
    -------
    result : dict
        By refractory period: mean, deviation and quantiles against current, in Hz, and how far the
        means are from the curve.
    """
    J = np.linspace(0, LARGEST_CURRENT, 51 if quick else 401)
    time = 5.0 if quick else 40.0
    return {
        "tau_s": TAU_S,
        "tau_rc": TAU_RC,
        "J": J.round(6).tolist(),
        "simulated_seconds": time,
        "by_tau_ref": {str(ref): _simulate(J, ref, time) for ref in (0.002, TAU_REF)},
    }


def _simulate(J, tau_ref, time):
    with nengo.Network(seed=0) as net:
        neurons = nengo.Ensemble(
            len(J),
            1,
            neuron_type=nsl.SpikingLIF(tau_rc=TAU_RC, tau_ref=tau_ref),
            gain=np.ones(len(J)),
            bias=J,
        ).neurons
        filtered = nengo.Probe(neurons, synapse=nengo.Alpha(TAU_S))
        spikes = nengo.Probe(neurons)
    with nsl.Simulator(net, progress_bar=False) as sim:
        sim.run(SETTLED + time)
    values = sim.data[filtered][round(SETTLED / sim.dt) :]
    analytic = lif_rate(J, tau_rc=TAU_RC, tau_ref=tau_ref)
    means = np.array([_mean_over_periods(train * sim.dt, sim.dt) for train in sim.data[spikes].T])
    fires = analytic > 0
    std = values.std(axis=0)
    return {
        "analytic": analytic.round(4).tolist(),
        "mean": values.mean(axis=0).round(4).tolist(),
        "std": std.round(4).tolist(),
        "quantiles": {
            str(q): found.round(4).tolist()
            for q, found in zip(QUANTILES, np.quantile(values, QUANTILES, axis=0), strict=True)
        },
        "largest_deviation_of_the_mean": float(np.abs(means[fires] / analytic[fires] - 1).max()),
        "largest_deviation_of_the_filtered_mean": float(
            np.abs(values.mean(axis=0)[fires] / analytic[fires] - 1).max()
        ),
        "average_std": {
            "all currents from 0": float(std[J > 0].mean()),
            "currents above threshold": float(std[fires].mean()),
            "currents above threshold up to 5": float(std[fires & (J <= 5)].mean()),
        },
        "average_std_closed_form": float(
            spike_train_statistics(analytic[fires], tau_s=TAU_S).std.mean()
        ),
    }


def _mean_over_periods(spikes, dt):
    """Rate between the first and the last spike: whole periods, so that it is exact."""
    (when,) = np.nonzero(spikes > 0.5)
    if len(when) < 2:
        return 0.0
    return (len(when) - 1) / ((when[-1] - when[0]) * dt)


def describe(result):
    """Say how large the fluctuation is."""
    rows = []
    for ref, found in result["by_tau_ref"].items():
        averages = found["average_std"]
        rows.append(
            (
                f"{1000 * float(ref):g} ms",
                f"{found['largest_deviation_of_the_filtered_mean']:.2%}",
                f"{found['largest_deviation_of_the_mean']:.2%}",
                *(f"{value:.1f} Hz" for value in averages.values()),
                f"{found['average_std_closed_form']:.1f} Hz",
            )
        )
    names = next(iter(result["by_tau_ref"].values()))["average_std"]
    header = (
        "tau_ref",
        "filtered mean off the curve by at most",
        "rate over whole periods",
        *(f"std, {name}" for name in names),
        "closed form, above threshold",
    )
    return (
        f"LIF neurons with tau_rc = {1000 * result['tau_rc']:g} ms simulated for "
        f"{result['simulated_seconds']:g} s at currents from 0 to {LARGEST_CURRENT:g}, alpha "
        f"synapse of {1000 * result['tau_s']:g} ms. P2 finds an average standard deviation of "
        f"about {papers.AVERAGE_STD:g} Hz over all positive currents.\n\n"
        + table(header, rows)
        + "\n\n![Statistics](figures/spike_statistics.png)"
    )


def draw(result, folder):
    """Draw the figure as ``spike_statistics.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import INK, color, tidy

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    J = result["J"]
    for ax, (ref, found) in zip(axes, result["by_tau_ref"].items(), strict=True):
        low, first, median, third, high = found["quantiles"].values()
        ax.fill_between(J, low, high, color=color(5), alpha=0.25, label="extremes", linewidth=0)
        ax.fill_between(J, first, third, color=color(5), alpha=0.6, label="quartiles", linewidth=0)
        ax.plot(J, median, color=color(0), label="median")
        ax.plot(J, found["mean"], color=color(1), linestyle="--", label="mean")
        ax.plot(J, found["std"], color=INK, linestyle=":", label="standard deviation")
        ax.set_title(f"tau_ref = {1000 * float(ref):g} ms", fontsize=10)
        tidy(ax, xlabel="Input current J (threshold = 1)", ylabel="Filtered spikes (Hz)")
    axes[0].legend(frameon=False, fontsize=8)
    figure.savefig(folder / "spike_statistics.png", dpi=110)
