"""A layer applied to every time step at once."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nengo_softlif.errors import ParameterError
from nengo_softlif.layers.discrete_lif import check_time_axis
from nengo_softlif.layers.fixed_point import check_quantize, quantized_weights
from nengo_softlif.layers.precision import check_training_precision
from nengo_softlif.validation import check_type

__all__ = ["OverTime"]

_WITH_KERNEL = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Dense,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
)


@keras.saving.register_keras_serializable(package="nengo_softlif")
class OverTime(keras.layers.Wrapper):
    """Apply a layer without memory to all time steps at once.

    The steps join the batch, so that a convolution runs once over all of them: faster than
    `keras.layers.TimeDistributed`, which goes from step to step, and with the same result, also for
    batch normalisation, whose statistics are then over all steps.

    Parameters
    ----------
    layer : keras.layers.Layer
        Such as `keras.layers.Conv2D`.
    quantize : {None, "loihi"}
        "loihi" rounds the weights of a dense layer or a convolution to 8 bits with one exponent
        for the layer, the smallest with which all of them fit; weights beyond 15.9 are clipped.
        Gradients go straight on to the weights, which stay floats. The layer must have no bias:
        on the chip it would act before the first spikes arrive.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If it is no layer, inputs have no time axis, or the layer can't be quantized.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.ones((2, 5, 8, 8, 1), dtype="float32")
    >>> OverTime(keras.layers.Conv2D(3, 3))(images).shape
    TensorShape([2, 5, 6, 6, 3])
    """

    def __init__(
        self, layer: keras.layers.Layer, quantize: str | None = None, **kwargs: Any
    ) -> None:
        check_type("layer", layer, keras.layers.Layer, "give one such as keras.layers.Conv2D(8, 3)")
        kwargs.setdefault("name", f"{layer.name}_over_time")
        super().__init__(layer, **kwargs)
        self.quantize = check_quantize(self, quantize)
        if self.quantize:
            check_quantize(layer, quantize)
            _check_quantizable(layer)

    def build(self, input_shape):
        """Build the layer for one step."""
        check_time_axis(self, input_shape)
        if not self.layer.built:
            self.layer.build((None, *input_shape[2:]))
        super().build()

    def call(self, inputs, training=False):
        """Return what the layer makes of each step."""
        check_training_precision(self.layer, training)
        n_steps, shape = inputs.shape[1], inputs.shape[2:]
        options = {"training": training} if self.layer._call_has_training_arg else {}
        inputs = ops.reshape(inputs, (-1, *shape))
        outputs = self._quantized(inputs) if self.quantize else self.layer(inputs, **options)
        return ops.reshape(outputs, (-1, n_steps, *outputs.shape[1:]))

    def compute_output_shape(self, input_shape):
        """The layer's output shape, with the time axis."""
        batch, n_steps, *shape = input_shape
        _, *made = self.layer.compute_output_shape((batch, *shape))
        return (batch, n_steps, *made)

    def _quantized(self, inputs):
        """Call the layer with its weights rounded."""
        kernel = self.layer.kernel
        values = [(kernel, quantized_weights(kernel))]
        with keras.StatelessScope(state_mapping=values):
            return self.layer(inputs)

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {**super().get_config(), "quantize": self.quantize}


def _check_quantizable(layer):
    """Raise unless a layer has weights, and nothing besides that the chip would have to do."""
    if not isinstance(layer, _WITH_KERNEL):
        raise ParameterError(
            f"{layer.name}: quantize='loihi' is for Dense layers and convolutions of one or two "
            f"dimensions (got {type(layer).__name__}); leave it out for layers without weights, "
            "and use strides instead of pooling"
        )
    if getattr(layer, "data_format", None) == "channels_first":
        raise ParameterError(
            f"{layer.name}.data_format must be 'channels_last' with quantize='loihi' (got "
            "'channels_first'); make the layer with data_format='channels_last', and give it "
            "samples with their channels last"
        )
    if layer.use_bias:
        raise ParameterError(
            f"{layer.name}.use_bias must be False with quantize='loihi' (got True), since a bias "
            "on the chip acts before the first spikes arrive; make the layer with use_bias=False"
        )
    if layer.activation is not keras.activations.linear:
        raise ParameterError(
            f"{layer.name}.activation must be None with quantize='loihi' (got "
            f"{getattr(layer.activation, '__name__', layer.activation)!r}); leave it out, and add "
            "nengo_softlif.layers.DiscreteLIF(quantize='loihi') after the layer"
        )
