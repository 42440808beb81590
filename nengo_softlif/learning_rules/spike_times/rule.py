r"""Rules for one layer, which compare output spikes with target spikes.

All have the form

.. math:: \Delta w = \eta \sum_m c_m \sum_a K(m - a)

with moments m at target spikes and output spikes, an amount c for each, arrivals a of input spikes,
and a function of time K. A rule is a choice of amounts and function.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.spike_response import weight_gradient
from nengo_softlif.learning_rules.spike_times.layer import SpikeResponseLayer
from nengo_softlif.learning_rules.spike_times.training import Training, train_until
from nengo_softlif.validation import check_number

__all__ = ["SpikeTrainRule"]


class SpikeTrainRule(ABC):
    """Base class of the rules for one layer.

    Parameters
    ----------
    learning_rate : float
        Factor of all changes (>= 0).
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = check_number("learning_rate", learning_rate, minimum=0)

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({options})"

    @abstractmethod
    def amounts(self, outputs: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Moments, and the amount of each.

        Parameters
        ----------
        outputs, targets : (n_samples, n_neurons, n_spikes) ndarray
            In seconds, infinite for none.

        Returns
        -------
        moments, amounts : (n_samples, n_neurons, n_moments) ndarray
        """

    @abstractmethod
    def response(self, since: np.ndarray, layer: SpikeResponseLayer) -> np.ndarray:
        """Value of the rule's function of time.

        Parameters
        ----------
        since : (...) ndarray
            From an arrival to a moment in seconds, minus infinity for none.
        layer : SpikeResponseLayer

        Returns
        -------
        response : (...) ndarray
        """

    def change(
        self,
        layer: SpikeResponseLayer,
        inputs: np.ndarray,
        outputs: np.ndarray,
        targets: np.ndarray,
    ) -> np.ndarray:
        """Change of the weights, summed over samples.

        Parameters
        ----------
        layer : SpikeResponseLayer
        inputs : (n_samples, n_inputs, n_spikes) ndarray
        outputs, targets : (n_samples, n_neurons, n_spikes) ndarray

        Returns
        -------
        change : (n_inputs, n_terminals, n_neurons) ndarray
        """
        moments, amounts = self.amounts(outputs, targets)
        found = weight_gradient(
            moments, amounts, layer.arrivals(inputs), lambda since: self.response(since, layer)
        )
        return self.learning_rate * layer.by_synapse(found)

    def fit(
        self,
        layer: SpikeResponseLayer,
        inputs: ArrayLike,
        targets: ArrayLike,
        *,
        duration: float,
        epochs: int,
        until: float = 0.0,
        tau: float = 0.01,
    ) -> Training:
        """Change the weights of a layer until its outputs are the targets, or for some epochs.

        Parameters
        ----------
        layer : SpikeResponseLayer
            Its weights change.
        inputs : (n_samples, n_inputs, n_spikes) array_like
            In seconds, infinite for none, from `nengo_softlif.functional.spike_array`.
        targets : (n_samples, n_neurons, n_spikes) array_like
            Of the outputs, in the same form.
        duration : float
            Of the run in seconds.
        epochs : int
            At most.
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
        if isinstance(layer, (list, tuple)):
            raise ParameterError(
                f"layer must be a SpikeResponseLayer (got {len(layer)} in a {type(layer).__name__})"
                f"; give the layer that is to learn, since {type(self).__name__} changes one only"
            )
        return train_until(
            self._run,
            self._learn,
            layer,
            inputs,
            targets,
            self.learning_rate,
            duration=duration,
            epochs=epochs,
            until=until,
            tau=tau,
        )

    @staticmethod
    def _run(layers, inputs, duration):
        (layer,) = layers
        return [inputs, layer.spike_times(inputs, duration=duration)]

    def _learn(self, layers, trains, targets):
        (layer,) = layers
        layer.weights = layer.weights + self.change(layer, *trains, targets)


def wanted_and_fired(outputs: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Moments of target spikes with an amount of 1, and of output spikes with -1."""
    moments = np.concatenate([targets, outputs], axis=-1)
    amounts = np.concatenate([np.ones(targets.shape), -np.ones(outputs.shape)], axis=-1)
    return moments, amounts
