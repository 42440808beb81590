"""Discrete-time LIF neurons with recurrent weights as a Keras layer that trains in spikes."""

from __future__ import annotations

from typing import Any

import keras

from nengo_softlif.errors import ParameterError
from nengo_softlif.layers.discrete_lif import DiscreteLIF
from nengo_softlif.layers.fixed_point import quantized_weights
from nengo_softlif.layers.precision import at_least_single
from nengo_softlif.layers.spike_scan import state_size
from nengo_softlif.validation import check_integer

__all__ = ["RecurrentLIF"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class RecurrentLIF(DiscreteLIF):
    """Spiking neurons whose spikes come back to them through trained weights.

    As `DiscreteLIF`, with (batch, steps, n_neurons) currents in, to which each step adds the
    spikes of ``delay`` steps before, times the recurrent weights. With ``adaptation_strength`` and
    a long ``adaptation_decay`` it is the network of an LSNN (Bellec et al. 2018).

    Parameters
    ----------
    delay : int
        Steps that spikes take to come back (>= 1); 1 with ``quantize="loihi"``.
    recurrent_initializer : str or keras.initializers.Initializer
    recurrent_regularizer : str or keras.regularizers.Regularizer, optional
    **kwargs
        As for `DiscreteLIF`. With ``quantize="loihi"`` the recurrent weights have 8 bits.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or inputs have another shape.

    References
    ----------
    .. [1] Bellec et al. (2018), "Long short-term memory and learning-to-learn in networks of
       spiking neurons".

    Examples
    --------
    >>> import numpy as np
    >>> layer = RecurrentLIF(decay=0.0, recurrent_initializer="ones")
    >>> currents = np.array([[[1.0], [0.0], [0.0]]], dtype="float32")
    >>> np.asarray(layer(currents)).ravel()
    array([1., 1., 1.], dtype=float32)
    """

    def __init__(
        self,
        *args: Any,
        delay: int = 1,
        recurrent_initializer: str | keras.initializers.Initializer = "orthogonal",
        recurrent_regularizer: str | keras.regularizers.Regularizer | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.delay = check_integer(f"{self.name}.delay", delay, minimum=1)
        if self.quantize and self.delay != 1:
            raise ParameterError(
                f"{self.name}.delay must be 1 with quantize='loihi' (got {self.delay}), as long as "
                "spikes take from neuron to neuron on the chip; leave it out"
            )
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.recurrent_regularizer = keras.regularizers.get(recurrent_regularizer)

    def build(self, input_shape):
        """Make the recurrent weights, and those of `DiscreteLIF`."""
        super().build(input_shape)
        if len(input_shape) != 3:
            raise ParameterError(
                f"{self.name}: inputs must have the shape (batch, steps, n_neurons) (got "
                f"{tuple(input_shape)}); put keras.layers.Flatten() inside of "
                "nengo_softlif.layers.OverTime before it"
            )
        n_neurons = input_shape[-1]
        self.recurrent = self.add_weight(
            shape=(n_neurons, n_neurons),
            initializer=self._initial_weights,
            regularizer=self.recurrent_regularizer,
            name="recurrent",
        )

    def _initial_weights(self, shape, dtype):
        """Recurrent weights to start from; bfloat16 has no orthogonal ones on TensorFlow."""
        precise = self.recurrent_initializer(shape, dtype=at_least_single(dtype))
        return keras.ops.cast(precise, dtype)

    @property
    def _state_size(self):
        return state_size(recurrent=True, delay=self.delay)

    def _spikes(self, inputs, *others, **options):
        weights = keras.ops.cast(self.recurrent, self.compute_dtype)
        if self.quantize:
            weights = quantized_weights(weights)
        options |= {"recurrent": True, "delay": self.delay}
        return super()._spikes(inputs, weights, *others, **options)

    def _inputs_of_steps(self, currents, spikes, weights, state=None):
        """Currents, and the spikes that come back."""
        n_steps = currents.shape[1]
        if state is None:  # no spike is on its way
            sent = keras.ops.zeros_like(spikes[:, : self.delay])
        else:
            sent = state[:, -self.delay :]
        arrived = keras.ops.concatenate([sent, spikes], axis=1)[:, :n_steps]
        return currents + keras.ops.matmul(arrived, weights)

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {
            **super().get_config(),
            "delay": self.delay,
            "recurrent_initializer": keras.initializers.serialize(self.recurrent_initializer),
            "recurrent_regularizer": keras.regularizers.serialize(self.recurrent_regularizer),
        }
