"""Restricted Boltzmann machines of spiking neurons, trained as rates by contrastive divergence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.siegert_table import SiegertTable
from nengo_softlif.validation import check_integer, check_number, check_numbers

__all__ = ["SiegertRBM"]

WEIGHT_DEVIATION = 0.05  # at the beginning
HIDDEN_BIAS, VISIBLE_BIAS = 0.6, 0.3  # near to the threshold, so that units are active at all
FIRST_MOMENTUM, MOMENTUM = 0.5, 0.9  # in the first epoch and later
DECAY = 1e-4  # of weights, in units of the learning rate
LAST_RATE = 0.3  # of the learning rate, at the end


class SiegertRBM:
    r"""Restricted Boltzmann machine whose units are active as LIF neurons with Poisson input fire.

    Units are active with probabilities by `nengo_softlif.functional.siegert_table.SiegertTable`,
    so that weights can be given to spiking neurons as they are (O'Connor et al. 2013):
    `nengo_softlif.networks.BeliefNetwork`. Contrastive divergence changes weights by

    .. math:: \Delta W = \eta \, (v_0 h_0^T - v_1 h_1^T)

    where h is what the visible units v bring about, and :math:`v_1` what hidden units that are
    drawn from :math:`h_0` bring about (Hinton 2002).

    Parameters
    ----------
    n_visible, n_hidden : int
    units : SiegertTable, optional
        With a full rate of 100 Hz by default.
    seed : int
        Of weights and draws.

    Attributes
    ----------
    weights : (n_visible, n_hidden) ndarray
    hidden_bias : (n_hidden,) ndarray
    visible_bias : (n_visible,) ndarray

    Raises
    ------
    ParameterError
        If a number of units is below 1.

    References
    ----------
    .. [1] O'Connor, Neil, Liu, Delbruck & Pfeiffer (2013), "Real-time classification and sensor
       fusion with a spiking deep belief network".
    .. [2] Hinton (2002), "Training products of experts by minimizing contrastive divergence".

    Examples
    --------
    Two patterns of 20 units each; the machine completes half of one:

    >>> patterns = np.repeat(np.repeat(np.eye(2), 20, axis=1), 50, axis=0)
    >>> machine = SiegertRBM(40, 10)
    >>> errors = machine.fit(patterns, epochs=40, learning_rate=0.05, batch_size=10)
    >>> half = patterns[:1] * (np.arange(40) < 10)
    >>> completed = machine.visible(machine.hidden(half))[0]
    >>> bool(completed[10:20].mean() > 3 * completed[20:].mean())
    True
    """

    def __init__(
        self, n_visible: int, n_hidden: int, *, units: SiegertTable | None = None, seed: int = 0
    ):
        n_visible = check_integer("n_visible", n_visible, minimum=1)
        n_hidden = check_integer("n_hidden", n_hidden, minimum=1)
        self.units = SiegertTable(100.0) if units is None else units
        self._rng = np.random.default_rng(seed)
        shape = n_visible, n_hidden
        self.weights = self._rng.normal(0, WEIGHT_DEVIATION, shape).astype(np.float32)
        self.hidden_bias = np.full(n_hidden, HIDDEN_BIAS, np.float32)
        self.visible_bias = np.full(n_visible, VISIBLE_BIAS, np.float32)

    def __repr__(self) -> str:
        n_visible, n_hidden = self.weights.shape
        return f"<SiegertRBM: {n_visible} visible, {n_hidden} hidden units>"

    def hidden(self, visible: ArrayLike) -> np.ndarray:
        """Activities of hidden units.

        Parameters
        ----------
        visible : (n_samples, n_visible) array_like
            Activities, from 0 to 1.

        Returns
        -------
        hidden : (n_samples, n_hidden) ndarray
        """
        return self.units.of_inputs(np.asarray(visible), self.weights, self.hidden_bias)

    def visible(self, hidden: ArrayLike) -> np.ndarray:
        """Activities of visible units.

        Parameters
        ----------
        hidden : (n_samples, n_hidden) array_like
            Activities, from 0 to 1.

        Returns
        -------
        visible : (n_samples, n_visible) ndarray
        """
        return self.units.of_inputs(np.asarray(hidden), self.weights.T, self.visible_bias)

    def fit(
        self,
        samples: ArrayLike,
        *,
        epochs: int,
        learning_rate: float,
        batch_size: int = 100,
        after_epoch: Callable[[int, float], None] | None = None,
    ) -> list[float]:
        """Train by contrastive divergence.

        Parameters
        ----------
        samples : (n_samples, n_visible) array_like
            Activities of the visible units, from 0 to 1. Minibatches that are not full are left
            for the next epoch, which has another order.
        epochs : int
        learning_rate : float
            At first (> 0); it falls to 30 %.
        batch_size : int
        after_epoch : callable, optional
            Takes the number of the epoch and its error.

        Returns
        -------
        errors : list of float
            Mean squared difference between samples and what comes back, by epoch.

        Raises
        ------
        ParameterError
            If samples or options are out of range, or weights run away.
        """
        samples = check_numbers("samples", samples, minimum=0, maximum=1, booleans=True)
        if samples.ndim != 2 or samples.shape[1] != len(self.weights):
            raise ParameterError(
                f"samples must have the shape (n_samples, {len(self.weights)}) (got "
                f"{samples.shape}); flatten them, as in x.reshape(len(x), -1)"
            )
        samples = samples.astype(np.float32)
        epochs = check_integer("epochs", epochs, minimum=1)
        rate = check_number("learning_rate", learning_rate, above=0)
        batch_size = check_integer("batch_size", batch_size, minimum=1, maximum=len(samples))
        changes = [np.zeros_like(p) for p in (self.weights, self.hidden_bias, self.visible_bias)]
        errors = []
        for epoch in range(epochs):
            momentum = FIRST_MOMENTUM if epoch == 0 else MOMENTUM
            falling = rate * (1 - (1 - LAST_RATE) * epoch / epochs)
            order = self._rng.permutation(len(samples))
            n_batches = len(samples) // batch_size
            total = 0.0
            for batch in np.split(order[: n_batches * batch_size], n_batches):
                total += self._learn(samples[batch], falling, momentum, changes)
            if not np.isfinite(self.weights).all():
                raise ParameterError(
                    f"learning_rate must keep the weights finite; they are not after epoch "
                    f"{epoch + 1} (got {rate:g}); divide it by ten"
                )
            errors.append(total / n_batches)
            if after_epoch is not None:
                after_epoch(epoch, errors[-1])
        return errors

    def _learn(self, samples, rate, momentum, changes):
        """Learn from a minibatch, and return the error of what comes back."""
        first = self._draw(samples)
        hidden = self.hidden(first)
        returned = self.visible(self._draw(hidden))
        second = self._draw(returned)
        hidden_again = self.hidden(second)
        n = len(samples)
        gradients = (
            (first.T @ hidden - second.T @ hidden_again) / n - DECAY * self.weights,
            (hidden - hidden_again).mean(axis=0),
            (first - second).mean(axis=0),
        )
        parameters = self.weights, self.hidden_bias, self.visible_bias
        for parameter, change, gradient in zip(parameters, changes, gradients, strict=True):
            change *= momentum
            change += rate * gradient
            parameter += change
        return float(np.mean((samples - returned) ** 2))

    def _draw(self, probabilities):
        drawn = self._rng.random(probabilities.shape, dtype=np.float32) < probabilities
        return drawn.astype(np.float32)
