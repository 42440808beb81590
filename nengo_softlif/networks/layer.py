"""A population of neurons in a network, whatever the network was made from."""

from __future__ import annotations

from dataclasses import dataclass

import nengo

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

    @property
    def amplitude(self):
        """Output per Hz of firing rate."""
        return float(getattr(self.neuron_type, "amplitude", 1.0))
