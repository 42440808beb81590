"""Whether the operations of a network file fit together, found out before anything is built."""

from __future__ import annotations

import math

import nengo
import numpy as np
import scipy.sparse

from nengo_softlif.conversion.cells import Cells, Feedback
from nengo_softlif.conversion.graph import (
    Concatenate,
    Convolution,
    Dense,
    Input,
    Integrator,
    Linear,
    Matrix,
    MaxPool,
    Neurons,
    Sum,
)
from nengo_softlif.errors import FileError
from nengo_softlif.functional.gated_cells import CELLS
from nengo_softlif.functional.pooling import pooled_shape
from nengo_softlif.validation import is_integer, is_number

__all__ = ["check_graph"]

_MAX_ELEMENTS = 2**26


def check_graph(graph):
    """Refuse graphs that can't be built, or only in an absurd size.

    Parameters
    ----------
    graph : Graph

    Raises
    ------
    FileError
        If names, numbers of inputs, sizes or values of the operations don't fit together.
    """
    sizes = {}
    for op in graph.operations:
        size = _checked_size(op, sizes)
        _check_inputs(op, sizes)
        if isinstance(op, Feedback):
            _check_feedback(graph, op, size, sizes)
        else:
            _CHECKS[type(op)](op, size, [sizes[source] for source in op.inputs])
        if isinstance(op, (Integrator, Linear, Neurons)):
            _check_bias(op, size)
        sizes[op.name] = size
    if set(graph.outputs) - set(sizes) or not graph.outputs or not graph.inputs:
        raise FileError("it has no inputs or no outputs")
    for name in graph.logits:
        if name not in sizes:
            raise FileError(f"logits name {name!r:.80}, which is not there")
    for name in graph.sigmoids:
        if name not in graph.logits:
            raise FileError(f"sigmoids name {name!r:.80}, which is not among the logits")


def _checked_size(op, known):
    if not isinstance(op.name, str) or not (
        isinstance(op.shape, tuple) and all(is_integer(n) and n > 0 for n in op.shape)
    ):
        raise FileError(f"operation {op.name!r:.80} has the impossible shape {op.shape!r:.80}")
    if op.name in known:
        raise FileError(f"two operations are called {op.name!r:.80}")
    size = math.prod(op.shape)  # exact, where NumPy's overflows
    if size > _MAX_ELEMENTS:
        raise FileError(
            f"{op.name!r:.80} must have at most {_MAX_ELEMENTS:,} elements (got {size:,})"
        )
    return size


def _check_inputs(op, known):
    if not isinstance(op.inputs, tuple):
        raise FileError(f"{op.name!r:.80} must have a list of inputs (got {op.inputs!r:.80})")
    for source in op.inputs:
        if source not in known:
            raise FileError(f"{op.name!r:.80} takes {source!r:.80}, which is not there")
    n = len(op.inputs)
    if isinstance(op, (Sum, Concatenate)):
        rule, fits = "at least 1 input", n >= 1
    elif isinstance(op, Input):
        rule, fits = "no inputs", n == 0
    else:
        rule, fits = "exactly 1 input", n == 1
    if not fits:
        raise FileError(f"{op.name!r:.80}, {type(op).__name__}, must have {rule} (got {n})")


def _check_bias(op, size):
    if op.bias is not None:
        _check_array(op, "bias", op.bias, (size,))


def _check_input(op, size, input_sizes):
    limits = op.value_range
    if limits is None:
        return
    if not (
        isinstance(limits, tuple)
        and len(limits) == 2
        and all(map(_is_finite, limits))
        and limits[0] <= limits[1]
    ):
        raise FileError(
            f"the value_range of {op.name!r:.80} must be two finite numbers, the smaller first "
            f"(got {limits!r:.80})"
        )


def _check_dense(op, size, input_sizes):
    _check_array(op, "weights", op.weights, (size, *input_sizes))


def _check_matrix(op, size, input_sizes):
    if not scipy.sparse.issparse(op.weights):
        raise FileError(f"the weights of {op.name!r:.80} must be a sparse matrix")
    _check_fit(op, "shape of the weights", (size, *input_sizes), tuple(op.weights.shape))


