"""A convolution whose kernels are not shared, which Keras 3 no longer has."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from nengo_softlif.errors import ParameterError
from nengo_softlif.layers.precision import check_dtype_policy, check_training_precision
from nengo_softlif.validation import check_bool, check_integer, is_integer

__all__ = ["LocallyConnected2D"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class LocallyConnected2D(keras.layers.Layer):
    """2D convolution with kernels of its own at every position, without padding.

    Parameters
    ----------
    filters : int
        Output channels.
    kernel_size : int or (int, int)
        Height and width of the kernels.
    strides : int or (int, int)
        Steps between positions.
    use_bias : bool
        Whether each output has a bias.
    kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer
        As in `keras.layers.Conv2D`. The kernels of all positions are drawn in one call, so use
        an initializer that goes by fan in only.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or the kernel does not fit into the input.

    Notes
    -----
    Input is ``(batch, height, width, channels)``. The kernel has the shape ``(rows, columns,
    kernel_height * kernel_width * channels, filters)``, the bias ``(rows, columns, filters)``.

    Examples
    --------
    >>> import numpy as np
    >>> LocallyConnected2D(4, 3)(np.zeros((1, 8, 8, 2), dtype="float32")).shape == (1, 6, 6, 4)
    True
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        use_bias=True,
        kernel_initializer="he_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_dtype_policy(self)
        self.filters = check_integer(f"{self.name}.filters", filters, minimum=1)
        self.kernel_size = _pair(f"{self.name}.kernel_size", kernel_size)
        self.strides = _pair(f"{self.name}.strides", strides)
        self.use_bias = check_bool(f"{self.name}.use_bias", use_bias)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape):
        """Create the weights, with the fan in of one position."""
        rows, columns, filters = self.compute_output_shape(input_shape)[1:]
        fan_in = self.kernel_size[0] * self.kernel_size[1] * input_shape[-1]

        def every_position_its_own(shape, dtype=None):
            # Keras initializers repeat themselves from call to call: draw all in one call
            drawn = self.kernel_initializer((fan_in, rows * columns * filters), dtype)
            drawn = ops.reshape(drawn, (fan_in, rows, columns, filters))
            return ops.transpose(drawn, (1, 2, 0, 3))

        self.kernel = self.add_weight(
            name="kernel",
            shape=(rows, columns, fan_in, filters),
            initializer=every_position_its_own,
            regularizer=self.kernel_regularizer,
        )
        self.bias = (
            self.add_weight(
                name="bias",
                shape=(rows, columns, filters),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
            )
            if self.use_bias
            else None
        )

    def call(self, inputs, training=False):
        """Return ``(batch, rows, columns, filters)``."""
        check_training_precision(self, training)
        rows, columns, fan_in, filters = self.kernel.shape
        height, width, channels = inputs.shape[1:]
        # With positions first a patch is a gather of long rows, whose gradient costs as little, and
        # what follows is one matrix product a position: on a CPU three times as fast as slices.
        pixels = ops.reshape(ops.transpose(inputs, (1, 2, 0, 3)), (height * width, -1, channels))
        patches = ops.take(pixels, self._patches(rows, columns, width), axis=0)
        patches = ops.reshape(patches, (rows * columns, fan_in // channels, -1, channels))
        patches = ops.reshape(ops.transpose(patches, (0, 2, 1, 3)), (rows * columns, -1, fan_in))
        outputs = ops.matmul(patches, ops.reshape(self.kernel, (rows * columns, fan_in, filters)))
        outputs = ops.transpose(ops.reshape(outputs, (rows, columns, -1, filters)), (2, 0, 1, 3))
        return outputs if self.bias is None else outputs + self.bias

    def _patches(self, rows, columns, width):
        """Return indices of the pixels under the kernel at each position, one after the other."""
        (kh, kw), (sh, sw) = self.kernel_size, self.strides
        r, c, i, j = np.ogrid[:rows, :columns, :kh, :kw]
        return ((r * sh + i) * width + c * sw + j).ravel()

    def compute_output_shape(self, input_shape):
        """Shape of a convolution without padding."""
        spatial = []
        for size, kernel, stride in zip(
            input_shape[1:3], self.kernel_size, self.strides, strict=True
        ):
            if size is None or size < kernel:
                raise ParameterError(
                    f"{self.name}: a kernel of {self.kernel_size} does not fit into an input of "
                    f"shape {tuple(input_shape)}"
                )
            spatial.append((size - kernel) // stride + 1)
        return (input_shape[0], *spatial, self.filters)

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
        }


def _pair(name, value):
    pair = value if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2 or not all(is_integer(size) and size >= 1 for size in pair):
        raise ParameterError(f"{name} must be one or two integers of 1 or more (got {value!r})")
    return tuple(map(int, pair))
