"""What a run of samples gives back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nengo_softlif.analysis.energy import (
    CostModel,
    Energy,
    Workload,
    count_workload,
    estimate_energy,
)
from nengo_softlif.analysis.firing_rates import RateStatistics
from nengo_softlif.analysis.input_activity import InputActivity
from nengo_softlif.errors import ParameterError
from nengo_softlif.evaluation.presentation import Presentation
from nengo_softlif.networks import RunnableNetwork
from nengo_softlif.networks.runnable import only
from nengo_softlif.tables import Table

__all__ = ["Prediction"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Prediction:
    """What a network made of samples.

    Parameters
    ----------
    network : RunnableNetwork
        What was run.
    backend : str
    presentation : Presentation
        How the samples were shown, with the times filled in. If they differ, ``time`` has one for
        each sample, and ``classify_from`` is left as given.
    n_samples : int
        Number of samples that were run.
    indices : (n_samples,) ndarray of int
        Which of the samples were run: all, unless the run was interrupted.
    n_steps : (n_samples,) ndarray of int
        Time steps for which each sample was shown.
    outputs : dict of str to (n_samples, ...) ndarray
        By output, the mean over the readout window, shaped as the Keras model's.
    outputs_over_time : dict of str to (n_samples, n_steps, ...) ndarray of float32, or None
        By output, if kept; over the steps of the longest presentation, NaN after the end of a
        sample.
    firing_rates : dict of str to RateStatistics
        By layer.
    mean_rates : dict of str to (n_neurons,) ndarray
        By layer, spikes over the time of all samples in Hz.
    input_activity : dict of str to InputActivity
        By input, the spikes or numbers that it sends for one sample, on average.
    spikes : dict of str to (n_samples, n_steps, n_neurons) ndarray of bool or integers, or None
        By layer, if kept; none after the end of a sample.
    build_time, wall_time : float
        Seconds for building the network and for running the samples.
    interrupted : bool
        Whether the run was stopped before all samples were done.
    """

    network: RunnableNetwork
    backend: str
    presentation: Presentation
    n_samples: int
    indices: np.ndarray
    n_steps: np.ndarray
    outputs: dict[str, np.ndarray]
    outputs_over_time: dict[str, np.ndarray] | None
    firing_rates: dict[str, RateStatistics]
    mean_rates: dict[str, np.ndarray]
    input_activity: dict[str, InputActivity]
    spikes: dict[str, np.ndarray] | None
    build_time: float
    wall_time: float
    interrupted: bool

    @property
    def output(self) -> np.ndarray:
        """The only output, (n_samples, ...)."""
        return only("output", self.outputs)

    @property
    def output_over_time(self) -> np.ndarray:
        """The only output in every time step, (n_samples, n_steps, ...).

        Raises
        ------
        ParameterError
            If it was not kept.
        """
        if self.outputs_over_time is None:
            raise ParameterError('outputs were not kept over time; run with keep="outputs"')
        return only("output", self.outputs_over_time)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.output, dtype=dtype, copy=copy)

    @property
    def dt(self) -> float:
        """Time step in seconds."""
        return self.presentation.dt

    @property
    def times(self) -> np.ndarray:
        """Ends of the time steps in seconds, (n_steps,), of the longest presentation."""
        return self.dt * np.arange(1, self.presentation.n_steps() + 1)

    @property
    def durations(self) -> np.ndarray:
        """Seconds for which each sample was shown, (n_samples,)."""
        return self.dt * self.n_steps

    @property
    def classify_from(self) -> float | None:
        """Start of the readout window in seconds; None if each sample has its own."""
        return self.presentation.classify_from

    @cached_property
    def workload(self) -> Workload:
        """Operations for one sample, as `nengo_softlif.analysis.energy.Workload`.

        If the samples were shown for different times, it is the mean.
        """
        time = float(self.durations.mean()) if self.n_samples else self.times[-1]
        return count_workload(
            self.network, self.mean_rates, time, self.dt, inputs=self.input_activity
        )

    @property
    def synops(self) -> float:
        """Synaptic events for one sample, on average; those of spikes from the input count too."""
        return self.workload.synops

    def energy(
        self, model: str | CostModel = "hunsberger2016", counting: str | None = None
    ) -> Energy:
        """Estimate the energy for one sample; see `nengo_softlif.analysis.estimate_energy`.

        Parameters
        ----------
        model : str or CostModel
            Name of a model, see `nengo_softlif.analysis.energy_models`, or one of your own.
        counting : {"merged", "unrolled"}, optional
            Which synaptic events to take; by default what the model says.

        Returns
        -------
        energy : Energy
        """
        return estimate_energy(self.workload, model, counting)

    @property
    def samples_per_second(self) -> float:
        """Throughput: samples in a second of wall time, without building."""
        return self.n_samples / self.wall_time if self.wall_time else float("nan")

    def summary(self) -> None:
        """Print the result as a small table; ``str(result)`` is its text."""
        print(self)

    def __repr__(self) -> str:
        stopped = ", interrupted" if self.interrupted else ""
        return f"<{type(self).__name__} on {self.backend}: {self._headline()}{stopped}>"

    def __str__(self) -> str:
        if not self.n_samples:
            return f"{self.backend}: interrupted before the first batch of samples was done"
        return str(self._table())

    def _repr_html_(self) -> str:
        if not self.n_samples:
            return f"<div>{self}</div>"
        return self._table().to_html(picture=self._picture())

    def _headline(self) -> str:
        shortest = 1000 * self.dt * min(self.n_steps, default=len(self.times))
        longest = 1000 * self.times[-1]
        to_shortest = "" if shortest == longest else f"{shortest:g} to "
        return f"{self.n_samples:,} samples of {to_shortest}{longest:g} ms"

    def _table(self) -> Table:
        notes = [f"{self.samples_per_second:.3g} samples/s"]
        if self.interrupted:
            notes.append("interrupted: these are the samples that were done")
        return Table(
            title=f"{self.backend}: {self._headline()}",
            header=("layer", "neurons", "mean rate", "silent", "saturated"),
            rows=tuple(
                (
                    name,
                    f"{len(self.mean_rates[name]):,}",
                    f"{rates.mean:.1f} Hz",
                    f"{rates.silent:.1%}",
                    f"{rates.saturated:.1%}",
                )
                for name, rates in self.firing_rates.items()
            ),
            notes=tuple(notes),
        )

    def _picture(self) -> str:
        from nengo_softlif.plots import inline, plot_firing_rates

        if not self.mean_rates:
            return ""
        with inline.picture(7.5, 1 + 0.6 * len(self.mean_rates)) as (ax, html):
            plot_firing_rates(ax, self.mean_rates)
        return html.text
