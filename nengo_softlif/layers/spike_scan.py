"""Discrete-time LIF neurons over many steps as one differentiable Keras operation.

The forward pass is a scan of `nengo_softlif.functional.discrete_lif`. The backward pass goes
through the steps in reverse (backpropagation through time), with the voltages and spikes that the
forward pass has computed, and with a surrogate in the place of the derivative of a spike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from keras import ops

from nengo_softlif.functional.discrete_lif import (
    adapt,
    integrate,
    reset_by_subtraction,
    reset_to_zero,
)
from nengo_softlif.functional.surrogates import Surrogate
from nengo_softlif.layers.over_steps import over_steps

__all__ = ["Dynamics", "Step", "spikes_of", "state_size"]


@dataclass(frozen=True)
class Step:
    """What the backward pass needs of a step.

    Parameters
    ----------
    voltage : (batch, ...) tensor
        Compared with the threshold.
    spike : (batch, ...) tensor
        1 or 0.
    threshold : (batch, ...) or (...) tensor
        With adaptation.
    active : (batch, ...) tensor or None
        0 in the refractory period, else 1; None if there is none.
    before : (batch, ...) tensor or None
        Voltage at the end of the last step; None if the decay is not trained.
    """

    voltage: Any
    spike: Any
    threshold: Any
    active: Any
    before: Any


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
    adaptation_strength : float or tuple of float
        Of all neurons, or of each channel.
    adaptation_decay : float
    initial_voltage : float
        In units of the threshold.
    surrogate : Surrogate
    bptt : bool
        Whether errors go back through time; if not, they go through the layers in each step only
        (Bondarev, eq. 8).
    detach_reset : bool
        Whether the reset is a constant in the backward pass.
    learns_decay, learns_threshold : bool
        Whether the backward pass has to compute their derivatives.
    """

    subtracts: bool
    refractory_steps: int
    min_voltage: float
    adaptation_strength: float | tuple[float, ...]
    adaptation_decay: float
    initial_voltage: float
    surrogate: Surrogate
    bptt: bool
    detach_reset: bool
    learns_decay: bool
    learns_threshold: bool

    def start(self, zero: Any, threshold: Any) -> tuple:
        """State before the first step.

        Parameters
        ----------
        zero : (batch, ...) tensor
        threshold : (...) tensor

        Returns
        -------
        state : tuple of (batch, ...) tensor
            Voltage, refractory steps that are left, adaptation.
        """
        voltage = zero + self.initial_voltage * threshold if self.initial_voltage else zero
        return voltage, zero, zero

    def advance(self, J: Any, state: tuple, decay: Any, threshold: Any) -> tuple[tuple, Step]:
        """Run a step.

        Parameters
        ----------
        J : (batch, ...) tensor
            Input.
        state : tuple of (batch, ...) tensor
            Voltage, refractory steps that are left, adaptation.
        decay, threshold : (...) tensor

        Returns
        -------
        state : tuple of (batch, ...) tensor
        step : Step
        """
        before, refractory, adaptation = state
        voltage, active = self.integrate(J, before, decay), None
        if self.refractory_steps:
            active = ops.cast(refractory <= 0, voltage.dtype)
            voltage = ops.where(refractory <= 0, voltage, before)
        raised = threshold + self._strength(voltage) * adaptation
        spike = ops.cast(voltage >= raised, voltage.dtype)
        if active is not None:
            spike = spike * active
            left = ops.maximum(refractory - 1, 0.0)
            refractory = ops.where(spike > 0, ops.full_like(left, self.refractory_steps), left)
        reset = reset_by_subtraction if self.subtracts else reset_to_zero
        after = reset(voltage, spike, raised)
        if self.adaptation_strength:
            adaptation = adapt(adaptation, spike, self.adaptation_decay, 1 - self.adaptation_decay)
        step = Step(voltage, spike, raised, active, before if self.learns_decay else None)
        return (after, refractory, adaptation), step

    def kept(self, step: Step) -> tuple:
        """The tensors of a step that have to be stored for the backward pass."""
        threshold = step.threshold if self.adaptation_strength else None
        stored = (step.voltage, step.spike, threshold, step.active, step.before)
        return tuple(tensor for tensor in stored if tensor is not None)

    def restored(self, kept: Sequence, threshold: Any) -> Step:
        """The step, or all steps, of which `kept` has stored tensors."""
        voltage, spike, *others = kept
        others = iter(others)
        return Step(
            voltage,
            spike,
            next(others) if self.adaptation_strength else threshold,
            next(others) if self.refractory_steps else None,
            next(others) if self.learns_decay else None,
        )

    def integrate(self, J: Any, before: Any, decay: Any) -> Any:
        """Voltage of a step before it is compared with the threshold."""
        return integrate(J, before, decay, self.min_voltage, ops)

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
            of_parameters = self._of_decay(step, of_input), self._learned(of_threshold)
            return of_input, *of_parameters, later
        kept = of_after if self.subtracts else of_after * (1 - step.spike)
        of_voltage = of_voltage + kept
        if through_reset and self.subtracts:
            of_threshold = of_threshold - of_after * step.spike
        of_input = self._of_input(step, of_voltage)
        earlier = decay * of_input
        if step.active is not None:  # the voltage of a refractory neuron stays as it was
            earlier = earlier + of_voltage * (1 - step.active)
        of_adaptation = (
            self.adaptation_decay * of_adaptation + self._strength(of_threshold) * of_threshold
        )
        return (
            of_input,
            self._of_decay(step, of_input),
            self._learned(of_threshold),
            (earlier, of_adaptation),
        )

    def _strength(self, like):
        if isinstance(self.adaptation_strength, float):
            return self.adaptation_strength
        return ops.convert_to_tensor(self.adaptation_strength, like.dtype)

    def _of_decay(self, step, of_input):
        return of_input * step.before if self.learns_decay else ops.zeros_like(of_input)

    def _learned(self, of_threshold):
        return of_threshold if self.learns_threshold else ops.zeros_like(of_threshold)

    def _of_input(self, step, of_voltage):
        if step.active is not None:
            of_voltage = of_voltage * step.active
        if self.min_voltage != float("-inf"):
            of_voltage = of_voltage * ops.cast(step.voltage > self.min_voltage, of_voltage.dtype)
        return of_voltage


