"""Pooling in any number of spatial dimensions."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from nengo_softlif.conversion.graph import Convolution, MaxPool
from nengo_softlif.conversion.keras.linear import add_matrix, per_dimension
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer
from nengo_softlif.conversion.relays import max_relays

__all__ = ["PARSERS"]


def _average_pool(source):
    return _average(source, *_window(source))


def _global_average_pool(source):
    n = int(np.prod(source.input_shape[:-1]))
    channels = scipy.sparse.identity(source.input_shape[-1])
    return add_matrix(source, scipy.sparse.kron(np.full((1, n), 1 / n), channels))


def _average(source, size, strides, padding):
    pool = _window_sums(source, size, strides, padding, 1 / np.prod(size))
    if padding == "valid":
        return source.add(pool)
    # at the border Keras averages over what is inside of the image only
    matrix = pool.matrix()
    n_inside = np.asarray(matrix.sum(axis=1))
    return add_matrix(source, scipy.sparse.diags(1 / n_inside.ravel()) @ matrix)


def _window_sums(source, size, strides, padding, weight):
    channels = source.input_shape[-1]
    return Convolution(
        name=source.name,
        inputs=(source.input,),
        shape=source.output_shape,
        kernel=np.full((*size, 1, channels), weight),
        input_shape=source.input_shape,
        strides=strides,
        padding=padding,
        groups=channels,
    )


def _max_pool(source):
    if source.takes_spikes:
        relays = max_relays(_window_sums(source, *_window(source), 1.0))
        return [source.add(op) for op in relays][-1]
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
    size, strides, padding = _window(source)
    pool = MaxPool(
        name=source.name,
        inputs=(source.input,),
        shape=source.output_shape,
        input_shape=source.input_shape,
        pool_size=size,
        strides=strides,
        padding=padding,
    )
    return source.add(pool)


def _window(source):
    """Size, strides and padding; global pooling has one window."""
    space = source.input_shape[:-1]
    size = per_dimension(source.config.get("pool_size", space), len(space))
    strides = per_dimension(source.config.get("strides") or size, len(space))
    return size, strides, source.config.get("padding", "valid")


PARSERS = {}
for _n in (1, 2, 3):
    PARSERS[f"AveragePooling{_n}D"] = _average_pool
    PARSERS[f"GlobalAveragePooling{_n}D"] = _global_average_pool
    PARSERS[f"MaxPooling{_n}D"] = PARSERS[f"GlobalMaxPooling{_n}D"] = _max_pool
