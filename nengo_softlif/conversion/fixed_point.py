"""What networks need that were trained in the arithmetic of Loihi."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nengo_softlif.conversion.graph import (
    Concatenate,
    Convolution,
    Dense,
    Graph,
    Input,
    Matrix,
    Neurons,
    Operation,
    Sum,
)
from nengo_softlif.errors import ConversionError
from nengo_softlif.functional.fixed_point import round_weights

__all__ = ["check_fixed_point", "is_fixed_point"]

_QUANTIZE = "put the layer with weights into nengo_softlif.layers.OverTime(..., quantize='loihi')"


def is_fixed_point(op: Operation) -> bool:
    """Whether an operation is a population that was trained in the arithmetic of Loihi.

    Parameters
    ----------
    op : Operation

    Returns
    -------
    is_fixed_point : bool
    """
    return isinstance(op, Neurons) and op.activation.parameters.get("fraction_bits") is not None


def check_fixed_point(graph: Graph) -> None:
    """Raise unless the input of fixed-point neurons is as they were trained.

    Parameters
    ----------
    graph : Graph
        With biases in neurons.

    Raises
    ------
    ConversionError
        Listing the layers with biases, or with weights that have more than 8 bits.
    """
    problems = [
        f"{op.name}: {problem}"
        for op in graph.operations
        if is_fixed_point(op)
        for problem in _problems(graph, op)
    ]
    if problems:
        raise ConversionError(
            "layers with quantize='loihi' have input that the chip can't give them:\n"
            + "\n".join(f"  - {problem}" for problem in problems)
        )


def _problems(graph: Graph, op: Neurons) -> Iterator[str]:
    if op.bias is not None and np.any(op.bias):
        yield (
            "its input has a bias, which would act before the first spikes arrive; make the layers "
            "before it with use_bias=False, and leave out BatchNormalization"
        )
    (source,) = op.inputs
    yield from _unsuitable(graph, graph[source], weighted_by=None)


def _unsuitable(graph: Graph, op: Operation, weighted_by: str | None) -> Iterator[str]:
    """What is wrong with the operations between some neurons and those before them."""
    if isinstance(op, (Neurons, Input)):
        return
    if isinstance(op, Dense | Matrix | Convolution):
        weights = _weights(op)
        if weighted_by is not None:
            yield (
                f"{op.name} and {weighted_by} are two linear operations without neurons between "
                "them; use strides instead of pooling, and a DiscreteLIF layer after each layer "
                "with weights"
            )
            return
        if not np.array_equal(round_weights(weights), weights):
            yield f"the weights of {op.name} have more than 8 bits; {_QUANTIZE}"
            return
        weighted_by = op.name
    elif not isinstance(op, Concatenate) and not _is_sum(graph, op):
        yield (
            f"{op.name} is no sum of spikes; use keras.layers.Add to join branches, and strides "
            "instead of pooling"
        )
        return
    for name in op.inputs:
        yield from _unsuitable(graph, graph[name], weighted_by)


def _is_sum(graph: Graph, op: Operation) -> bool:
    """Whether it adds spikes up, or scales the input of the network to spikes."""
    if not isinstance(op, Sum):
        return False
    return np.all(np.abs(op.weights) == 1) or isinstance(graph[op.inputs[0]], Input)


def _weights(op: Dense | Matrix | Convolution) -> np.ndarray:
    if isinstance(op, Convolution):
        return op.kernel
    return op.weights.data if isinstance(op, Matrix) else op.weights