@lru_cache(maxsize=256)
def spikes_of(
    dynamics: Dynamics, *, recurrent: bool = False, delay: int = 1, stateful: bool = False
) -> Callable:
    """Make the differentiable function from currents to spikes.

    Equal arguments give the same function, so that it is compiled once for all segments of a
    sequence.

    Parameters
    ----------
    dynamics : Dynamics
    recurrent : bool
        Whether spikes come back to the neurons.
    delay : int
        Steps that they take for it, 1 or more.
    stateful : bool
        Whether to begin with a state and to return the state at the end.

    Returns
    -------
    spikes : callable
        Of currents (batch, steps, ...), decay and threshold (...), recurrent weights (n_neurons,
        n_neurons) from row to column, if ``recurrent``, and the state (batch, `state_size`, ...),
        if ``stateful``. It returns spikes (batch, steps, ...), and behind them, along the axis of
        the steps, the state: Keras' gradients are of functions with one result.
    """
    n_states = state_size(recurrent=recurrent, delay=delay)

    @ops.custom_gradient
    def spikes(currents, decay, threshold, *others):
        weights = others[0] if recurrent else None
        n_steps = currents.shape[1]
        zero = ops.zeros_like(currents[:, 0])
        if stateful:
            packed = tuple(others[-1][:, k] for k in range(n_states))
            state, sent = packed[:3], packed[3:]
        else:
            state, sent = dynamics.start(zero, threshold), (n_states - 3) * (zero,)

        def forward(carry, inputs):
            (state, sent), (J,) = carry, inputs
            if recurrent:
                J = J + ops.matmul(sent[0], weights)
            state, step = dynamics.advance(J, state, decay, threshold)
            sent = (*sent[1:], step.spike) if recurrent else ()
            return (state, sent), dynamics.kept(step)

        (final, sent_last), kept = over_steps(forward, (state, sent), (currents,))
        result = dynamics.restored(kept, threshold).spike
        if stateful:
            final = ops.stack([*final, *sent_last], axis=1)
            result = ops.concatenate([result, final], axis=1)

        def grad(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            of_final = (
                [upstream[:, n_steps + k] for k in range(n_states)]
                if stateful
                else n_states * [zero]
            )

            def backward(carry, inputs):
                later, fed_back, sums = carry
                error, *kept = inputs
                if recurrent:
                    error = error + fed_back[0]
                step = dynamics.restored(kept, threshold)
                of_input, *by_weights, later = dynamics.back(step, error, later, decay)
                if recurrent:  # errors that come back to the spikes of earlier steps
                    back = ops.matmul(of_input, ops.transpose(weights)) if dynamics.bptt else zero
                    fed_back = (*fed_back[1:], back)
                sums = tuple(a + b for a, b in zip(sums, by_weights, strict=True))
                return (later, fed_back, sums), (of_input,)

            carry = (of_final[0], of_final[2]), tuple(of_final[:2:-1]), (zero, zero)
            errors = upstream[:, :n_steps] if stateful else upstream
            carry, (of_currents,) = over_steps(backward, carry, (errors, *kept), reverse=True)
            (of_voltage, of_adaptation), fed_back, (of_decay, of_threshold) = carry
            if not stateful and dynamics.learns_threshold:
                # the voltage at the start is a fraction of the threshold
                of_threshold = of_threshold + dynamics.initial_voltage * of_voltage
            gradients = [of_currents, ops.sum(of_decay, axis=0), ops.sum(of_threshold, axis=0)]
            if recurrent:
                spikes = dynamics.restored(kept, threshold).spike
                arrived = ops.concatenate([ops.stack(sent, axis=1), spikes], axis=1)[:, :n_steps]
                gradients.append(ops.einsum("bki,bkj->ij", arrived, of_currents))
            if stateful:
                gradients.append(
                    ops.stack([of_voltage, zero, of_adaptation, *fed_back[::-1]], axis=1)
                )
            return tuple(gradients)

        return result, grad

    return spikes


def state_size(*, recurrent: bool = False, delay: int = 1) -> int:
    """Tensors of the size of a step that the state consists of.

    Parameters
    ----------
    recurrent : bool
    delay : int

    Returns
    -------
    size : int
        Voltage, refractory steps, adaptation, and the spikes that are on their way.
    """
    return 3 + (delay if recurrent else 0)
