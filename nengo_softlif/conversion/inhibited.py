"""Populations whose neurons inhibit each other: a connection in spikes, a steady state in rates."""

from __future__ import annotations

import nengo
import numpy as np
from nengo.neurons import NeuronType, NeuronTypeParam
from nengo.params import Parameter

from nengo_softlif.conversion.graph import Neurons
from nengo_softlif.errors import ConversionError
from nengo_softlif.functional.inhibition import Inhibition, inhibited_rate
from nengo_softlif.neurons import SoftLIFRate

__all__ = ["InhibitedSoftLIFRate", "connect_inhibition", "inhibition_of"]


def inhibition_of(op: Neurons) -> Inhibition | None:
    """Inhibition among the neurons of a population.

    Parameters
    ----------
    op : Neurons

    Returns
    -------
    inhibition : Inhibition or None
    """
    parameters = op.activation.parameters.get("inhibition")
    return None if parameters is None else Inhibition(**parameters)


def connect_inhibition(op: Neurons, neurons: nengo.ensemble.Neurons) -> None:
    """Let the filtered spikes of a population lower the currents of its groups of channels.

    Parameters
    ----------
    op : Neurons
        With inhibition.
    neurons : nengo.ensemble.Neurons
        That stand for it, in the network that is being built.
    """
    inhibition, channels = inhibition_of(op), op.shape[-1]
    factor = -inhibition.strength / getattr(op.neuron_type, "amplitude", 1.0)  # per Hz
    transform = factor
    if inhibition.n_channels > 1:
        transform = nengo.Convolution(
            n_filters=channels,
            input_shape=(op.size // channels, channels),
            kernel_size=(1,),
            strides=(1,),
            groups=channels // inhibition.n_channels,
            init=np.full((1, inhibition.n_channels, channels), factor / inhibition.n_channels),
        )
    nengo.Connection(
        neurons,
        neurons,
        transform=transform,
        synapse=inhibition.tau,
        label=f"{op.name}/inhibition",
    )


class InhibitedSoftLIFRate(NeuronType):
    """Rates of soft LIF neurons in the steady state of their inhibition.

    Parameters
    ----------
    soft_lif : SoftLIFRate
    inhibition : Inhibition
    channels : int
        Of the population, which come last.
    """

    soft_lif = NeuronTypeParam("soft_lif")
    inhibition = Parameter("inhibition")

    def __init__(self, soft_lif: NeuronType, inhibition: Inhibition, channels: int):
        super().__init__()
        if not isinstance(soft_lif, SoftLIFRate):
            raise ConversionError(
                "the steady state of neurons that inhibit each other is known for SpikingLIF only "
                f"(got the rates of {type(soft_lif).__name__}); leave out neurons= for the layer, "
                "or train it without inhibition"
            )
        self.soft_lif = soft_lif
        self.inhibition = inhibition
        self.channels = channels

    def step(self, dt: float, J: np.ndarray, output: np.ndarray) -> None:
        """Compute the rates for the input currents."""
        type_ = self.soft_lif
        rates = inhibited_rate(
            J.reshape(-1, self.channels),
            self.inhibition,
            tau_rc=type_.tau_rc,
            tau_ref=type_.tau_ref,
            amplitude=type_.amplitude,
            sigma=type_.sigma,
        )
        output[...] = rates.reshape(output.shape)
