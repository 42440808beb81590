"""What a run of a data set gives back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nengo_softlif.analysis.accuracy import error_by_window, wilson_interval
from nengo_softlif.analysis.energy import count_workload, estimate_energy
from nengo_softlif.errors import SoftLIFError

__all__ = ["Evaluation"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a network did with a data set.

    Parameters
    ----------
    network : SpikingNetwork or WrappedNetwork
        What was run.
    backend : str
    indices : (n_items,) ndarray of int
        Which items of the data were run.
    labels, predictions : (n_items,) ndarray of int
    outputs : (n_items, n_outputs) ndarray
        Mean output from ``classify_from`` on.
    accuracy_over_time : (n_steps,) ndarray
        Share of items classified correctly if the presentation ended after each step.
    times : (n_steps,) ndarray
        Ends of the steps, in seconds.
    classify_from : float
        Seconds.
    firing_rates : dict of str to RateStatistics
        By layer.
    mean_rates : dict of str to (n_neurons,) ndarray
        By layer, mean over items in Hz.
    spikes : dict of str to (n_items, n_steps, n_neurons) ndarray of bool, or None
        By layer, if kept.
    outputs_over_time : (n_items, n_steps, n_outputs) ndarray of float32, or None
        If kept.
    build_time, wall_time : float
        Seconds for building the network and for running the items.
    interrupted : bool
        Whether the run was stopped before all items were done.
    """

    network: object
    backend: str
    indices: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray
    outputs: np.ndarray
    accuracy_over_time: np.ndarray
    times: np.ndarray
    classify_from: float
    firing_rates: dict
    mean_rates: dict
    spikes: dict | None
    outputs_over_time: np.ndarray | None
    build_time: float
    wall_time: float
    interrupted: bool

    @property
    def n_items(self):
        """Number of items that were run."""
        return len(self.indices)

    @property
    def accuracy(self):
        """Share of items classified correctly; ``nan`` if none was run."""
        return float(np.mean(self.predictions == self.labels)) if self.n_items else float("nan")

    @property
    def error(self):
        """Share of items classified wrongly."""
        return 1 - self.accuracy

    @property
    def error_interval(self):
        """95 % interval of the error: (low, high)."""
        n_wrong = int(np.sum(self.predictions != self.labels))
        return wilson_interval(n_wrong, self.n_items)

    def error_between(self, classify_from, end):
        """Share of items classified wrongly if the output counts between two times.

        Parameters
        ----------
        classify_from, end : float
            Seconds; ``end`` at most the presentation time. The items were presented for longer,
            which changes nothing before ``end``.

        Returns
        -------
        error : float

        Raises
        ------
        SoftLIFError
            If the outputs were not kept, or the times are not in order.
        """
        if self.outputs_over_time is None:
            raise SoftLIFError("outputs were not kept; evaluate with keep_outputs=True")
        dt = float(self.times[0])
        steps = [round(classify_from / dt)], [round(end / dt)]
        return float(error_by_window(self.outputs_over_time, self.labels, *steps)[0, 0])

    @cached_property
    def workload(self):
        """Operations for one item, as `nengo_softlif.analysis.energy.Workload`."""
        dt, presentation_time = float(self.times[0]), float(self.times[-1])
        return count_workload(self.network, self.mean_rates, presentation_time, dt)

    @property
    def synops(self):
        """Synaptic events for one item, on average."""
        return self.workload.synops

    def energy(self, model="hunsberger2016", counting=None):
        """Estimate the energy for one item; see `nengo_softlif.analysis.energy.estimate_energy`.

        Parameters
        ----------
        model : str or CostModel
            "hunsberger2016", "loihi", "spinnaker", "spinnaker2", "cpu", "gpu", or one of your
            own.
        counting : {"merged", "unrolled"}, optional
            Which synaptic events to take; by default what the model says.

        Returns
        -------
        energy : Energy
        """
        return estimate_energy(self.workload, model, counting)

    @property
    def items_per_second(self):
        """Items run in a second of wall time, building aside."""
        return self.n_items / self.wall_time if self.wall_time else float("nan")

    def summary(self):
        """Describe the result in a few lines.

        Returns
        -------
        text : str
        """
        if not self.n_items:
            return f"{self.backend}: interrupted before the first item was done"
        low, high = self.error_interval
        lines = [
            f"{self.backend}: error {self.error:.2%} ({low:.2%} to {high:.2%}) on "
            f"{self.n_items} items, {self.items_per_second:.3g} items/s"
        ]
        lines += [
            f"  {name}: {rates.mean:.1f} Hz, silent {rates.silent:.1%}, "
            f"saturated {rates.saturated:.1%}"
            for name, rates in self.firing_rates.items()
        ]
        if self.interrupted:
            lines.append("  interrupted: these are the items that were done")
        return "\n".join(lines)