def _check_neurons(op, size, input_sizes):
    if op.neuron_type is None:
        raise FileError(f"{op.name!r:.80} has no neuron type")
    if not isinstance(op.neuron_type, nengo.neurons.NeuronType):
        raise FileError(f"{op.name!r:.80} has {op.neuron_type!r:.80} for a neuron type")
    if op.synapse is not None and not isinstance(op.synapse, nengo.synapses.Synapse):
        raise FileError(f"{op.name!r:.80} has {op.synapse!r:.80} for a synapse")
    if not _is_finite(op.scale) or op.scale <= 0:
        raise FileError(
            f"the scale of {op.name!r:.80} must be a finite number above 0 (got {op.scale!r:.80})"
        )
    _check_fit(op, "size", *input_sizes, size)
    if op.block_shape is not None:
        _check_block_shape(op, size)
    if op.recurrent is not None and np.shape(op.recurrent) != (size, size):
        raise FileError(
            f"the recurrent weights of {op.name!r:.80} must have the shape {(size, size)} (got "
            f"{np.shape(op.recurrent)})"
        )
    if not is_integer(op.delay) or op.delay < 1:
        raise FileError(
            f"the delay of {op.name!r:.80} must be an integer of 1 or more (got {op.delay!r:.80})"
        )


def _check_block_shape(op, size):
    shapes = op.block_shape
    if not (
        isinstance(shapes, tuple)
        and len(shapes) == 2
        and all(isinstance(shape, tuple) for shape in shapes)
        and all(is_integer(n) and n > 0 for shape in shapes for n in shape)
    ):
        raise FileError(
            f"the block_shape of {op.name!r:.80} must be two lists of integers above 0 "
            f"(got {shapes!r:.80})"
        )
    _check_fit(op, "dimensions of block_shape", len(shapes[1]), len(shapes[0]))
    _check_fit(op, "neurons that block_shape splits", size, math.prod(shapes[1]))


def _check_sum(op, size, input_sizes):
    _check_one_each(op, "weights", op.weights)
    if not all(map(_is_finite, op.weights)):
        raise FileError(
            f"the weights of {op.name!r:.80} must be finite numbers (got {op.weights!r:.80})"
        )
    for input_size in input_sizes:
        _check_fit(op, "size of an input", size, input_size)


def _check_concatenate(op, size, input_sizes):
    _check_one_each(op, "targets", op.targets)
    for targets, input_size in zip(op.targets, input_sizes, strict=True):
        _check_array(op, "targets", targets, (input_size,))
        if targets.dtype.kind not in "iu" or targets.min() < 0 or targets.max() >= size:
            raise FileError(f"the targets of {op.name!r:.80} must be indices below {size}")


def _check_convolution(op, size, input_sizes):
    n_space = len(op.shape) - 1
    _check_sizes(op, "input_shape", "strides")
    if not is_integer(op.groups) or op.groups < 1:
        raise FileError(
            f"the groups of {op.name!r:.80} must be an integer above 0 (got {op.groups!r:.80})"
        )
    _check_padding(op)
    _check_fit(op, "dimensions of input_shape", n_space + 1, len(op.input_shape))
    _check_fit(op, "number of strides", n_space, len(op.strides))
    _check_fit(op, "size of input_shape", *input_sizes, math.prod(op.input_shape))
    _check_array(op, "kernel", op.kernel)
    _check_fit(op, "dimensions of the kernel", n_space + 2, op.kernel.ndim)
    *kernel_size, n_in, n_out = op.kernel.shape
    _check_fit(op, "input channels of the kernel", op.input_shape[-1], n_in * op.groups)
    _check_fit(op, "remainder of output channels over groups", 0, n_out % op.groups)
    *made, _ = pooled_shape(op.input_shape, kernel_size, op.strides, op.padding)
    _check_fit(op, "shape", (*made, n_out), op.shape)


def _check_max_pool(op, size, input_sizes):
    _check_sizes(op, "input_shape", "pool_size", "strides")
    _check_padding(op)
    n_space = len(op.input_shape) - 1
    _check_fit(op, "number of sizes of a window", n_space, len(op.pool_size))
    _check_fit(op, "number of strides", n_space, len(op.strides))
    _check_fit(op, "size of input_shape", *input_sizes, math.prod(op.input_shape))
    made = pooled_shape(op.input_shape, op.pool_size, op.strides, op.padding)
    _check_fit(op, "size", math.prod(made) if min(made) > 0 else 0, size)
    if op.bias is not None:
        _check_array(op, "bias", op.bias, tuple(input_sizes))


