"""A population of neurons in a network, whatever the network was made from."""

from __future__ import annotations

from dataclasses import dataclass

import nengo

from nengo_softlif.neurons.rates import max_rate

__all__ = ["Layer"]


@dataclass(frozen=True, eq=False, repr=False)
class Layer:
    """A population of neurons in a `SpikingNetwork`.

    Parameters
    ----------
    name : str
        Of the Keras layer that it comes from.
    neurons : nengo.ensemble.Neurons
    shape : tuple of int
        Shape for one item, channels last.
    scale : float
        Factor on its input; its amplitude holds the inverse.
    """

    name: str
    neurons: nengo.ensemble.Neurons
    shape: tuple
    scale: float = 1.0

    def __repr__(self) -> str:
        shape = "x".join(map(str, self.shape))
        return f"<Layer {self.name!r}: {shape} {type(self.neuron_type).__name__}>"

    @property
    def n_neurons(self):
        """Number of neurons."""
        return self.neurons.size_out

    @property
    def neuron_type(self):
        """Nengo neuron type."""
        return self.neurons.ensemble.neuron_type

    def max_rate(self, dt: float) -> float:
        """Highest firing rate of a neuron in Hz with a time step, ``inf`` if there is no limit.

        Parameters
        ----------
        dt : float
            In seconds.

        Returns
        -------
        rate : float
        """
        return max_rate(self.neuron_type, dt)

    @property
    def amplitude(self):
        """Output per Hz of firing rate."""
        return float(getattr(self.neuron_type, "amplitude", 1.0))
