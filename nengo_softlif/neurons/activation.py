"""Rate neurons with the curves of Keras' activations."""

from __future__ import annotations

import numpy as np
from nengo.neurons import NeuronType
from nengo.params import EnumParam

from nengo_softlif.functional.activations import ACTIVATIONS, activation
from nengo_softlif.neurons.params import FiniteParam

__all__ = ["ActivationRate"]


class ActivationRate(NeuronType):
    r"""Rate neuron with the curve of a Keras activation, :math:`r(J) = r_1 f(J)`.

    No spiking neuron model has such a curve by itself. `nengo.RegularSpiking` fires it:
    ``nengo.RegularSpiking(ActivationRate("gelu", rate=100), amplitude=0.01)`` sends 100 spikes per
    second for an activation of 1, and spikes of -1 where the curve is negative.

    Parameters
    ----------
    activation : str
        Name of the curve, see `nengo_softlif.functional.activations.ACTIVATIONS`.
    alpha : float
        Parameter of the curves that have one.
    rate : float
        Firing rate in Hz for an activation of 1 (> 0).
    initial_state : dict, optional
        As in all Nengo neuron types.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range.

    Examples
    --------
    >>> ActivationRate("softsign", rate=100).rates([-1.0, 3.0], gain=[1.0], bias=[0.0])
    array([[-50.],
           [ 75.]])
    """

    negative = True

    activation = EnumParam("activation", values=tuple(ACTIVATIONS))
    alpha = FiniteParam("alpha")
    rate = FiniteParam("rate", low=0, low_open=True)

    def __init__(
        self,
        activation: str,
        alpha: float = 1.0,
        rate: float = 1.0,
        initial_state: dict | None = None,
    ):
        super().__init__(initial_state)
        self.activation = activation
        self.alpha = alpha
        self.rate = rate

    def step(self, dt: float, J: np.ndarray, output: np.ndarray) -> None:
        """Compute the rates in Hz."""
        output[...] = self.rate * activation(self.activation, J, self.alpha)
