"""Discrete-time LIF neurons over many steps as one differentiable Keras operation.

The forward pass is a scan of `nengo_softlif.functional.discrete_lif`. The backward pass goes
through the steps in reverse (backpropagation through time), with the voltages and spikes that the
forward pass has computed, and with a surrogate in the place of the derivative of a spike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import ops

from nengo_softlif.functional.discrete_lif import (
    adapt,
    integrate,
    reset_by_subtraction,
    reset_to_zero,
)
from nengo_softlif.functional.surrogates import Surrogate

__all__ = ["Dynamics", "Step", "spikes_of"]


@dataclass(frozen=True)
class Step:
    """What the backward pass needs of a step.

    Parameters
    ----------
    before : (batch, ...) tensor
        Voltage at the end of the last step.
    voltage : (batch, ...) tensor
        Compared with the threshold.
    threshold : (batch, ...) tensor
        With adaptation.
    spike : (batch, ...) tensor
        1 or 0.
    active : (batch, ...) tensor or None
        0 in the refractory period, else 1; None if there is none.
    """

    before: Any
    voltage: Any
    threshold: Any
    spike: Any
    active: Any


@dataclass(frozen=True)
class Dynamics:
    """LIF neurons and their gradient; see `nengo_softlif.SpikingDiscreteLIF`.

    Parameters
    ----------
    subtracts : bool
        Whether spikes reset by subtraction of the threshold instead of to zero.
    refractory_steps : int
    min_voltage : float
        ``-inf`` for none.
    adaptation_strength, adaptation_decay : float
    surrogate : Surrogate
    bptt : bool
        Whether errors go back through time; if not, they go through the layers in each step only
        (Bondarev, eq. 8).
    detach_reset : bool
        Whether the reset is a constant in the backward pass.
    """

    subtracts: bool
    refractory_steps: int
    min_voltage: float
    adaptation_strength: float
    adaptation_decay: float
    surrogate: Surrogate
    bptt: bool
    detach_reset: bool

    def state(self, like: Any) -> tuple:
        """Voltage, refractory steps and adaptation at the start, shaped as a tensor."""
        zero = ops.zeros_like(like)
        return zero, zero, zero

    def advance(self, J: Any, state: tuple, decay: Any, threshold: Any) -> tuple[tuple, Step]:
        """Run a step.

        Parameters
        ----------
        J : (batch, ...) tensor
            Input.
        state : tuple of (batch, ...) tensor
        decay, threshold : (...) tensor

        Returns
        -------
        state : tuple of (batch, ...) tensor
        step : Step
        """
        before, refractory, adaptation = state
        voltage, active = integrate(J, before, decay, self.min_voltage, ops), None
        if self.refractory_steps:
            active = ops.cast(refractory <= 0, voltage.dtype)
            voltage = ops.where(refractory <= 0, voltage, before)
        raised = threshold + self.adaptation_strength * adaptation
        spike = ops.cast(voltage >= raised, voltage.dtype)
        if active is not None:
            spike = spike * active
            left = ops.maximum(refractory - 1, 0.0)
            refractory = ops.where(spike > 0, ops.full_like(left, self.refractory_steps), left)
        reset = reset_by_subtraction if self.subtracts else reset_to_zero
        after = reset(voltage, spike, raised)
        if self.adaptation_strength:
            adaptation = adapt(adaptation, spike, self.adaptation_decay)
        return (after, refractory, adaptation), Step(before, voltage, raised, spike, active)

    def slope(self, step: Step) -> Any:
        """Surrogate of the derivative of a spike by the voltage."""
        slope = self.surrogate.slope(step.voltage - step.threshold, ops)
        return slope if step.active is None else slope * step.active

    def back(self, step: Step, error: Any, later: tuple, decay: Any) -> tuple[Any, Any, Any, tuple]:
        """Go back through a step.

        Parameters
        ----------
        step : Step
        error : (batch, ...) tensor
            Derivative of the loss by the spike, as far as it goes to other layers.
        later : (voltage, adaptation) tuple of (batch, ...) tensor
            Derivatives of the loss by the state at the end of the step.
        decay : (...) tensor

        Returns
        -------
        of_input, of_decay, of_threshold : (batch, ...) tensor
            Derivatives by what the step took.
        earlier : (voltage, adaptation) tuple of (batch, ...) tensor
            Derivatives by the state before the step.
        """
        of_after, of_adaptation = later
        through_reset = self.bptt and not self.detach_reset
        of_spike = error
        if through_reset:
            dropped = step.threshold if self.subtracts else step.voltage
            of_spike = of_spike - of_after * dropped
        if self.bptt and self.adaptation_strength:
            of_spike = of_spike + (1 - self.adaptation_decay) * of_adaptation
        of_voltage = of_spike * self.slope(step)
        of_threshold = -of_voltage
        if not self.bptt:
            of_input = self._of_input(step, of_voltage)
            return of_input, of_input * step.before, of_threshold, later
        kept = of_after if self.subtracts else of_after * (1 - step.spike)
        of_voltage = of_voltage + kept
        if through_reset and self.subtracts:
            of_threshold = of_threshold - of_after * step.spike
        of_input = self._of_input(step, of_voltage)
        earlier = decay * of_input
        if step.active is not None:  # the voltage of a refractory neuron stays as it was
            earlier = earlier + of_voltage * (1 - step.active)
        of_adaptation = (
            self.adaptation_decay * of_adaptation + self.adaptation_strength * of_threshold
        )
        return of_input, of_input * step.before, of_threshold, (earlier, of_adaptation)

    def _of_input(self, step, of_voltage):
        if step.active is not None:
            of_voltage = of_voltage * step.active
        if self.min_voltage != float("-inf"):
            of_voltage = of_voltage * ops.cast(step.voltage > self.min_voltage, of_voltage.dtype)
        return of_voltage


def spikes_of(dynamics: Dynamics, delay: int = 1) -> Callable:
    """Make the differentiable function from currents to spikes.

    Parameters
    ----------
    dynamics : Dynamics
    delay : int
        Steps that spikes take through recurrent weights, 1 or more.

    Returns
    -------
    spikes : callable
        Of currents (batch, steps, ...), decay and threshold (...), and recurrent weights
        (n_neurons, n_neurons), from row to column, if there are any; returns (batch, steps, ...).
    """

    @ops.custom_gradient
    def spikes(currents, decay, threshold, *recurrent):
        n_steps = currents.shape[1]
        state, steps = dynamics.state(currents[:, 0]), []
        for k in range(n_steps):
            J = currents[:, k]
            if recurrent and k >= delay:
                J = J + ops.matmul(steps[k - delay].spike, recurrent[0])
            state, step = dynamics.advance(J, state, decay, threshold)
            steps.append(step)
        result = ops.stack([step.spike for step in steps], axis=1)

        def grad(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            zero = ops.zeros_like(upstream[:, 0])
            later, of_inputs = (zero, zero), []
            of_decay = of_threshold = zero
            fed_back = {}  # errors that come back to the spikes of earlier steps
            for k in reversed(range(n_steps)):
                error = upstream[:, k] + fed_back.pop(k, 0)
                of_input, by_decay, by_threshold, later = dynamics.back(
                    steps[k], error, later, decay
                )
                if recurrent and dynamics.bptt and k >= delay:
                    fed_back[k - delay] = ops.matmul(of_input, ops.transpose(recurrent[0]))
                of_inputs.append(of_input)
                of_decay = of_decay + by_decay
                of_threshold = of_threshold + by_threshold
            of_currents = ops.stack(of_inputs[::-1], axis=1)
            of_recurrent = [
                ops.einsum("bki,bkj->ij", result[:, :-delay], of_currents[:, delay:])
                for _ in recurrent
            ]
            return (
                of_currents,
                ops.sum(of_decay, axis=0),
                ops.sum(of_threshold, axis=0),
                *of_recurrent,
            )

        return result, grad

    return spikes