def _check_sizes(op, *names):
    for what in names:
        values = getattr(op, what)
        if not (isinstance(values, tuple) and all(is_integer(n) and n > 0 for n in values)):
            raise FileError(
                f"the {what} of {op.name!r:.80} must be integers above 0 (got {values!r:.80})"
            )


def _check_padding(op):
    if op.padding not in ("valid", "same"):
        raise FileError(
            f"the padding of {op.name!r:.80} must be 'valid' or 'same' (got {op.padding!r:.80})"
        )


def _check_one_each(op, what, values):
    if not isinstance(values, tuple):
        raise FileError(f"the {what} of {op.name!r:.80} must be a list (got {values!r:.80})")
    _check_fit(op, f"number of {what}", len(op.inputs), len(values))


def _check_array(op, what, array, shape=None):
    if not isinstance(array, np.ndarray):
        raise FileError(f"the {what} of {op.name!r:.80} must be an array (got {array!r:.80})")
    if shape is not None:
        _check_fit(op, f"shape of the {what}", shape, array.shape)


def _check_fit(op, what, expected, found):
    if found != expected:
        raise FileError(
            f"{op.name!r:.80}, {type(op).__name__}: {what} must be {expected} (got {found!s:.80})"
        )


def _is_finite(value):
    """Whether a value is a number that NumPy takes for one: larger integers become objects."""
    return is_number(value) and not (is_integer(value) and abs(value) >= 2**63)


def _check_integrator(op, size, sources):
    if sources != [size]:
        raise FileError(f"{op.name!r:.80} must have one input of its own size (got {sources})")
    if not is_number(op.decay) or not 0 <= op.decay <= 1:
        raise FileError(f"{op.name!r:.80}: decay must be from 0 to 1 (got {op.decay!r:.80})")


def _check_cells(op, size, sources):
    if op.cell not in CELLS:
        raise FileError(f"{op.name!r:.80} has unknown cells, {op.cell!r:.80}")
    for what in ("threshold", "open_fraction"):
        value = getattr(op, what)
        if not _is_finite(value) or value <= 0:
            raise FileError(
                f"the {what} of {op.name!r:.80} must be a finite number above 0 (got {value!r:.80})"
            )
    if not _is_finite(op.leak) or not 0 <= op.leak <= 1 or op.open_fraction > 1:
        raise FileError(
            f"open_fraction and leak of {op.name!r:.80} must be from 0 to 1 (got "
            f"{op.open_fraction!r:.80}, {op.leak!r:.80})"
        )
    if (op.period is None) != (op.shift is None):
        raise FileError(f"{op.name!r:.80} must have both period and shift, or none of them")
    for what in ("forget", "period", "shift"):
        if getattr(op, what) is not None:
            _check_array(op, what, getattr(op, what), (size,))
    if op.period is not None and not (op.period > 0).all():
        raise FileError(f"{op.name!r:.80} must have periods above 0 (got {op.period.min():g})")
    if op.forget is not None and not ((op.forget >= 0) & (op.forget <= 1)).all():
        raise FileError(f"the forget gate of {op.name!r:.80} must be from 0 to 1")
    _check_fit(op, "size of the input", op.input_size, *sources)
    if op.bias is not None:
        _check_array(op, "bias", op.bias, (op.input_size,))


def _check_feedback(graph, op, size, known):
    if op.target not in known or not isinstance(graph[op.target], (Cells, Neurons)):
        raise FileError(f"{op.name!r:.80} leads to {op.target!r:.80}, which can't take it")
    target = graph[op.target]
    expected = target.input_size if isinstance(target, Cells) else target.size
    _check_fit(op, "size", expected, size)
    _check_array(op, "weights", op.weights, (size, known[op.inputs[0]]))


_CHECKS = {
    Cells: _check_cells,
    Integrator: _check_integrator,
    Input: _check_input,
    Dense: _check_dense,
    Matrix: _check_matrix,
    Convolution: _check_convolution,
    Sum: _check_sum,
    Concatenate: _check_concatenate,
    MaxPool: _check_max_pool,
    Neurons: _check_neurons,
}
