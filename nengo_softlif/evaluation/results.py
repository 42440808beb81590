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
        How each sample was shown, with all times filled in.
    n_samples : int
        Number of samples that were run.
    outputs : dict of str to (n_samples, ...) ndarray
        By output, the mean over the readout window, shaped as the Keras model's.
    outputs_over_time : dict of str to (n_samples, n_steps, ...) ndarray of float32, or None
        By output, if kept.
    firing_rates : dict of str to RateStatistics
        By layer.
    mean_rates : dict of str to (n_neurons,) ndarray
        By layer, mean over samples in Hz.
    spikes : dict of str to (n_samples, n_steps, n_neurons) ndarray of bool, or None
        By layer, if kept.
    build_time, wall_time : float
        Seconds for building the network and for running the samples.
    interrupted : bool
        Whether the run was stopped before all samples were done.
    """

    network: RunnableNetwork
    backend: str
    presentation: Presentation
    n_samples: int
    outputs: dict[str, np.ndarray]
    outputs_over_time: dict[str, np.ndarray] | None
    firing_rates: dict[str, RateStatistics]
    mean_rates: dict[str, np.ndarray]
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
        """Ends of the time steps in seconds, (n_steps,)."""
        return self.dt * np.arange(1, self.presentation.n_steps() + 1)

    @property
    def classify_from(self) -> float:
        """Start of the readout window in seconds."""
        return self.dt * self.presentation.start_step()

    @cached_property
    def workload(self) -> Workload:
        """Operations for one sample, as `nengo_softlif.analysis.energy.Workload`."""
        time = self.dt * self.presentation.n_steps()
        return count_workload(self.network, self.mean_rates, time, self.dt)

    @property
    def synops(self) -> float:
        """Synaptic events for one sample, on average."""
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
        time = self.presentation.n_steps() * self.dt
        return f"{self.n_samples:,} samples of {1000 * time:g} ms"

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
