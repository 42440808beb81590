"""Discrete-time LIF neurons for the Loihi emulator."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from nengo.exceptions import BuildError
from nengo_loihi.block import Compartment, LoihiBlock
from nengo_loihi.builder.builder import Builder

from nengo_softlif.loihi.limits import MAX_REFRACTORY_STEPS
from nengo_softlif.neurons import SpikingDiscreteLIF

__all__ = ["fraction_bits", "register"]

_ON_HOST = "put the ensemble on the host with\n  net.config[ensemble].on_chip = False"


def build_discrete_lif(
    model: Any, neuron_type: SpikingDiscreteLIF, neurons: Any, block: LoihiBlock
) -> None:
    """Configure a block for discrete-time LIF neurons, which are those of the chip.

    Parameters
    ----------
    model : nengo_loihi.builder.Model
    neuron_type : SpikingDiscreteLIF
    neurons : nengo.ensemble.Neurons
    block : nengo_loihi.block.LoihiBlock

    Raises
    ------
    nengo.exceptions.BuildError
        If the chip lacks a feature of the neurons.
    """
    seed = model.seeds[neurons.ensemble]
    rng = np.random.RandomState(None if seed is None else seed + 1)
    state = neuron_type.make_state(block.n_neurons, rng=rng)
    for problem in _unsupported(neuron_type, state):
        raise BuildError(f"{neurons}: {problem}, or {_ON_HOST}")
    for name in ("voltage", "refractory", "adaptation"):
        if np.any(state[name]):
            warnings.warn(
                f"NengoLoihi does not support initial values for {name!r} being non-zero on "
                "SpikingDiscreteLIF neurons. On the chip, all values will be initialized to zero.",
                stacklevel=2,
            )
    compartment = block.compartment
    compartment.decay_v[:] = 1 - state["decay"]
    compartment.scale_v = False
    compartment.vth[:] = state["threshold"]
    compartment.vmin, compartment.vmax = neuron_type.min_voltage, np.inf
    compartment.refract_delay[:] = neuron_type.refractory_steps + 1  # with the step of the spike
    compartment.subtracts_threshold = neuron_type.reset == "subtract"
    compartment.fraction_bits = neuron_type.fraction_bits


def _unsupported(neuron_type, state):
    strength = np.max(state["adaptation_strength"])
    if strength:
        yield (
            f"adaptation_strength={strength:g} raises the threshold, and "
            "thresholds are constant on Loihi. Use adaptation_strength=0"
        )
    steps = neuron_type.refractory_steps
    if steps and neuron_type.reset == "subtract":
        yield (
            f"refractory_steps={steps} with reset='subtract' keeps a voltage for some steps, in "
            "which it is zero on Loihi. Use reset='zero' or refractory_steps=0"
        )
    if steps >= MAX_REFRACTORY_STEPS:
        yield (
            f"refractory_steps={steps} is longer than Loihi can wait. Use at most "
            f"{MAX_REFRACTORY_STEPS - 1} steps"
        )


def fraction_bits(compartment: Compartment) -> int | None:
    """Bits after the point of voltages that the network gives as fixed-point numbers, or None.

    Parameters
    ----------
    compartment : nengo_loihi.block.Compartment

    Returns
    -------
    fraction_bits : int or None
    """
    return getattr(compartment, "fraction_bits", None)


def register() -> None:
    """Register the builder with NengoLoihi. May be called again."""
    Builder.builders[SpikingDiscreteLIF] = build_discrete_lif
