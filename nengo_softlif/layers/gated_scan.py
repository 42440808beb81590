"""Gated recurrent cells over many steps as one differentiable Keras operation.

The forward pass is a scan of `nengo_softlif.functional.gated_cells`. The backward pass goes through
the steps in reverse, with the currents of the gates and the memories that the forward pass has
kept; gates are computed anew from their currents.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from keras import ops

from nengo_softlif.functional.gated_cells import (
    logistic,
    mixed,
    spiking_lstm_step,
    sub_lstm_memory,
    sub_lstm_output,
)
from nengo_softlif.functional.surrogates import Surrogate
from nengo_softlif.layers.over_steps import over_steps

__all__ = ["Cell", "SpikingLSTMCell", "SpikingSubLSTMCell", "SubLSTMCell", "outputs_of"]

Gates = tuple[Any, Any, Any, Any]  # input, forget, cell input, output


class Cell(ABC):
    """Gates, memory and output of a cell, and their derivatives."""

    @abstractmethod
    def gate(self, current: Any) -> Any:
        """Activity of a gate."""

    @abstractmethod
    def gate_slope(self, current: Any) -> Any:
        """Derivative of a gate's activity by its current, or the surrogate of it."""

    @abstractmethod
    def advance(self, gates: Gates, memory: Any) -> tuple[Any, Any]:
        """Memory and output of a step, from the gates and the memory before."""

    @abstractmethod
    def back(
        self, gates: Gates, before: Any, memory: Any, of_memory: Any, of_output: Any
    ) -> tuple[Gates, Any]:
        """Go back through `advance`.

        Parameters
        ----------
        gates : tuple of (batch, units) tensor
        before, memory : (batch, units) tensor
            Memory before and after the step.
        of_memory, of_output : (batch, units) tensor
            Derivatives of the loss by the results of the step.

        Returns
        -------
        of_gates : tuple of (batch, units) tensor
        of_before : (batch, units) tensor
        """


@dataclass(frozen=True)
class _Spiking(Cell):
    """Gates that spike.

    Parameters
    ----------
    threshold : float
    surrogate : Surrogate
    """

    threshold: float
    surrogate: Surrogate

    def gate(self, current):
        return ops.cast(current >= self.threshold, current.dtype)

    def gate_slope(self, current):
        return self.surrogate.slope(current - self.threshold, ops)


@dataclass(frozen=True)
class SpikingLSTMCell(_Spiking):
    """Spikes for gates, and a memory of one bit."""

    def advance(self, gates, memory):
        """Memory and output of a step."""
        return spiking_lstm_step(*gates, memory, ops)

    def back(self, gates, before, memory, of_memory, of_output):
        """Go back through `advance`; a memory of 1 that is set once more is full."""
        i, f, g, o = gates
        of_memory = of_memory + of_output * o
        of_sum = of_memory * ops.cast(f * before + i * g <= 1, memory.dtype)
        return (of_sum * g, of_sum * before, of_sum * i, of_output * memory), of_sum * f


class _Subtractive(Cell):
    """The memory of a subLSTM, and what its output has a derivative by."""

    @abstractmethod
    def output_slope(self, memory: Any, o: Any) -> tuple[Any, Any]:
        """Derivatives of the output by the memory and by the output gate."""

    def back(self, gates, before, memory, of_memory, of_output):
        _, f, _, o = gates
        by_memory, by_gate = self.output_slope(memory, o)
        of_memory = of_memory + of_output * by_memory
        return (-of_memory, of_memory * before, of_memory, of_output * by_gate), of_memory * f


@dataclass(frozen=True)
class SubLSTMCell(_Subtractive):
    """Logistic gates that subtract."""

    def gate(self, current):
        """Activity of a gate."""
        return logistic(current, ops)

    def gate_slope(self, current):
        """Derivative of a gate's activity by its current."""
        activity = logistic(current, ops)
        return activity * (1 - activity)

    def advance(self, gates, memory):
        """Memory and output of a step."""
        i, f, z, o = gates
        memory = sub_lstm_memory(i, f, z, memory)
        return memory, sub_lstm_output(memory, o, self.gate)

    def output_slope(self, memory, o):
        """Derivatives of the output by the memory and by the output gate."""
        return self.gate_slope(memory), -1.0


