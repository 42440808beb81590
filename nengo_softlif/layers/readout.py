"""Readout of spiking networks: voltages that integrate what comes in, and never spike."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from nengo_softlif.layers.discrete_lif import check_time_axis
from nengo_softlif.layers.precision import check_dtype_policy, check_training_precision
from nengo_softlif.validation import check_choice, check_number

__all__ = ["LeakyIntegrator"]

_OVER_TIME = ("last", "mean", "max", "all")
_BLOCK = 128  # steps that are integrated by one product of matrices


@keras.saving.register_keras_serializable(package="nengo_softlif")
class LeakyIntegrator(keras.layers.Layer):
    r"""Membranes without spikes, :math:`v \leftarrow \beta v + J`, read over time.

    With ``decay=1`` the last voltage is the sum over all steps, behind a `DiscreteLIF` layer the
    spike count.

    Parameters
    ----------
    decay : float
        Fraction :math:`\beta` of the voltage that is left after a step, from 0 to 1.
    over_time : {"last", "mean", "max", "all"}
        Which voltage is the output: of the last step, the mean or the largest over all steps, or
        those of all steps.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or there is no time axis.

    Examples
    --------
    >>> inputs = np.array([[[1.0], [0.0], [2.0]]], dtype="float32")
    >>> float(LeakyIntegrator()(inputs)[0, 0])
    3.0
    >>> np.asarray(LeakyIntegrator(0.5, over_time="all")(inputs)).ravel()
    array([1.  , 0.5 , 2.25], dtype=float32)
    """

    def __init__(self, decay: float = 1.0, over_time: str = "last", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_dtype_policy(self)
        self.decay = check_number(f"{self.name}.decay", decay, minimum=0, maximum=1)
        self.over_time = check_choice(f"{self.name}.over_time", over_time, _OVER_TIME)

    def build(self, input_shape):
        """Check that there is a time axis."""
        check_time_axis(self, input_shape)
        super().build(input_shape)

    def call(self, inputs, training=False):
        """Return (batch, ...) voltages, or those of all steps."""
        check_training_precision(self, training)
        inputs = ops.cast(inputs, self.compute_dtype)
        if self.over_time in ("all", "max"):
            voltages = _voltages(inputs, self.decay)
            return voltages if self.over_time == "all" else ops.max(voltages, axis=1)
        # the voltage is linear in the inputs: what is left of them, latest first
        left = self.decay ** np.arange(inputs.shape[1])
        if self.over_time == "mean":
            left = np.cumsum(left) / len(left)
        left = ops.convert_to_tensor(left[::-1].copy(), self.compute_dtype)
        return ops.einsum("t,bt...->b...", left, inputs)

    def compute_output_shape(self, input_shape):
        """The time axis goes, unless the voltages of all steps are returned."""
        if self.over_time == "all":
            return input_shape
        return (input_shape[0], *input_shape[2:])

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {**super().get_config(), "decay": self.decay, "over_time": self.over_time}


def _voltages(inputs, decay):
    """Voltages (batch, steps, ...) after each step.

    Blocks of steps are integrated by themselves, then what the blocks before have left is added,
    which follows from integrating over the last steps of the blocks. So time and memory are
    proportional to the number of steps, with few operations.
    """
    n_steps = inputs.shape[1]
    size = min(n_steps, _BLOCK)
    n_blocks = -(-n_steps // size)
    others = [(0, 0)] * (len(inputs.shape) - 2)
    blocks = ops.pad(inputs, [(0, 0), (0, n_blocks * size - n_steps), *others])
    blocks = ops.reshape(blocks, (-1, n_blocks, size, *inputs.shape[2:]))
    steps = np.arange(size)
    within = np.tril(decay ** np.maximum(steps[:, np.newaxis] - steps, 0))
    within = ops.convert_to_tensor(within, inputs.dtype)
    voltages = ops.einsum("kt,bnt...->bnk...", within, blocks)
    if n_blocks > 1:
        ends = _voltages(voltages[:, :-1, -1], decay**size)
        left = ops.convert_to_tensor(decay ** (steps + 1), inputs.dtype)
        later = voltages[:, 1:] + ops.einsum("k,bn...->bnk...", left, ends)
        voltages = ops.concatenate([voltages[:, :1], later], axis=1)
    voltages = ops.reshape(voltages, (-1, n_blocks * size, *inputs.shape[2:]))
    return voltages[:, :n_steps]
