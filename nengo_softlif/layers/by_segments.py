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
from nengo_softlif.layers.precision import at_least_single, check_training_precision
from nengo_softlif.layers.rate_regularizer import penalize
from nengo_softlif.layers.segment_loop import over_segments
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
    anew, segment by segment: memory holds inputs, outputs and one segment, which takes more time.
    With ``truncate`` errors don't go back from a segment to the one before (truncated
    backpropagation through time). Batch normalisation has the statistics of a segment.

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
        If there is no layer, or one of another type or with a penalty on activities other than the
        ``rate_regularizer`` of a spiking layer, or inputs have no time axis.

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
        # weights are cast where they are used, so that gradients add up in their own precision
        super().__init__(autocast=False, **kwargs)
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
        for layer in self.layers_of_step:
            _refuse_losses(self, layer)
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
        for layer in self._with_state:
            check_training_precision(layer, training)
        x = ops.cast(inputs, self.compute_dtype)
        states, sums = self._start(x)
        others = self.non_trainable_variables  # such as seeds
        outputs, carried, values = over_segments(
            partial(self._run, training=training),
            x,
            self.n_steps,
            tuple(variable.value for variable in self.trainable_variables),
            (*states, *sums),
            tuple(variable.value for variable in others),
        )
        for variable, value in zip(others, values, strict=True):
            variable.assign(value)
        if training:
            for layer, total in zip(self._regularized, carried[len(states) :], strict=True):
                penalize(layer, total / x.shape[1])
        return outputs

    @property
    def _with_state(self):
        return [layer for layer in self.layers_of_step if isinstance(layer, _WITH_STATE)]

    @property
    def _regularized(self):
        return [layer for layer in self._with_state if layer.rate_regularizer is not None]

    def _start(self, x):
        """States before the first step, and sums of the spikes so far, for penalties."""
        shape, states, sums = (None, 1, *x.shape[2:]), [], []
        for layer in self.layers_of_step:
            shape = layer.compute_output_shape(shape)
            if isinstance(layer, _WITH_STATE):
                step = ops.zeros((ops.shape(x)[0], *shape[1:]), self.compute_dtype)
                states.append(layer.initial_state(step))
                if layer.rate_regularizer is not None:
                    sums.append(ops.cast(step[:, 0], at_least_single(layer.compute_dtype)))
        return tuple(states), tuple(sums)

    def _run(self, x, weights, carried, others, *, training):
        """Go through all layers with a segment; a function of tensors, to be computed twice."""
        variables = (*self.trainable_variables, *self.non_trainable_variables)
        values = zip(variables, (*weights, *others), strict=True)
        carried, states, sums = list(carried), [], []
        totals = carried[len(self._with_state) :]
        with keras.StatelessScope(values) as scope:
            for layer in self.layers_of_step:
                if isinstance(layer, _WITH_STATE):
                    state = carried.pop(0)
                    x, state = layer.run(x, ops.stop_gradient(state) if self.truncate else state)
                    states.append(state)
                    if layer.rate_regularizer is not None:
                        total = totals[len(sums)]
                        sums.append(total + ops.sum(ops.cast(x, total.dtype), axis=1))
                else:
                    options = {"training": training} if layer._call_has_training_arg else {}
                    x = layer(x, **options)
            others = tuple(scope.get_current_value(v) for v in self.non_trainable_variables)
        return ops.cast(x, self.compute_dtype), (*states, *sums), others

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


def _refuse_losses(segments, layer):
    """Raise if a layer has a penalty that segments can't add up."""
    for part in layer._flatten_layers():
        given = {"activity_regularizer": part.activity_regularizer}
        if not isinstance(part, _WITH_STATE):
            given["rate_regularizer"] = getattr(part, "rate_regularizer", None)
        for name, value in given.items():
            if value is not None:
                raise ParameterError(
                    f"{segments.name}.layers: {part.name} has the penalty {name} (got "
                    f"{value!r}), which segments don't add up; leave it out, and give spiking "
                    "layers a rate_regularizer"
                )
