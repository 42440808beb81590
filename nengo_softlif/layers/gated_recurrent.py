"""What layers of gated recurrent cells have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import keras
from keras import ops

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.time_gate import TimeGate, is_open, openness, phase
from nengo_softlif.layers.between import Between
from nengo_softlif.layers.curves import in_one_loop
from nengo_softlif.layers.discrete_lif import check_time_axis
from nengo_softlif.layers.gated_scan import Cell, outputs_of
from nengo_softlif.layers.precision import (
    at_least_single,
    check_dtype_policy,
    check_training_precision,
)
from nengo_softlif.layers.rate_regularizer import (
    FiringRateRegularizer,
    mean_over_steps,
    penalize,
    rate_regularizer_of,
)
from nengo_softlif.validation import check_integer, check_number, check_type

__all__ = ["GatedRecurrent"]


class GatedRecurrent(keras.layers.Layer):
    """Base of `SpikingLSTM` and `SubLSTM`: weights, time gate and state.

    Parameters
    ----------
    units : int
        Number of cells.
    time_gate : TimeGate, optional
        Lets cells take in something only now and then.
    rate_regularizer : FiringRateRegularizer, optional
        Penalty on the mean rates of outputs that spike, in training; a step counts as 1 ms. Gates
        are not part of it.
    forget_bias : float
        Added to the initial biases of forget gates, so that memories last from the beginning.
    kernel_initializer, recurrent_initializer, bias_initializer : str or Initializer
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or Regularizer, optional
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If a parameter is out of range.
    """

    fixed_forget = False  # whether the forget gate is a constant of each unit
    _fires = True  # whether outputs are spikes

    def __init__(
        self,
        units: int,
        *,
        time_gate: TimeGate | dict | None = None,
        rate_regularizer: FiringRateRegularizer | dict | None = None,
        forget_bias: float = 1.0,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_dtype_policy(self)
        self.units = check_integer(f"{self.name}.units", units, minimum=1)
        self.time_gate = self._checked_gate(time_gate)
        self.rate_regularizer = rate_regularizer_of(self.name, rate_regularizer)
        if self.rate_regularizer is not None and not self._fires:
            raise ParameterError(
                f"{self.name}.rate_regularizer is for outputs that spike (got "
                f"{self.rate_regularizer!r} and rates); pass spiking=True, or leave it out"
            )
        self.forget_bias = check_number(f"{self.name}.forget_bias", forget_bias)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = keras.regularizers.get(recurrent_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)

    def _checked_gate(self, gate):
        if gate is None:
            return None
        gate = check_type(
            f"{self.name}.time_gate",
            TimeGate(**gate) if isinstance(gate, dict) else gate,
            TimeGate,
            "give nengo_softlif.functional.time_gate.TimeGate((20, 100)), for instance",
        )
        if self._fires and (gate.leak or gate.trainable):
            raise ParameterError(
                f"{self.name}.time_gate: gates of spiking cells are open or closed, without a "
                f"gradient (got leak={gate.leak:g}, trainable={gate.trainable}); leave out leak "
                "and trainable"
            )
        return gate

    @property
    @abstractmethod
    def cell(self) -> Cell:
        """One step of the cells, and its gradient."""

    def build(self, input_shape):
        """Make the weights."""
        check_time_axis(self, input_shape)
        if len(input_shape) != 3:
            raise ParameterError(
                f"{self.name}: inputs must have the shape (batch, steps, features) (got "
                f"{tuple(input_shape)}); put keras.layers.Flatten() inside of "
                "nengo_softlif.layers.OverTime before it"
            )
        units = self.units
        n = (3 if self.fixed_forget else 4) * units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], n),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            shape=(units, n),
            initializer=self._initial_recurrent,
            regularizer=self.recurrent_regularizer,
            name="recurrent_kernel",
        )
        self.bias = self.add_weight(
            shape=(n,),
            initializer=self._initial_bias,
            regularizer=self.bias_regularizer,
            name="bias",
        )
        if self.fixed_forget:
            self.forget = self.add_weight(
                shape=(units,), initializer=self._initial_forget, name="forget"
            )
        if self.time_gate is not None:
            options = {"shape": (units,), "trainable": self.time_gate.trainable}
            limits = Between(self.time_gate.shortest, None)
            self.period = self.add_weight(
                initializer=self._draw_periods, constraint=limits, name="period", **options
            )
            evenly = keras.initializers.RandomUniform(0.0, 1.0)
            self.shift = self.add_weight(initializer=evenly, name="shift", **options)
        super().build(input_shape)

    def _initial_recurrent(self, shape, dtype=None):
        # bfloat16 has no orthogonal ones on TensorFlow
        precise = self.recurrent_initializer(shape, dtype=at_least_single(dtype))
        return ops.cast(precise, dtype)

    def _initial_bias(self, shape, dtype=None):
        bias = self.bias_initializer(shape, dtype=dtype)
        if self.fixed_forget:
            return bias
        added = [self.forget_bias * (k == 1) for k in range(4) for _ in range(self.units)]
        return bias + ops.convert_to_tensor(added, bias.dtype)

    def _initial_forget(self, shape, dtype=None):
        return self.bias_initializer(shape, dtype=dtype) + self.forget_bias

    def _draw_periods(self, shape, dtype=None):
        low, high = self.time_gate.period
        fraction = keras.initializers.RandomUniform(0.0, 1.0)(shape, dtype=dtype)
        return low * (high / low) ** fraction

    def call(self, inputs, training=False):
        """Return the output of each step, (batch, steps, units)."""
        check_training_precision(self, training)
        outputs = self._run(inputs, self.initial_state(inputs))[:, :-1]
        if training and self.rate_regularizer is not None:
            penalize(self, mean_over_steps(outputs))
        return outputs

    def initial_state(self, inputs: Any) -> Any:
        """State in which the cells begin.

        Parameters
        ----------
        inputs : (batch, steps, ...) tensor

        Returns
        -------
        state : (batch, n, units) tensor
            Memory, output and, with a time gate, the number of steps so far; all are 0.
        """
        n_states = 2 if self.time_gate is None else 3
        dtype = at_least_single(self.compute_dtype)  # float16 can't count long sequences
        return ops.zeros((ops.shape(inputs)[0], n_states, self.units), dtype)

    def run(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Go on from a state, for sequences that are presented in segments.

        Parameters
        ----------
        inputs : (batch, steps, features) tensor
        state : (batch, n, units) tensor
            From `initial_state`, or from the segment before.

        Returns
        -------
        outputs : (batch, steps, units) tensor
        state : (batch, n, units) tensor
            At the end.
        """
        both = self._run(inputs, state)
        outputs, memory = both[:, :-1], both[:, -1]
        after = [ops.cast(x, state.dtype) for x in (memory, outputs[:, -1])]
        if self.time_gate is not None:
            after.append(state[:, 2] + inputs.shape[1])
        return outputs, ops.stack(after, axis=1)

    def _run(self, inputs, state):
        """Outputs, and behind them the memory at the end."""
        dtype = self.compute_dtype
        kernel, weights, bias = (
            ops.cast(w, dtype) for w in (self.kernel, self.recurrent_kernel, self.bias)
        )
        currents = ops.matmul(ops.cast(inputs, dtype), kernel) + bias
        others = []
        if self.fixed_forget:
            others.append(ops.sigmoid(ops.cast(self.forget, dtype)))
        gated = self.time_gate is not None
        if gated:
            others.append(self._openness(state, inputs.shape[1]))
        start = ops.cast(state[:, :2], dtype)
        outputs = outputs_of(self.cell, fixed_forget=self.fixed_forget, gated=gated)
        return in_one_loop(outputs, shared=True)(currents, weights, start, *others)

    def _openness(self, state, n_steps):
        """Of the time gates, (steps, units)."""
        gate = self.time_gate
        period, shift = (ops.cast(w, state.dtype) for w in (self.period, self.shift))
        steps = ops.cast(ops.arange(n_steps), state.dtype) + state[0, 2, 0]
        phases = phase(steps[:, None], period, shift, ops)
        if self._fires:
            opened = is_open(phases, gate.open_fraction)
        else:
            opened = openness(phases, gate.open_fraction, gate.leak, ops)
        return ops.cast(opened, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Return (batch, steps, units)."""
        return (*input_shape[:-1], self.units)

    def get_config(self):
        """Return everything that makes an equal layer."""
        regularizers = ("kernel_regularizer", "recurrent_regularizer", "bias_regularizer")
        initializers = ("kernel_initializer", "recurrent_initializer", "bias_initializer")
        return {
            **super().get_config(),
            "units": self.units,
            "time_gate": None if self.time_gate is None else self.time_gate.get_config(),
            "rate_regularizer": (
                None if self.rate_regularizer is None else self.rate_regularizer.get_config()
            ),
            "forget_bias": self.forget_bias,
            **{name: keras.initializers.serialize(getattr(self, name)) for name in initializers},
            **{name: keras.regularizers.serialize(getattr(self, name)) for name in regularizers},
        }
