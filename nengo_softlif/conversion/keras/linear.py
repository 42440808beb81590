"""Layers with weights, and pooling."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from nengo_softlif.conversion.graph import Convolution, Dense, Matrix, MaxPool
from nengo_softlif.conversion.keras.activations import activate
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer
from nengo_softlif.functional.convolution import convolution_map, dilated

__all__ = ["PARSERS"]


def _finish(source, name):
    """Apply the activation that the layer has inside."""
    return activate(source, name, source.config.get("activation"))


def _linear_name(source):
    """Name for the linear part: the layer's, unless its activation takes that."""
    inside = source.config.get("activation") not in (None, "linear", "softmax")
    return f"{source.name}/linear" if inside else source.name


def _bias(source):
    """The bias of each element of the output, from one for each channel."""
    bias = source.weights.get("bias")
    if bias is None:
        return None
    return np.broadcast_to(bias, source.output_shape).ravel().copy()


def _dense(source):
    kernel = source.weights["kernel"]
    if len(source.input_shape) == 1:
        op = Dense(
            _linear_name(source),
            (source.input,),
            source.output_shape,
            bias=_bias(source),
            weights=kernel.T.copy(),
        )
        return _finish(source, source.add(op))
    # over the last axis of a larger input: the same weights at every place
    n_space = len(source.input_shape) - 1
    return _convolve(source, kernel.reshape((1,) * n_space + kernel.shape))


def _convolve(source, kernel, *, strides=None, padding="valid", groups=1):
    n_space = kernel.ndim - 2
    op = Convolution(
        _linear_name(source),
        (source.input,),
        source.output_shape,
        bias=_bias(source),
        kernel=kernel,
        input_shape=source.input_shape,
        strides=(1,) * n_space if strides is None else tuple(strides),
        padding=padding,
        groups=groups,
    )
    return _finish(source, source.add(op))


def _conv(source):
    config = source.config
    padding = config["padding"]
    if padding not in ("valid", "same"):
        raise UnsupportedLayer(f"padding {padding!r} is for sequences; use 'valid' or 'same'")
    kernel = dilated(source.weights["kernel"], config["dilation_rate"])
    return _convolve(
        source,
        kernel,
        strides=config["strides"],
        padding=padding,
        groups=config.get("groups", 1),
    )


def _depthwise_kernel(source):
    """(*size, channels, multiplier) with each input channel its own group."""
    weights = source.weights
    return next(
        weights[key] for key in ("depthwise_kernel", "kernel", "depthwise") if key in weights
    )


def _depthwise(source):
    kernel = dilated(_depthwise_kernel(source), source.config["dilation_rate"])
    *size, channels, multiplier = kernel.shape
    return _convolve(
        source,
        kernel.reshape(*size, 1, channels * multiplier),
        strides=_per_dimension(source.config["strides"], len(size)),
        padding=source.config["padding"],
        groups=channels,
    )


def _separable(source):
    """Depthwise then pointwise, without anything between: one convolution."""
    depthwise = dilated(_depthwise_kernel(source), source.config["dilation_rate"])
    *size, channels, multiplier = depthwise.shape
    pointwise = source.weights["pointwise_kernel"].reshape(channels, multiplier, -1)
    return _convolve(
        source,
        np.einsum("...cm,cmf->...cf", depthwise, pointwise),
        strides=_per_dimension(source.config["strides"], len(size)),
        padding=source.config["padding"],
    )


def _transposed(source):
    config = source.config
    if config.get("output_padding") not in (None, 0):
        raise UnsupportedLayer(
            f"output_padding={config['output_padding']} is not supported; leave it out"
        )
    conv = convolution_map(
        np.swapaxes(source.weights["kernel"], -1, -2),  # Keras has the output channels first
        source.input_shape,
        strides=config["strides"],
        padding=config["padding"],
        dilation=config["dilation_rate"],
        transposed=True,
        output_shape=source.output_shape,
    )
    return _finish(source, _matrix(source, conv.matrix(), _bias(source)))


def _locally_connected(source):
    config = source.config
    if config.get("padding", "valid") != "valid" or config.get("implementation", 1) != 1:
        raise UnsupportedLayer("only padding='valid' and implementation=1 are supported")
    rows, columns, filters = source.output_shape
    (kh, kw), channels = config["kernel_size"], source.input_shape[-1]
    kernel = source.weights["kernel"].reshape(rows, columns, kh, kw, channels, filters)
    i, j, a, b, c, f = np.indices(kernel.shape, sparse=True)
    sh, sw = _per_dimension(config["strides"], 2)
    sources = ((i * sh + a) * source.input_shape[1] + j * sw + b) * channels + c + 0 * f
    targets = (i * columns + j) * filters + f + 0 * (a + b + c)
    matrix = scipy.sparse.coo_matrix(
        (kernel.ravel(), (targets.ravel(), sources.ravel())),
        shape=(np.prod(source.output_shape), np.prod(source.input_shape)),
    )
    return _finish(source, _matrix(source, matrix, _bias(source)))


