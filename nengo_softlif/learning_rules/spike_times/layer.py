"""A layer of neurons of the spike response model, whose weights and delays can be learnt."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.response_kernels import ResponseKernels
from nengo_softlif.functional.spike_response import (
    arrival_gradient,
    potential,
    potential_slope,
    spike_times,
)
from nengo_softlif.functional.spike_trains import check_spike_array
from nengo_softlif.validation import check_integer, check_numbers, check_seconds, check_type

__all__ = ["SpikeResponseLayer"]


class SpikeResponseLayer:
    """Neurons of the spike response model, with one or several synapses from each input.

    Parameters
    ----------
    weights : (n_inputs, n_terminals, n_neurons) array_like
        Of each synapse, in units of the threshold's. Those of one terminal may leave its axis out.
    delays : (n_terminals,) or (n_inputs, n_terminals, n_neurons) array_like
        Of each synapse in seconds (>= 0); by default none.
    kernels : ResponseKernels, optional
        What a spike does to a potential, and the threshold.

    Attributes
    ----------
    weights : (n_inputs, n_terminals, n_neurons) ndarray
    delays : ndarray
        As they were given.
    kernels : ResponseKernels

    Raises
    ------
    ParameterError
        If shapes are unsuitable or a delay is negative.

    Examples
    --------
    >>> layer = SpikeResponseLayer([[0.7], [0.7]], kernels=ResponseKernels(tau=0.01))
    >>> layer.spike_times([[[0.01], [0.012]]], duration=0.1).round(4)
    array([[[0.015]]])
    """

    def __init__(
        self,
        weights: ArrayLike,
        delays: ArrayLike = (0.0,),
        kernels: ResponseKernels | None = None,
    ) -> None:
        weights = check_numbers("weights", weights)
        if weights.ndim not in (2, 3):
            raise ParameterError(
                "weights must have the shape (n_inputs, n_neurons) or (n_inputs, n_terminals, "
                f"n_neurons) (got {weights.shape}); give a row for each input"
            )
        if weights.ndim == 2:
            weights = weights[:, np.newaxis]
        delays = check_numbers("delays", delays, minimum=0, unit="seconds")
        if delays.shape not in (weights.shape, weights.shape[1:2]):
            raise ParameterError(
                "delays must have the shape (n_terminals,) or that of weights, (n_inputs, "
                f"n_terminals, n_neurons) (got {delays.shape} with weights of {weights.shape})"
            )
        kernels = ResponseKernels() if kernels is None else kernels
        check_type(
            "kernels",
            kernels,
            ResponseKernels,
            "make one with nengo_softlif.functional.ResponseKernels",
        )
        self.weights, self.delays, self.kernels = weights, delays, kernels

    def __repr__(self) -> str:
        n_inputs, n_terminals, n_neurons = self.weights.shape
        return (
            f"<SpikeResponseLayer: {n_inputs} inputs, {n_terminals} terminals each, "
            f"{n_neurons} neurons, {self.kernels}>"
        )

    @property
    def n_inputs(self) -> int:
        """Number of input neurons."""
        return self.weights.shape[0]

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return self.weights.shape[2]

    def arrivals(self, inputs: np.ndarray) -> np.ndarray:
        """When input spikes arrive: (n_samples, n_neurons or 1, n_arrivals).

        Arrivals are all terminals of all inputs, and of these all spikes.
        """
        delays = self.delays
        if delays.ndim == 1:
            delays = np.broadcast_to(delays[:, np.newaxis], (*self.weights.shape[:2], 1))
        times = inputs[:, :, np.newaxis, np.newaxis] + delays[..., np.newaxis]
        return np.moveaxis(times, 3, 1).reshape(len(inputs), delays.shape[2], -1)

    def by_arrival(self, n_spikes: int) -> np.ndarray:
        """Weight of each arrival, (n_neurons, n_arrivals), for inputs of so many spikes."""
        return np.repeat(self.weights.reshape(-1, self.n_neurons).T, n_spikes, axis=1)

    def by_synapse(self, changes: np.ndarray) -> np.ndarray:
        """Sum of what each arrival gives, (n_neurons, n_arrivals), by weight."""
        n_inputs, n_terminals, n_neurons = self.weights.shape
        return changes.reshape(n_neurons, n_inputs, n_terminals, -1).sum(axis=3).transpose(1, 2, 0)

    def spike_times(
        self, inputs: ArrayLike, *, duration: float, max_spikes: int | None = None
    ) -> np.ndarray:
        """Spike times of the neurons, exactly.

        Parameters
        ----------
        inputs : (n_samples, n_inputs, n_spikes) array_like
            Times in seconds, infinite for none, from `nengo_softlif.functional.spike_array`.
        duration : float
            Of the run in seconds.
        max_spikes : int, optional
            So many spikes of each neuron, the first.

        Returns
        -------
        times : (n_samples, n_neurons, n_spikes) ndarray
            In seconds, infinite for none.

        Raises
        ------
        ParameterError
            If input spikes have another shape or are outside of the run.
        """
        duration = check_seconds("duration", duration)
        if max_spikes is not None:
            check_integer("max_spikes", max_spikes, minimum=1)
        inputs = check_spike_array("inputs", inputs, n_neurons=self.n_inputs, duration=duration)
        return spike_times(
            self.arrivals(inputs),
            self.by_arrival(inputs.shape[2]),
            self.kernels,
            duration=duration,
            max_spikes=max_spikes,
        )

    def potentials(self, times: ArrayLike, inputs: np.ndarray, spikes: np.ndarray) -> np.ndarray:
        """Potentials of the neurons over time, for pictures.

        Parameters
        ----------
        times : (n_times,) array_like
            In seconds.
        inputs : (n_samples, n_inputs, n_spikes) ndarray
        spikes : (n_samples, n_neurons, n_spikes) ndarray
            Of the neurons, from `spike_times`.

        Returns
        -------
        potentials : (n_samples, n_neurons, n_times) ndarray
        """
        inputs = np.asarray(inputs)
        t = np.asarray(times)[np.newaxis, np.newaxis]
        weights = self.by_arrival(inputs.shape[2])
        return potential(t, self.arrivals(inputs), weights, self.kernels, spikes)

    def slopes(self, inputs: np.ndarray, spikes: np.ndarray) -> np.ndarray:
        """Slopes of the potentials at the neurons' spikes: (n_samples, n_neurons, n_spikes)."""
        weights = self.by_arrival(inputs.shape[2])
        return potential_slope(spikes, self.arrivals(inputs), weights, self.kernels)

    def arrival_errors(
        self, inputs: np.ndarray, moments: np.ndarray, errors: np.ndarray
    ) -> np.ndarray:
        """Gradient with respect to each arrival, from errors of potentials.

        Parameters
        ----------
        inputs : (n_samples, n_inputs, n_spikes) ndarray
        moments, errors : (n_samples, n_neurons, n_moments) ndarray
            As in `nengo_softlif.functional.spike_response.arrival_gradient`.

        Returns
        -------
        gradient : (n_samples, n_inputs, n_terminals, n_neurons, n_spikes) ndarray
        """
        weights = self.by_arrival(inputs.shape[2])
        found = arrival_gradient(moments, errors, self.arrivals(inputs), weights, self.kernels)
        n_inputs, n_terminals, n_neurons = self.weights.shape
        found = found.reshape(len(inputs), n_neurons, n_inputs, n_terminals, inputs.shape[2])
        return np.moveaxis(found, 1, 3)
