"""Spiking layers that go through long sequences segment by segment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
from keras import ops

from nengo_softlif.errors import ParameterError
from nengo_softlif.layers.discrete_lif import DiscreteLIF, check_time_axis
from nengo_softlif.layers.gated_recurrent import GatedRecurrent
from nengo_softlif.layers.over_time import OverTime
from nengo_softlif.validation import check_bool, check_integer, check_type

__all__ = ["BySegments"]

# Layers with a state; they have the methods initial_state and run
_WITH_STATE = (DiscreteLIF, GatedRecurrent)
# Layers of Keras that treat each step alike
_EACH_STEP = (
    keras.layers.Activation,
    keras.layers.Dense,
    keras.layers.Dropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
)


@keras.saving.register_keras_serializable(package="nengo_softlif")
class BySegments(keras.layers.Layer):
    """Layers one after the other on (batch, steps, ...), a segment of the steps at a time.

    The result is that of the layers without segments. The backward pass computes what it needs
    anew, segment by segment. On TensorFlow that halves the memory of long sequences, and takes more
    time; JAX and segments with ``truncate`` save none. With ``truncate`` errors don't go back from
    a segment to the one before (truncated backpropagation through time).

    Parameters
    ----------
    layers : sequence of keras.layers.Layer
        `DiscreteLIF`, `RecurrentLIF`, `SpikingLSTM`, `SubLSTM`, and layers that treat each step
        alike: `OverTime`, `keras.layers.Dense`, `Dropout`, `Activation`, `GaussianNoise`,
        `GaussianDropout`.
    n_steps : int
        Of a segment; the last one may be shorter.
    truncate : bool
        Whether errors stay within their segment.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If there is no layer, or one of another type or with a ``rate_regularizer``, or inputs have
        no time axis.

    References
    ----------
    .. [1] Chen et al. (2016), "Training deep nets with sublinear memory cost".

    Examples
    --------
    >>> import numpy as np
    >>> from nengo_softlif.layers import RecurrentLIF
    >>> layer = BySegments([keras.layers.Dense(8), RecurrentLIF(decay=0.9)], n_steps=50)
    >>> layer(np.ones((2, 120, 3), dtype="float32")).shape
    TensorShape([2, 120, 8])
    """

    def __init__(
        self,
        layers: Sequence[keras.layers.Layer],
        n_steps: int,
        truncate: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        allowed = (*_WITH_STATE, OverTime, *_EACH_STEP)
        self.layers_of_step = [
            check_type(
                f"{self.name}.layers[{index}]",
                layer,
                allowed,
                "give spiking layers and layers that treat each step alike; put those such as "
                "keras.layers.Conv2D inside of nengo_softlif.layers.OverTime, and a readout behind "
                "the segments",
            )
            for index, layer in enumerate(layers)
        ]
        if not self.layers_of_step:
            raise ParameterError(
                f"{self.name}.layers: at least one layer is needed (got none); give a list such as "
                "[keras.layers.Dense(8), nengo_softlif.layers.RecurrentLIF()]"
            )
        for index, layer in enumerate(self.layers_of_step):
            if isinstance(layer, DiscreteLIF) and layer.rate_regularizer is not None:
                # rates are means over all steps, and no segment has them
                raise ParameterError(
                    f"{self.name}.layers[{index}]: segments don't support a rate_regularizer (got "
                    f"{layer.rate_regularizer!r}); leave it out, or use {layer.name} without "
                    "segments"
                )
        self.n_steps = check_integer(f"{self.name}.n_steps", n_steps, minimum=1)
        self.truncate = check_bool(f"{self.name}.truncate", truncate)

    def build(self, input_shape):
        """Build the layers."""
        check_time_axis(self, input_shape)
        shape = input_shape
        for layer in self.layers_of_step:
            if not layer.built:
                layer.build(shape)
            shape = layer.compute_output_shape(shape)
        super().build(input_shape)

    def call(self, inputs, training=False):
        """Return what the last layer makes of each step."""
        n_all = inputs.shape[1]
        state, outputs = None, []
        for start in range(0, n_all, self.n_steps):
            segment = inputs[:, start : start + self.n_steps]
            if state is None:
                state = self._initial_state(segment)
            if self.truncate:
                state = [ops.stop_gradient(s) for s in state]
            *state, output = keras.remat(partial(self._run, training=training))(segment, *state)
            outputs.append(output)
        return outputs[0] if len(outputs) == 1 else ops.concatenate(outputs, axis=1)

    def _initial_state(self, segment):
        shape, state = segment.shape, []
        for layer in self.layers_of_step:
            shape = layer.compute_output_shape(shape)
            if isinstance(layer, _WITH_STATE):
                like = ops.zeros((ops.shape(segment)[0], *shape[1:]), self.compute_dtype)
                state.append(layer.initial_state(like))
        return state

    def _run(self, x, *state, training):
        left, after = list(state), []
        for layer in self.layers_of_step:
            if isinstance(layer, _WITH_STATE):
                x, new = layer.run(x, left.pop(0))
                after.append(new)
            else:
                options = {"training": training} if layer._call_has_training_arg else {}
                x = layer(x, **options)
        # TensorFlow computes a segment anew when it has the gradient of the first result. That of
        # the outputs is there for all segments at once, that of the state after the next segment.
        return (*after, x)

    def compute_output_shape(self, input_shape):
        """That of the last layer."""
        for layer in self.layers_of_step:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {
            **super().get_config(),
            "layers": [keras.saving.serialize_keras_object(x) for x in self.layers_of_step],
            "n_steps": self.n_steps,
            "truncate": self.truncate,
        }

    @classmethod
    def from_config(cls, config):
        """Make an equal layer."""
        layers = [keras.saving.deserialize_keras_object(x) for x in config.pop("layers")]
        return cls(layers, **config)
