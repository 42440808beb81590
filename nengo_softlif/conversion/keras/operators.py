"""Bare operations of Keras 3: operators such as ``x + 1``, `keras.ops`, `keras.activations`."""

from __future__ import annotations

import re

import numpy as np
import scipy.sparse

from nengo_softlif.conversion.graph import Concatenate, Matrix
from nengo_softlif.conversion.keras.activations import activate
from nengo_softlif.conversion.keras.linear import add_convolution, add_line, add_matrix
from nengo_softlif.conversion.keras.merging import PARSERS as MERGING
from nengo_softlif.conversion.keras.merging import add_sum
from nengo_softlif.conversion.keras.piecewise import Relu, add_relus
from nengo_softlif.conversion.keras.probing import probe
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer

__all__ = ["CONSTANTS", "KEEPS_ORDER", "PARSERS", "read_with_constants"]

CONSTANTS = (
    "it takes constants besides results of layers, which only operators do here; write it with "
    "them, as in x + c, x * c, keras.ops.matmul(x, c) or keras.ops.maximum(x, c)"
)
_JOINED = (
    "it puts constants beside results of layers; pad the results with zeros, and add the constants"
)

# Move elements, repeat them, leave some out, or put zeros between.
_MOVING = (
    "BroadcastTo",
    "Concatenate",
    "Copy",
    "ExpandDims",
    "Flip",
    "GetItem",
    "Hstack",
    "Moveaxis",
    "Pad",
    "Ravel",
    "Repeat",
    "Reshape",
    "Roll",
    "Split",
    "Squeeze",
    "Stack",
    "Swapaxes",
    "Take",
    "Tile",
    "Transpose",
)
# ... those of them that leave all elements in their order
KEEPS_ORDER = ("ExpandDims", "Reshape", "Squeeze")
# Linear in the result of a layer; other operands are constants
_LINEAR = (
    *("Average", "Cumsum", "Diagonal", "Diff", "Dot", "Einsum", "Inner", "Rot90", "Tensordot"),
    *("Trace", "Tril", "Triu"),
)
_ACTIVATIONS = (
    *("Celu", "Elu", "Gelu", "HardShrink", "HardSigmoid", "HardSilu", "HardTanh", "LeakyRelu"),
    *("LogSigmoid", "Mish", "ReLU", "Relu", "Relu6", "Selu", "Sigmoid", "Silu", "SoftShrink"),
    "SparseSigmoid",
    *("LogSoftmax", "Softmax", "Softplus", "Softsign", "Squareplus", "Tanh", "TanhShrink"),
)


def _activation(source):
    name = "relu" if source.operation == "ReLU" else _snake_case(source.operation)
    return activate(source, source.input, {"class_name": name, "config": source.config})


