"""Exact gradients of spike times through layers, which SpikeProp and MultiSpikeProp descend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.functional.spike_response import potential_errors, weight_gradient
from nengo_softlif.learning_rules.spike_times.layer import SpikeResponseLayer
from nengo_softlif.learning_rules.spike_times.training import Training, train_until
from nengo_softlif.validation import check_number, check_seconds

__all__ = ["GradientRule", "OutputErrors", "backpropagate"]


@dataclass(frozen=True, eq=False)
class OutputErrors:
    """What is wrong with the spikes of the last layer.

    Parameters
    ----------
    times : (n_samples, n_neurons, n_spikes) ndarray
        Derivatives of the loss with respect to the output spike times, in 1 / s.
    moments, potentials : (n_samples, n_neurons, n_moments) ndarray
        Times at which the potential itself is too low or too high, as there is a spike missing or
        one too many, and derivatives of the loss with respect to it.
    """

    times: np.ndarray
    moments: np.ndarray
    potentials: np.ndarray


def backpropagate(
    layers: Sequence[SpikeResponseLayer],
    trains: Sequence[np.ndarray],
    errors: OutputErrors,
    *,
    least_slope: float = 0.0,
    with_delays: bool = False,
) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Gradients of a loss with respect to the weights of all layers, and maybe the delays.

    Parameters
    ----------
    layers : sequence of SpikeResponseLayer
    trains : sequence of (n_samples, n_neurons, n_spikes) ndarray
        Spikes of the input and of each layer.
    errors : OutputErrors
    least_slope : float
        Slopes of potentials below it are taken for it, in 1 / s.
    with_delays : bool
        Whether gradients with respect to delays are wanted.

    Returns
    -------
    gradients : list of (weights, delays)
        Both (n_inputs, n_terminals, n_neurons) ndarray, summed over samples; delays in 1 / s, or
        None.
    """
    gradients = []
    moments, potentials, times = errors.moments, errors.potentials, errors.times
    for layer, inputs, outputs in zip(
        reversed(layers), reversed(trains[:-1]), reversed(trains[1:]), strict=True
    ):
        slopes = layer.slopes(inputs, outputs)
        at_spikes = potential_errors(outputs, times, slopes, layer.kernels, least_slope=least_slope)
        moments = np.concatenate([outputs, moments], axis=-1)
        potentials = np.concatenate([at_spikes, potentials], axis=-1)
        weights = layer.by_synapse(
            weight_gradient(moments, potentials, layer.arrivals(inputs), layer.kernels.response)
        )
        if layer is layers[0] and not with_delays:
            gradients.append((weights, None))
            break
        by_arrival = layer.arrival_errors(inputs, moments, potentials)
        gradients.append((weights, by_arrival.sum(axis=(0, 4)) if with_delays else None))
        times = by_arrival.sum(axis=(2, 3))
        moments = potentials = np.zeros((*times.shape[:2], 0))
    return gradients[::-1]


class GradientRule(ABC):
    """Base class of the rules that descend the gradient of a loss of spike times.

    Parameters
    ----------
    learning_rate : float
        Factor of the changes of weights (>= 0). The loss is in units of squared time constants.
    delay_rate : float
        The same of delays, in units of the time constant (>= 0); with 0 delays are not learnt.
    least_slope : float
        Slopes of potentials below it are taken for it, in thresholds per time constant (>= 0).
    tau_q : float
        Time within which an output spike is moved to a target, in seconds (> 0).
    """

    max_spikes: int | None = None

    def __init__(
        self,
        learning_rate: float = 0.01,
        *,
        delay_rate: float = 0.0,
        least_slope: float = 0.1,
        tau_q: float = 0.01,
    ) -> None:
        self.learning_rate = check_number("learning_rate", learning_rate, minimum=0)
        self.delay_rate = check_number("delay_rate", delay_rate, minimum=0)
        self.least_slope = check_number("least_slope", least_slope, minimum=0)
        self.tau_q = check_seconds("tau_q", tau_q)

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({options})"

    @abstractmethod
    def errors(self, outputs: np.ndarray, targets: np.ndarray, tau: float) -> OutputErrors:
        """Compare outputs with targets.

        Parameters
        ----------
        outputs, targets : (n_samples, n_neurons, n_spikes) ndarray
        tau : float
            Time constant of the last layer in seconds, the unit of the loss.

        Returns
        -------
        errors : OutputErrors
        """

    def run(
        self, layers: Sequence[SpikeResponseLayer], inputs: np.ndarray, duration: float
    ) -> list[np.ndarray]:
        """Spikes of the input and of each layer, as many as the rule uses."""
        trains = [inputs]
        for layer in layers:
            trains.append(
                layer.spike_times(trains[-1], duration=duration, max_spikes=self.max_spikes)
            )
        return trains

    def fit(
        self,
        layers: SpikeResponseLayer | Sequence[SpikeResponseLayer],
        inputs: ArrayLike,
        targets: ArrayLike,
        *,
        duration: float,
        epochs: int,
        until: float = 0.0,
        tau: float = 0.01,
    ) -> Training:
        """Change weights, and maybe delays, until outputs are the targets, or for some epochs.

        Parameters
        ----------
        layers : SpikeResponseLayer or sequence of SpikeResponseLayer
            One or several, the first one first. Their weights and delays change.
        inputs : (n_samples, n_inputs, n_spikes) array_like
            In seconds, infinite for none, from `nengo_softlif.functional.spike_array`.
        targets : (n_samples, n_neurons, n_spikes) array_like
            Of the last layer, in the same form.
        duration : float
            Of the run in seconds.
        epochs : int
            At most. In each the weights change once.
        until : float
            Mean van Rossum distance that is near enough.
        tau : float
            Time constant of that distance in seconds.

        Returns
        -------
        training : Training

        Raises
        ------
        ParameterError
            If an argument is unsuitable, targets are outside of the run, or weights are no longer
            finite.
        """
        return train_until(
            self.run,
            self._descend,
            layers,
            inputs,
            targets,
            self.learning_rate,
            duration=duration,
            epochs=epochs,
            until=until,
            tau=tau,
        )

    def _descend(self, layers, trains, targets):
        last = layers[-1].kernels
        errors = self.errors(trains[-1], targets, last.tau)
        least_slope = self.least_slope * last.threshold / last.tau
        gradients = backpropagate(
            layers,
            trains,
            errors,
            least_slope=least_slope,
            with_delays=self.delay_rate > 0,
        )
        for layer, (weights, delays) in zip(layers, gradients, strict=True):
            layer.weights = layer.weights - self.learning_rate * weights
            if delays is not None:
                if layer.delays.ndim == 1:  # from now on each synapse has its own
                    shared = layer.delays[:, np.newaxis]
                    layer.delays = np.broadcast_to(shared, layer.weights.shape)
                # of a loss whose unit of time is the time constant
                change = self.delay_rate * last.tau**2 * delays
                layer.delays = np.maximum(layer.delays - change, 0.0)