def _matrix(source, matrix, bias=None):
    op = Matrix(
        _linear_name(source),
        (source.input,),
        source.output_shape,
        bias=bias,
        weights=scipy.sparse.coo_matrix(matrix),
    )
    return source.add(op)


def _average_pool(source):
    config = source.config
    n_space = len(source.input_shape) - 1
    size = _per_dimension(config["pool_size"], n_space)
    strides = _per_dimension(config["strides"] or size, n_space)
    return _average(source, size, strides, config["padding"])


def _global_average_pool(source):
    space = source.input_shape[:-1]
    channels = source.input_shape[-1]
    n = int(np.prod(space))
    matrix = scipy.sparse.kron(np.full((1, n), 1 / n), scipy.sparse.identity(channels))
    return _matrix(source, matrix)


def _average(source, size, strides, padding):
    channels = source.input_shape[-1]
    pool = Convolution(
        source.name,
        (source.input,),
        source.output_shape,
        kernel=np.full((*size, 1, channels), 1 / np.prod(size)),
        input_shape=source.input_shape,
        strides=tuple(strides),
        padding=padding,
        groups=channels,
    )
    if padding == "valid":
        return source.add(pool)
    # at the border Keras averages over what is inside of the image only
    matrix = pool.matrix()
    n_inside = np.asarray(matrix.sum(axis=1))
    return _matrix(source, scipy.sparse.diags(1 / n_inside.ravel()) @ matrix)


def _max_pool(source):
    if source.max_pool is None:
        raise UnsupportedLayer(
            'spiking neurons don\'t compute maxima; pass max_pool="spiking" to let the neuron with '
            'the most spikes pass its own (not on Loihi), or max_pool="average" to put average '
            "pooling in its place (accuracy changes: better train with average pooling)"
        )
    if source.max_pool == "spiking":
        return _spiking_max_pool(source)
    source.notes.append("max pooling became average pooling: results differ from the Keras model's")
    if "pool_size" in source.config:
        return _average_pool(source)
    return _global_average_pool(source)


def _spiking_max_pool(source):
    space = source.input_shape[:-1]
    # global pooling has one window
    size = _per_dimension(source.config.get("pool_size", space), len(space))
    strides = source.config.get("strides")
    pool = MaxPool(
        source.name,
        (source.input,),
        source.output_shape,
        input_shape=source.input_shape,
        pool_size=size,
        strides=size if strides is None else _per_dimension(strides, len(space)),
        padding=source.config.get("padding", "valid"),
    )
    return source.add(pool)


def _batch_norm(source):
    """An elementwise line; a pass folds it into the weights before it."""
    config, weights = source.config, source.weights
    axis = config["axis"]
    axis = axis[0] if isinstance(axis, (list, tuple)) else axis
    if axis not in (-1, len(source.input_shape)):
        raise UnsupportedLayer(f"axis={axis} is not the channels; normalise the last axis")
    variance = weights["moving_variance"]
    scale = weights.get("gamma", 1.0) / np.sqrt(variance + config["epsilon"])
    shift = weights.get("beta", 0.0) - weights["moving_mean"] * scale
    return _line(source, scale, shift)


def _rescaling(source):
    return _line(source, np.asarray(source.config["scale"]), np.asarray(source.config["offset"]))


def _line(source, scale, shift):
    scale, shift = (
        np.broadcast_to(values, source.output_shape).ravel().astype(float)
        for values in (scale, shift)
    )
    return _matrix(source, scipy.sparse.diags(scale), shift)


def _per_dimension(value, n_space):
    return (value,) * n_space if isinstance(value, int) else tuple(value)


PARSERS = {
    "Dense": _dense,
    "DepthwiseConv1D": _depthwise,
    "DepthwiseConv2D": _depthwise,
    "BatchNormalization": _batch_norm,
    "LocallyConnected2D": _locally_connected,
    "Rescaling": _rescaling,
    **dict.fromkeys(("Conv1D", "Conv2D"), _conv),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose"), _transposed),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
    **dict.fromkeys(("AveragePooling1D", "AveragePooling2D"), _average_pool),
    **dict.fromkeys(("GlobalAveragePooling1D", "GlobalAveragePooling2D"), _global_average_pool),
    **dict.fromkeys(
        ("MaxPooling1D", "MaxPooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D"), _max_pool
    ),
}