def _snake_case(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _split_operands(source):
    """Constant operands, by position, and how many there are in all."""
    args, kwargs = source.arguments([None] * len(source.inputs))
    args = args or tuple(kwargs.values())
    args = args[0] if isinstance(args[0], (list, tuple)) else args  # layers take a list
    return {i: np.asarray(a, dtype=float) for i, a in enumerate(args) if a is not None}, len(args)


def _constant(source, value):
    """A constant broadcast to the shape of a sample."""
    shape = source.output_shape
    if value.ndim > len(shape):
        if value.shape[0] != 1:
            raise UnsupportedLayer(
                f"its constant of shape {value.shape} differs between the samples of a batch; "
                "give it one for all"
            )
        value = value[0]
    return np.broadcast_to(value, shape)


def _sum(weights_of_n):
    """Weighted sums, of constants too."""

    def parse(source):
        constants, n = _split_operands(source)
        ways = weights_of_n(n)
        weights = [ways[i] for i in range(n) if i not in constants]
        constant = sum(ways[i] * _constant(source, value) for i, value in constants.items())
        return add_sum(source, weights, constant)

    return parse


def _multiply(source):
    constants, _ = _split_operands(source)
    if not constants or len(source.inputs) > 1:
        return MERGING["Multiply"](source)
    return _line(source, np.prod([_constant(source, c) for c in constants.values()], axis=0))


def _divide(source):
    constants, _ = _split_operands(source)
    if list(constants) != [1]:
        raise UnsupportedLayer(
            "it divides by the result of a layer, which neurons don't do; only a constant divisor "
            "is convertible"
        )
    return _line(source, 1 / _constant(source, constants[1]))


def _negative(source):
    return _line(source, np.full(source.output_shape, -1.0))


def _line(source, factor):
    if source.input_shape != source.output_shape:
        raise UnsupportedLayer(
            f"its constant makes a result of shape {source.output_shape} of one of shape "
            f"{source.input_shape}; give the constant the shape of a sample"
        )
    return add_line(source, factor)


def _linear(source):
    if len(source.inputs) != 1:
        raise UnsupportedLayer(
            "only one of its operands may be the result of a layer; make the others constants"
        )

    def function(x):
        args, kwargs = source.arguments([x])
        return source.layer(*args, **kwargs)

    matrix, constant = probe(function, source.input_shape, source.output_shape)
    return add_matrix(source, matrix, constant if constant.any() else None, name=source.name)


def _matmul(source):
    constants, _ = _split_operands(source)
    if list(constants) != [1] or constants[1].ndim != 2:
        return _linear(source)
    n_space = len(source.input_shape) - 1
    if n_space == 0:
        return add_matrix(source, constants[1].T, name=source.name)
    kernel = constants[1].reshape((1,) * n_space + constants[1].shape)
    return add_convolution(source, kernel, name=source.name)


def _absolute(source):
    terms = [Relu("positive"), Relu("negative", sign=-1)]
    return add_relus(source, source.input, terms, of="absolute value")


def _maximum(source):
    constants, _ = _split_operands(source)
    if not constants:
        return MERGING["Maximum"](source)
    if len(source.inputs) > 1:
        raise UnsupportedLayer(CONSTANTS)
    low = np.max([_constant(source, c) for c in constants.values()], axis=0).ravel()
    return add_relus(source, source.input, [Relu("above", knot=low)], low, of="maximum")


def _minimum(source):
    constants, _ = _split_operands(source)
    if not constants:
        return MERGING["Minimum"](source)
    if len(source.inputs) > 1:
        raise UnsupportedLayer(CONSTANTS)
    high = np.min([_constant(source, c) for c in constants.values()], axis=0).ravel()
    terms = [Relu("below", -1.0, high, sign=-1)]
    return add_relus(source, source.input, terms, high, of="minimum")


def _clip(source):
    low, high = (
        _constant(source, np.asarray(source.config[key], dtype=float)).ravel()
        for key in ("x_min", "x_max")
    )
    if np.any(low > high):
        raise UnsupportedLayer("its lower bound is above its upper one, which is no clipping")
    terms = [Relu("above", knot=low), Relu("excess", -1.0, high)]
    return add_relus(source, source.input, terms, low, of="clip")


def _reduce(mean):
    """Sums and means over dimensions of a sample."""

    def parse(source):
        shape, axes = source.input_shape, source.config["axis"]
        n_dims = len(shape) + 1
        axes = range(n_dims) if axes is None else np.atleast_1d(axes)
        axes = {int(axis) % n_dims - 1 for axis in axes}
        if -1 in axes:
            raise UnsupportedLayer("it adds up the samples of a batch; name the axes of a sample")
        kept = [1 if axis in axes else n for axis, n in enumerate(shape)]
        n_in, n_out = int(np.prod(shape)), int(np.prod(kept))
        rows = np.broadcast_to(np.arange(n_out).reshape(kept), shape).ravel()
        values = np.full(n_in, n_out / n_in if mean else 1.0)
        matrix = scipy.sparse.coo_matrix((values, (rows, np.arange(n_in))), shape=(n_out, n_in))
        return add_matrix(source, matrix, name=source.name)

    return parse


def _move(source):
    """Find out where each element goes by moving their numbers."""
    sizes = [int(np.prod(shape)) for shape in source.input_shapes]
    starts = np.cumsum([0, *sizes])
    # element i of sample k is 1 + i + k * n; 0 is what padding adds
    n_in = int(starts[-1])
    numbers = [
        (np.arange(2)[:, np.newaxis] * n_in + np.arange(start, start + size) + 1).reshape(2, *shape)
        for start, size, shape in zip(starts, sizes, source.input_shapes, strict=False)
    ]
    args, kwargs = source.arguments([array.astype("int32") for array in numbers])
    if isinstance(args[0], (list, tuple)) and len(args[0]) > len(numbers):
        raise UnsupportedLayer(_JOINED)
    moved = source.layer(*args, **kwargs)
    results = moved if isinstance(moved, (list, tuple)) else [moved]
    names = []
    for index, (result, shape) in enumerate(zip(results, source.output_shapes, strict=True)):
        taken = np.asarray(result)
        if taken.shape[0] != 2 or not _within_samples(taken, n_in):
            raise UnsupportedLayer(
                "it moves elements from one sample of a batch to another, or adds constants; leave "
                "the first dimension as it is, and pad with zeros"
            )
        name = source.name if len(results) == 1 else f"{source.name}/{index}"
        names.append(_take(source, name, taken[0].ravel(), tuple(shape), sizes))
    return names


def _within_samples(taken, n_in):
    """Whether the second sample is made of elements of itself as the first one is."""
    first, second = taken.reshape(2, -1).astype(np.int64)
    inside = (first >= 0) & (first <= n_in)
    return bool(np.all(inside & (second == np.where(first > 0, first + n_in, 0))))


def _take(source, name, taken, shape, sizes):
    """Make a result of the elements with the numbers ``taken``, from 1 on; 0 is none."""
    n_in, n_out = sum(sizes), len(taken)
    if n_in == n_out and np.array_equal(taken, np.arange(1, n_in + 1)) and len(sizes) == 1:
        return source.input
    together = source.input
    if len(sizes) > 1:
        each_once = n_in == n_out and len(np.unique(taken)) == n_out and taken.min() > 0
        places = np.argsort(taken) if each_once else np.arange(n_in)
        together = source.add(
            Concatenate(
                name=name if each_once else f"{name}/inputs",
                inputs=tuple(source.inputs),
                shape=shape if each_once else (n_in,),
                targets=tuple(np.split(places, np.cumsum(sizes)[:-1])),
            )
        )
        if each_once:
            return together
    (used,) = np.nonzero(taken)
    matrix = scipy.sparse.coo_matrix(
        (np.ones(len(used)), (used, taken[used] - 1)), shape=(n_out, n_in)
    )
    return source.add(Matrix(name=name, inputs=(together,), shape=shape, weights=matrix))


PARSERS = {
    **dict.fromkeys(_ACTIVATIONS, _activation),
    **dict.fromkeys(_MOVING, _move),
    **dict.fromkeys(_LINEAR, _linear),
    **dict.fromkeys(("Abs", "Absolute"), _absolute),
    **dict.fromkeys(("Divide", "TrueDivide"), _divide),
    "Add": _sum(lambda n: [1.0] * n),
    "Clip": _clip,
    "Matmul": _matmul,
    "Maximum": _maximum,
    "Mean": _reduce(mean=True),
    "Minimum": _minimum,
    "Multiply": _multiply,
    "Negative": _negative,
    "Subtract": _sum(lambda n: [1.0, -1.0]),
    "Sum": _reduce(mean=False),
}

_WITH_CONSTANTS = {
    **{name: PARSERS[name] for name in ("Add", "Maximum", "Minimum", "Multiply", "Subtract")},
    "Average": _sum(lambda n: [1.0 / n] * n),
}


def read_with_constants(source):
    """Read a layer that takes constants besides results of layers, such as ``Add()([x, c])``.

    Parameters
    ----------
    source : Source

    Returns
    -------
    name : str
        Of the operation with the result.

    Raises
    ------
    UnsupportedLayer
        If it does something else with them than the operators do.
    """
    if source.operation not in _WITH_CONSTANTS:
        raise UnsupportedLayer(_JOINED if source.operation == "Concatenate" else CONSTANTS)
    return _WITH_CONSTANTS[source.operation](source)
