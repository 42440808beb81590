"""Layers with weights, and elementwise lines."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from nengo_softlif.conversion.graph import Convolution, Dense, Matrix
from nengo_softlif.conversion.keras.activations import activate, vanishes
from nengo_softlif.conversion.keras.probing import probe
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer
from nengo_softlif.functional.convolution import convolution_map, dilated

__all__ = ["PARSERS", "add_convolution", "add_line", "add_matrix", "per_dimension"]


def _finish(source, name):
    """Apply the activation that the layer has inside."""
    return activate(source, name, source.config.get("activation"))


def _linear_name(source):
    """Name for the linear part: the layer's, unless its activation takes that."""
    is_alone = vanishes(source, source.config.get("activation"))
    return source.name if is_alone else f"{source.name}/linear"


def _bias(source):
    """The bias of each element of the output, from one for each channel."""
    bias = source.weights.get("bias")
    if bias is None:
        return None
    return np.broadcast_to(bias, source.output_shape).ravel().copy()


def _dense(source):
    kernel = source.weights["kernel"]
    if len(source.input_shape) == 1:
        return _multiply(source, kernel.T.copy())
    # over the last axis of a larger input: the same weights at every place
    n_space = len(source.input_shape) - 1
    return _convolve(source, kernel.reshape((1,) * n_space + kernel.shape))


def _multiply(source, weights):
    """Multiply a vector with (size, input size) weights."""
    op = Dense(
        name=_linear_name(source),
        inputs=(source.input,),
        shape=source.output_shape,
        bias=_bias(source),
        weights=weights,
    )
    return _finish(source, source.add(op))


def _einsum_dense(source):
    kernel = source.weights["kernel"]
    matrix, _ = probe(
        lambda x: np.einsum(source.layer.equation, x, kernel),
        source.input_shape,
        source.output_shape,
    )
    if len(source.input_shape) == 1:
        return _multiply(source, matrix.toarray())
    return _finish(source, add_matrix(source, matrix, _bias(source)))


def _convolve(source, kernel, *, strides=1, padding="valid", groups=1):
    name = add_convolution(
        source,
        kernel,
        name=_linear_name(source),
        strides=strides,
        padding=padding,
        groups=groups,
        bias=_bias(source),
    )
    return _finish(source, name)


def add_convolution(source, kernel, *, name, strides=1, padding="valid", groups=1, bias=None):
    """Add a convolution.

    Parameters
    ----------
    source : Source
    kernel : (*kernel_size, input channels / groups, output channels) ndarray
    name : str
    strides : int or tuple of int
    padding : {"valid", "same", "causal"}
        "causal" puts all zeros before the first element, so that no result sees what comes later.
    groups : int
    bias : (size,) ndarray or None

    Returns
    -------
    name : str
        That of the operation.
    """
    strides = per_dimension(strides, kernel.ndim - 2)
    if padding == "causal":
        causal = convolution_map(
            kernel, source.input_shape, strides=strides, padding="causal", groups=groups
        )
        # zeros behind the kernel make one of those paddings that frameworks have a name for
        padded, padding = causal.named_padding()
        if padding is None:
            return add_matrix(source, causal.matrix(), bias, name=name)
        kernel = padded.kernel
    op = Convolution(
        name=name,
        inputs=(source.input,),
        shape=source.output_shape,
        bias=bias,
        kernel=kernel,
        input_shape=source.input_shape,
        strides=strides,
        padding=padding,
        groups=groups,
    )
    return source.add(op)


def _conv(source):
    config = source.config
    return _convolve(
        source,
        dilated(source.weights["kernel"], config["dilation_rate"]),
        strides=config["strides"],
        padding=config["padding"],
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
        strides=source.config["strides"],
        padding=source.config["padding"],
        groups=channels,
    )


def _separable(source):
    """Depthwise then pointwise, without anything between: one convolution."""
    depthwise = dilated(_depthwise_kernel(source), source.config["dilation_rate"])
    channels, multiplier = depthwise.shape[-2:]
    pointwise = source.weights["pointwise_kernel"].reshape(channels, multiplier, -1)
    return _convolve(
        source,
        np.einsum("...cm,cmf->...cf", depthwise, pointwise),
        strides=source.config["strides"],
        padding=source.config["padding"],
    )


