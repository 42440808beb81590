"""BP-STDP: a trainer of layers of integrate-and-fire neurons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.bp_stdp import (
    hidden_errors,
    integrate_and_fire,
    output_errors,
    window_counts,
)
from nengo_softlif.validation import (
    check_generator,
    check_integer,
    check_labels,
    check_number,
    check_type,
)

__all__ = ["BPSTDP"]

# Of Adam, as in Kingma & Ba (2015)
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


class BPSTDP:
    r"""Layers of integrate-and-fire neurons that learn to classify spikes by BP-STDP.

    The rule is that of `nengo_softlif.functional.bp_stdp`. Its changes of a batch are added up over
    all windows, and applied by Adam. The neurons have neither leak nor bias, are reset by
    subtraction, and have a threshold of 1; `nengo_softlif.SpikingLinearResetLIF` without leak is
    the same neuron in Nengo.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of inputs, of neurons of each hidden layer, and of classes.
    window : int
        Steps in which spikes are counted.
    learning_rate : float
        Of Adam (>= 0); it may be changed between updates.
    gains : sequence of float, optional
        Standard deviation of the initial weights of each layer, in units of
        :math:`\sqrt{2 / n_{inputs}}`; 1 by default.
    seed : int
        Of the initial weights.

    Attributes
    ----------
    weights : list of (n_inputs, n_neurons) ndarray of float32

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = np.arange(40) % 2
    >>> spikes = rng.random((40, 8, 6)) < np.where(labels == 0, 0.1, 0.6)[:, np.newaxis, np.newaxis]
    >>> rule = BPSTDP((6, 20, 2), learning_rate=0.02)
    >>> for _ in range(60):
    ...     rule.update(spikes, labels)
    >>> float(np.mean(rule.predict(spikes) == labels)) > 0.9
    True
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        window: int = 4,
        learning_rate: float = 1e-3,
        gains: Sequence[float] | None = None,
        seed: int = 0,
    ) -> None:
        check_type("sizes", sizes, (list, tuple), "give one for each layer, such as (784, 100, 10)")
        sizes = [check_integer(f"sizes[{i}]", size, minimum=1) for i, size in enumerate(sizes)]
        if len(sizes) < 2:
            raise ParameterError(
                f"sizes must have the numbers of inputs and of classes (got {sizes})"
            )
        gains = [1.0] * (len(sizes) - 1) if gains is None else list(gains)
        if len(gains) != len(sizes) - 1:
            raise ParameterError(
                f"gains must have a number for each of {len(sizes) - 1} layers (got {gains})"
            )
        gains = [check_number(f"gains[{i}]", gain, above=0) for i, gain in enumerate(gains)]
        self.window = check_integer("window", window, minimum=1)
        self.learning_rate = check_number("learning_rate", learning_rate, minimum=0)
        rng = check_generator("seed", seed)
        self.weights = [
            (gain * np.sqrt(2 / n_in) * rng.normal(size=(n_in, n_out))).astype(np.float32)
            for gain, n_in, n_out in zip(gains, sizes, sizes[1:], strict=False)
        ]
        self._means = [np.zeros_like(w) for w in self.weights]
        self._squares = [np.zeros_like(w) for w in self.weights]
        self._n_updates = 0

    def __repr__(self) -> str:
        sizes = (*map(len, self.weights), self.weights[-1].shape[1])
        return f"BPSTDP({sizes}, window={self.window}, learning_rate={self.learning_rate:g})"

    def state(self) -> dict[str, np.ndarray]:
        """All that learning has changed, to be stored and given to `restore`.

        Returns
        -------
        state : dict of str to ndarray
            Copies.
        """
        arrays = {name: array.copy() for name, array in self._arrays().items()}
        return {**arrays, "n_updates": np.array(self._n_updates)}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a stored state, as if learning had not been interrupted.

        Parameters
        ----------
        state : mapping of str to ndarray
            From `state`, such as an open npz file.

        Raises
        ------
        ParameterError
            If it is of a network of other sizes.
        """
        own = self._arrays()
        wrong = [name for name in own if name not in state or state[name].shape != own[name].shape]
        if wrong:
            raise ParameterError(
                f"state must be one of a network with these sizes, {self!r} (got other shapes of "
                f"{', '.join(wrong)}, or none); make the BPSTDP with the sizes that it had"
            )
        for name, array in own.items():
            array[:] = state[name]
        self._n_updates = int(state["n_updates"])

    def _arrays(self):
        parts = {"weights": self.weights, "means": self._means, "squares": self._squares}
        return {f"{name}{i}": array for name, of in parts.items() for i, array in enumerate(of)}

    def run(self, spikes: np.ndarray) -> list[np.ndarray]:
        """Spikes of all layers.

        Parameters
        ----------
        spikes : (n_samples, n_steps, n_inputs) array_like
            1 for a spike, else 0.

        Returns
        -------
        trains : list of (n_samples, n_steps, n_neurons) ndarray of float32
            The input first.

        Raises
        ------
        ParameterError
            If the spikes are of another shape.
        """
        spikes = np.asarray(spikes, dtype=np.float32)
        if spikes.ndim != 3 or spikes.shape[2] != len(self.weights[0]):
            raise ParameterError(
                "spikes must have the shape (n_samples, n_steps, "
                f"{len(self.weights[0])}) (got {spikes.shape})"
            )
        if not len(spikes) or not np.isfinite(spikes).all():
            raise ParameterError(
                "spikes must be of one sample at least, and finite, 1 for a spike and 0 for none "
                f"(got the shape {spikes.shape}{', NaN or infinity in it' * bool(len(spikes))})"
            )
        trains = [spikes]
        for weights in self.weights:
            n_samples, n_steps, n_inputs = trains[-1].shape
            currents = trains[-1].reshape(-1, n_inputs) @ weights  # one product, for speed
            trains.append(integrate_and_fire(currents.reshape(n_samples, n_steps, -1)))
        return trains

    def predict(self, spikes: np.ndarray) -> np.ndarray:
        """Classes whose neurons spike most; the first of equal ones.

        Parameters
        ----------
        spikes : (n_samples, n_steps, n_inputs) array_like

        Returns
        -------
        classes : (n_samples,) ndarray of int
        """
        return self.run(spikes)[-1].sum(axis=1).argmax(axis=1)

    def update(self, spikes: np.ndarray, labels: np.ndarray) -> None:
        """Change the weights by a batch.

        Parameters
        ----------
        spikes : (n_samples, n_steps, n_inputs) array_like
            The number of steps is a multiple of the window.
        labels : (n_samples,) array_like of int

        Raises
        ------
        ParameterError
            If shapes or labels are unsuitable, or weights are no longer finite.
        """
        trains = self.run(spikes)
        if trains[0].shape[1] % self.window:
            raise ParameterError(
                f"spikes must have a multiple of window={self.window} steps (got "
                f"{trains[0].shape[1]})"
            )
        n_classes = self.weights[-1].shape[1]
        labels = check_labels("labels", labels, n_samples=len(spikes), n_classes=n_classes)
        counts = [window_counts(train, self.window) for train in trains]
        errors = output_errors(counts[-1], labels)
        self._n_updates += 1
        for layer in reversed(range(len(self.weights))):
            inputs = counts[layer].reshape(-1, counts[layer].shape[2])
            change = inputs.T @ errors.reshape(-1, errors.shape[2]) / len(inputs)
            if layer:
                errors = hidden_errors(errors, self.weights[layer], counts[layer])
            self._apply(layer, change)

    def _apply(self, layer, change):
        mean, square = self._means[layer], self._squares[layer]
        mean += (1 - BETA_1) * (change - mean)
        square += (1 - BETA_2) * (change**2 - square)
        unbiased = mean / (1 - BETA_1**self._n_updates)
        size = np.sqrt(square / (1 - BETA_2**self._n_updates)) + EPSILON
        self.weights[layer] += (self.learning_rate * unbiased / size).astype(np.float32)
        if not np.isfinite(self.weights[layer]).all():
            raise ParameterError(
                f"learning_rate must keep the weights finite; those of layer {layer} are not after "
                f"{self._n_updates} updates (got {self.learning_rate!r}); lower it"
            )
