"""What trainers of spike times have in common: checks, and the course of a training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.spike_distance import van_rossum
from nengo_softlif.functional.spike_trains import check_spike_array, spike_list
from nengo_softlif.learning_rules.spike_times.layer import SpikeResponseLayer
from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.validation import check_integer, check_number, check_seconds, check_type

__all__ = ["Training", "mean_distance", "train_until"]


@dataclass(frozen=True, eq=False, repr=False)
class Training(OneLineRepr):
    """The course of a training of spike times.

    Parameters
    ----------
    distances : (n_epochs + 1,) ndarray
        Mean van Rossum distance of outputs from targets before each epoch, and after the last one.
    converged : bool
        Whether the last distance is not above the bound that ended the training.
    """

    distances: np.ndarray
    converged: bool

    @property
    def n_epochs(self) -> int:
        """Number of epochs, in each of which the weights have changed once."""
        return len(self.distances) - 1


def train_until(
    run: Callable[[Sequence[SpikeResponseLayer], np.ndarray, float], list[np.ndarray]],
    learn: Callable[[Sequence[SpikeResponseLayer], list[np.ndarray], np.ndarray], None],
    layers: SpikeResponseLayer | Sequence[SpikeResponseLayer],
    inputs: ArrayLike,
    targets: ArrayLike,
    learning_rate: float,
    *,
    duration: float,
    epochs: int,
    until: float,
    tau: float,
) -> Training:
    """Run layers and let them learn, in turns, until outputs are near to targets.

    Parameters
    ----------
    run : callable
        Takes layers, inputs and duration; returns the spikes of the input and of each layer.
    learn : callable
        Takes layers, what ``run`` returned, and targets; changes the layers.
    layers, inputs, targets, duration, epochs, until, tau
        As for the ``fit`` of rules.
    learning_rate : float
        That errors name.

    Returns
    -------
    training : Training
    """
    duration, tau = check_seconds("duration", duration), check_seconds("tau", tau)
    epochs = check_integer("epochs", epochs, minimum=0)
    until = check_number("until", until, minimum=0)
    layers = check_layers(layers)
    inputs, targets = check_trains(inputs, targets, layers, duration)
    distances = []
    while True:
        trains = run(layers, inputs, duration)
        distances.append(mean_distance(trains[-1], targets, tau))
        converged = distances[-1] <= until
        if converged or len(distances) > epochs:
            return Training(np.array(distances), converged)
        learn(layers, trains, targets)
        check_finite(layers, learning_rate, len(distances))


def check_layers(layers: SpikeResponseLayer | Sequence[SpikeResponseLayer]) -> list:
    """Check layers, of which each has as many inputs as the one before it has neurons."""
    layers = list(layers) if isinstance(layers, list | tuple) else [layers]
    for i, layer in enumerate(layers):
        check_type(
            f"layers[{i}]",
            layer,
            SpikeResponseLayer,
            "make one with nengo_softlif.learning_rules.spike_times.SpikeResponseLayer",
        )
        if i and layer.n_inputs != layers[i - 1].n_neurons:
            raise ParameterError(
                f"layers[{i}] must have as many inputs as layers[{i - 1}] has neurons (got "
                f"{layer.n_inputs} and {layers[i - 1].n_neurons})"
            )
    if not layers:
        raise ParameterError("layers must be at least one SpikeResponseLayer (got none)")
    return layers


def check_trains(
    inputs: ArrayLike, targets: ArrayLike, layers: Sequence[SpikeResponseLayer], duration: float
) -> tuple[np.ndarray, np.ndarray]:
    """Check input spikes and target spikes of layers."""
    inputs = check_spike_array("inputs", inputs, n_neurons=layers[0].n_inputs, duration=duration)
    targets = check_spike_array(
        "targets",
        targets,
        n_neurons=layers[-1].n_neurons,
        duration=duration,
        n_samples=len(inputs),
    )
    return inputs, targets


def check_finite(layers: Sequence[SpikeResponseLayer], learning_rate: float, epoch: int) -> None:
    """Raise if a weight is no longer a finite number."""
    for i, layer in enumerate(layers):
        if not np.isfinite(layer.weights).all():
            raise ParameterError(
                f"learning_rate must keep the weights finite; those of layer {i} are not after "
                f"epoch {epoch} (got {learning_rate!r}); lower it"
            )


def mean_distance(outputs: np.ndarray, targets: np.ndarray, tau: float) -> float:
    """Mean van Rossum distance over samples and neurons.

    Parameters
    ----------
    outputs, targets : (n_samples, n_neurons, n_spikes) ndarray
    tau : float
        In seconds.

    Returns
    -------
    distance : float
    """
    pairs = zip(spike_list(outputs), spike_list(targets), strict=True)
    found = [
        van_rossum(output, target, tau=tau)
        for sample in pairs
        for output, target in zip(*sample, strict=True)
    ]
    return float(np.mean(found))