def _transposed(source):
    config = source.config
    conv = convolution_map(
        np.swapaxes(source.weights["kernel"], -1, -2),  # Keras has the output channels first
        source.input_shape,
        strides=config["strides"],
        padding=config["padding"],
        dilation=config["dilation_rate"],
        transposed=True,
        output_shape=source.output_shape,
    )
    return _finish(source, add_matrix(source, conv.matrix(), _bias(source)))


def _locally_connected(source):
    config = source.config
    if config.get("padding", "valid") != "valid" or config.get("implementation", 1) != 1:
        raise UnsupportedLayer("only padding='valid' and implementation=1 are supported")
    rows, columns, filters = source.output_shape
    (kh, kw), channels = config["kernel_size"], source.input_shape[-1]
    kernel = source.weights["kernel"].reshape(rows, columns, kh, kw, channels, filters)
    i, j, a, b, c, f = np.indices(kernel.shape, sparse=True)
    sh, sw = per_dimension(config["strides"], 2)
    sources = ((i * sh + a) * source.input_shape[1] + j * sw + b) * channels + c + 0 * f
    targets = (i * columns + j) * filters + f + 0 * (a + b + c)
    matrix = scipy.sparse.coo_matrix(
        (kernel.ravel(), (targets.ravel(), sources.ravel())),
        shape=(np.prod(source.output_shape), np.prod(source.input_shape)),
    )
    return _finish(source, add_matrix(source, matrix, _bias(source)))


def add_matrix(source, matrix, bias=None, *, name=None):
    """Add a multiplication with a sparse matrix, (size, input size), and return its name."""
    op = Matrix(
        name=_linear_name(source) if name is None else name,
        inputs=(source.input,),
        shape=source.output_shape,
        bias=bias,
        weights=scipy.sparse.coo_matrix(matrix),
    )
    return source.add(op)


def _batch_norm(source):
    """An elementwise line; a pass folds it into the weights before it."""
    config, weights = source.config, source.weights
    axis = config["axis"]
    axis = axis[0] if isinstance(axis, (list, tuple)) else axis
    variance = weights["moving_variance"]
    scale = weights.get("gamma", 1.0) / np.sqrt(variance + config["epsilon"])
    shift = weights.get("beta", 0.0) - weights["moving_mean"] * scale
    n_dims = len(source.input_shape)
    shape = [1] * n_dims
    shape[axis if axis < 0 else axis - 1] = -1  # without the batch
    return add_line(source, scale.reshape(shape), shift.reshape(shape))


def _normalization(source):
    layer = source.layer
    epsilon = 1e-7  # Keras' own, which keeps it from dividing by zero
    mean = np.asarray(layer.mean, dtype=float)[0]
    deviation = np.maximum(np.sqrt(np.asarray(layer.variance, dtype=float)[0]), epsilon)
    if source.config.get("invert"):
        return add_line(source, deviation, mean)
    return add_line(source, 1 / deviation, -mean / deviation)


def _rescaling(source):
    layer = source.layer  # whose configuration has arrays in Keras' own form
    return add_line(source, np.asarray(layer.scale), np.asarray(layer.offset))


def _layer_scale(source):
    """Read the scales of channels that ConvNeXt learns."""
    return add_line(source, np.asarray(source.layer.gamma))


def add_line(source, scale, shift: np.ndarray | float = 0.0):
    """Add an elementwise ``scale * x + shift``, both broadcast to the shape of a sample."""
    scale, shift = (
        np.broadcast_to(values, source.output_shape).ravel().astype(float)
        for values in (scale, shift)
    )
    return add_matrix(source, scipy.sparse.diags(scale), shift if shift.any() else None)


def per_dimension(value, n_space):
    """One number for each spatial dimension, from one for all or from several."""
    return (value,) * n_space if isinstance(value, int) else tuple(value)


PARSERS = {
    "BatchNormalization": _batch_norm,
    "Dense": _dense,
    "EinsumDense": _einsum_dense,
    "LayerScale": _layer_scale,
    "LocallyConnected2D": _locally_connected,
    "Normalization": _normalization,
    "Rescaling": _rescaling,
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D"), _conv),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), _transposed),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
}
