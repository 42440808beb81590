"""Discrete-time LIF neurons over many steps as one differentiable Keras operation.

The forward pass is a scan of `nengo_softlif.functional.discrete_lif`. The backward pass runs
through the steps in reverse, with the voltages and spikes that the forward pass has computed, and a
surrogate in the place of the derivative of a spike (backpropagation through time).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import keras
from keras import ops

from nengo_softlif.functional.discrete_lif import (
    adapt,
    integrate,
    reset_by_subtraction,
    reset_to_zero,
)
from nengo_softlif.functional.surrogates import Surrogate

__all__ = ["Dynamics", "scan"]

KERAS = SimpleNamespace(
    abs=ops.abs, exp=ops.exp, maximum=ops.maximum, sigmoid=ops.sigmoid, square=ops.square
)


@dataclass(frozen=True)
class Dynamics:
    """What stays the same in all steps, as in `nengo_softlif.SpikingDiscreteLIF`.

    Parameters
    ----------
    subtracts : bool
        Reset by subtraction instead of to zero.
    refractory_steps : int
    min_voltage : float or None
    adaptation_strength, adaptation_decay : float
    surrogate : Surrogate
    bptt : bool
        Whether errors go back through time; if not, only through the layers in each step (Bondarev,
        eq. 8).
    detach_reset : bool
        Whether errors pass by the reset: it is then a constant in the backward pass.
    """

    subtracts: bool
    refractory_steps: int
    min_voltage: float | None
    adaptation_strength: float
    adaptation_decay: float
    surrogate: Surrogate
    bptt: bool
    detach_reset: bool

    def forward(self, currents, decay, threshold):
        """Run all steps.

        Parameters
        ----------
        currents : list of (batch, ...) tensor
            Input of each step.
        decay, threshold : (...) tensor

        Returns
        -------
        steps : list of `Step`
        """
        zero = ops.zeros_like(currents[0])
        voltage, refractory, adaptation = zero, zero, zero
        steps = []
        for J in currents:
            v = decay * voltage + J
            floored = None
            if self.min_voltage is not None:
                floored = ops.cast(v > self.min_voltage, v.dtype)
            v = integrate(J, voltage, decay, self._floor, KERAS) if floored is not None else v
            active = None
            if self.refractory_steps:
                active = ops.cast(refractory <= 0, v.dtype)
                v = ops.where(active > 0, v, voltage)
            raised = threshold + self.adaptation_strength * adaptation
            spike = ops.cast(v >= raised, v.dtype)
            if active is not None:
                spike = spike * active
                refractory = ops.where(
                    spike > 0, float(self.refractory_steps), ops.maximum(refractory - 1, 0.0)
                )
            steps.append(Step(v, spike, voltage, raised, adaptation, active, floored))
            reset = reset_by_subtraction if self.subtracts else reset_to_zero
            voltage = reset(v, spike, raised)
            if self.adaptation_strength:
                adaptation = adapt(adaptation, spike, self.adaptation_decay)
        return steps
