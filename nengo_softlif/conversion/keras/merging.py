"""Layers with several inputs."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from nengo_softlif.conversion.graph import Activation, Concatenate, Matrix, Neurons, Sum
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer

__all__ = ["PARSERS", "add_sum"]

_PRODUCT = (
    "it multiplies two results of layers, and connections of a network only add; a factor that is "
    "constant is convertible, as in x * 0.5 or a Rescaling layer. Gates are such products, also in "
    "squeeze-and-excite blocks: leave them out before training, or take a model without them, such "
    "as MobileNetV2"
)


def add_sum(source, weights, constant=0.0):
    """Add a weighted sum of all inputs, those of smaller shapes broadcast.

    Parameters
    ----------
    source : Source
    weights : sequence of float
        One for each input.
    constant : array_like
        Added to the sum; broadcast to the shape of a sample.

    Returns
    -------
    name : str
        Of the operation with the result.
    """
    names = _same_shapes(source)
    bias = np.broadcast_to(constant, source.output_shape).ravel().astype(float)
    return source.add(
        Sum(
            name=source.name,
            inputs=tuple(names),
            shape=source.output_shape,
            weights=tuple(map(float, weights)),
            bias=bias if bias.any() else None,
        )
    )


def _same_shapes(source):
    return [
        _broadcast(source, index, name, shape)
        for index, (name, shape) in enumerate(zip(source.inputs, source.input_shapes, strict=True))
    ]


def _broadcast(source, index, name, shape):
    """Repeat the elements of an input, if its shape is smaller than that of the result."""
    if tuple(shape) == tuple(source.output_shape):
        return name
    if len(shape) != len(source.output_shape):
        raise UnsupportedLayer(
            f"inputs of the shapes {source.input_shapes} have different numbers of dimensions; "
            "reshape them to one number"
        )
    n_in, n_out = int(np.prod(shape)), int(np.prod(source.output_shape))
    taken = np.broadcast_to(np.arange(n_in).reshape(shape), source.output_shape).ravel()
    matrix = scipy.sparse.coo_matrix((np.ones(n_out), (np.arange(n_out), taken)), (n_out, n_in))
    return source.add(
        Matrix(
            name=f"{source.name}/broadcast_{index}",
            inputs=(name,),
            shape=source.output_shape,
            weights=matrix,
        )
    )


def _sum_with(weights_of_n):
    return lambda source: add_sum(source, weights_of_n(len(source.inputs)))


def _concatenate(source):
    axis = source.config.get("axis", -1)
    n_dims = len(source.output_shape)
    axis = axis + n_dims if axis < 0 else axis - 1  # without the batch
    places = np.arange(np.prod(source.output_shape)).reshape(source.output_shape)
    ends = np.cumsum([shape[axis] for shape in source.input_shapes])
    targets = tuple(part.ravel() for part in np.split(places, ends[:-1], axis=axis))
    return source.add(
        Concatenate(
            name=source.name,
            inputs=tuple(source.inputs),
            shape=source.output_shape,
            targets=targets,
        )
    )


def _scaled_residual(source):
    """Read ``x + scale * y``, which the residual blocks of InceptionResNetV2 add up."""
    return add_sum(source, (1.0, source.config["scale"]))


def _extreme(sign):
    """Read the largest of all inputs, or with ``sign`` -1 the smallest: a population a pair."""

    def parse(source):
        name, shape = source.name, source.output_shape
        result, *others = _same_shapes(source)
        for k, other in enumerate(others, start=1):
            # max(a, b) = a + relu(b - a), and min(a, b) = a - relu(a - b)
            difference, beyond = f"{name}/difference_{k}", f"{name}/beyond_{k}"
            pair, ways = (other, result), (sign, -sign)
            source.add(Sum(name=difference, inputs=pair, shape=shape, weights=ways))
            relu = Activation("relu")
            source.add(Neurons(name=beyond, inputs=(difference,), shape=shape, activation=relu))
            of_pair = name if k == len(others) else f"{name}/of_{k + 1}"
            pair, ways = (result, beyond), (1.0, sign)
            result = source.add(Sum(name=of_pair, inputs=pair, shape=shape, weights=ways))
        n = len(others)
        source.notes.append(
            f"became {n} rectifying population{'s' * (n > 1)}, of the difference of two results"
        )
        return result

    return parse


def _product(source):
    raise UnsupportedLayer(_PRODUCT)


PARSERS = {
    "Add": _sum_with(lambda n: [1.0] * n),
    "Average": _sum_with(lambda n: [1.0 / n] * n),
    "Concatenate": _concatenate,
    "CustomScaleLayer": _scaled_residual,
    "Dot": _product,
    "Maximum": _extreme(1.0),
    "Minimum": _extreme(-1.0),
    "Multiply": _product,
    "Subtract": _sum_with(lambda n: [1.0, -1.0]),
}