@dataclass(frozen=True)
class SpikingSubLSTMCell(_Subtractive, _Spiking):
    """Spikes for gates, and a membrane for a memory, less inhibition, makes the spikes of it."""

    def advance(self, gates, memory):
        """Memory and output of a step."""
        i, f, z, o = gates
        memory = sub_lstm_memory(i, f, z, memory)
        return memory, self.gate(memory - o)

    def output_slope(self, memory, o):
        """Surrogates of the derivatives by the memory and by the output gate."""
        slope = self.gate_slope(memory - o)
        return slope, -slope


@lru_cache(maxsize=256)
def outputs_of(cell: Cell, *, fixed_forget: bool = False, gated: bool = False) -> Callable:
    """Make the differentiable function from currents to outputs.

    Equal arguments give the same function, so that it is compiled once.

    Parameters
    ----------
    cell : Cell
    fixed_forget : bool
        Whether the forget gate is constant.
    gated : bool
        Whether there is a time gate.

    Returns
    -------
    outputs : callable
        Of currents (batch, steps, gates * units), recurrent weights (units, gates * units), memory
        and output at the start (batch, 2, units), the activity of the forget gate (units,) if it
        is constant, and the openness of the time gate (steps, units) if there is one. It returns
        the outputs (batch, steps, units), and behind them the memory at the end: Keras' gradients
        are of functions with one result.
    """
    n_gates = 3 if fixed_forget else 4

    @ops.custom_gradient
    def outputs(currents, weights, start, *others):
        n_steps = currents.shape[1]
        over = (others[-1][None],) if gated else ()  # with an axis for the batch

        def gates_of(current):
            i, *f, g, o = ops.split(cell.gate(current), n_gates, axis=-1)
            return i, (f[0] if f else ops.broadcast_to(others[0], ops.shape(i))), g, o

        def forward(state, inputs):
            (memory, output), (current, *k) = state, inputs
            current = current + ops.matmul(output, weights)
            new = cell.advance(gates_of(current), memory)
            if gated:
                new = tuple(mixed(*pair, k[0]) for pair in zip(new, state, strict=True))
            return new, (current, *new)

        state = start[:, 0], start[:, 1]
        (memory, _), (sums, memories, made) = over_steps(forward, state, (currents, *over))
        result = ops.concatenate([made, memory[:, None]], axis=1)

        def grad(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            arrived = ops.concatenate([start[:, 1:], made], axis=1)[:, :n_steps]
            before = ops.concatenate([start[:, :1], memories], axis=1)[:, :n_steps]

            def backward(later, inputs):
                (of_memory, of_output), (error, current, memory, output, *k) = later, inputs
                of_output = of_output + error
                gates = gates_of(current)
                new = cell.advance(gates, memory)
                of_others = []
                if gated:
                    of_open = of_memory * (new[0] - memory) + of_output * (new[1] - output)
                    held = (1 - k[0]) * of_memory, (1 - k[0]) * of_output
                    of_memory, of_output = k[0] * of_memory, k[0] * of_output
                    of_others = [of_open]
                of_gates, of_before = cell.back(gates, memory, new[0], of_memory, of_output)
                if fixed_forget:
                    i, f, g, o = of_gates
                    of_gates, of_others = (i, g, o), [f, *of_others]
                of_current = ops.concatenate(of_gates, axis=-1) * cell.gate_slope(current)
                earlier = of_before, ops.matmul(of_current, ops.transpose(weights))
                if gated:
                    earlier = tuple(a + b for a, b in zip(earlier, held, strict=True))
                return earlier, (of_current, *of_others)

            later = upstream[:, n_steps], ops.zeros_like(start[:, 1])
            inputs = upstream[:, :n_steps], sums, before, arrived, *over
            earlier, of_inputs = over_steps(backward, later, inputs, reverse=True)
            of_currents, *of_others = of_inputs
            if fixed_forget:
                of_others[0] = ops.sum(of_others[0], axis=1)
            of_others = [ops.sum(x, axis=0) for x in of_others]
            of_weights = ops.einsum("bki,bkj->ij", arrived, of_currents)
            return of_currents, of_weights, ops.stack(earlier, axis=1), *of_others

        return result, grad

    return outputs
