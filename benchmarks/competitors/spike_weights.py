"""A network's arrays for simulators whose spikes are ones: scales and amplitudes multiplied in."""

from __future__ import annotations

import numpy as np

from benchmarks.networks import DT


def spike_weights(network):
    """Multiply rates and steps into the weights.

    Integrate-and-fire neurons then add their input to the voltage in every step; LIF neurons
    get their current.

    Returns
    -------
    stages : list of (weights, bias)
    readout : (weights, bias)
        What a spike, or its filtered value, adds to the output.
    """
    step = DT if network.neuron == "linear_reset" else 1.0
    stages, height = [], 1.0  # of a spike; the image counts as it is
    for stage in network.stages:
        factor = stage.scale * step
        stages.append((factor * height * stage.weights, factor * stage.bias))
        height = stage.amplitude / DT
    return stages, (height * network.readout, network.readout_bias)


def channels_first(weights, shape):
    """Dense weights for inputs of shape (height, width, channels) flattened channels first."""
    if len(shape) == 1:
        return weights
    weights = weights.reshape(*shape, -1)
    return np.moveaxis(weights, 2, 0).reshape(-1, weights.shape[-1])
