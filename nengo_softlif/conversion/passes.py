"""Graph in, graph out: what happens between parsing and building."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nengo_softlif.conversion.cells import Feedback
from nengo_softlif.conversion.graph import Convolution, Input, Linear, Matrix

__all__ = ["fold_lines", "push_biases", "remove_unused"]


def remove_unused(graph):
    """Leave out operations whose results nobody takes, except inputs."""
    needed = set(graph.outputs)
    for op in reversed(graph.operations):
        if isinstance(op, Feedback) and needed.issuperset(op.inputs):
            needed.add(op.name)
        if op.name in needed:
            needed.update(op.inputs)
    unused = {
        op.name: None
        for op in graph.operations
        if op.name not in needed and not isinstance(op, Input)
    }
    return graph.replaced(unused)


def fold_lines(graph):
    """Fold elementwise lines (batch normalisation) into the weights before them.

    A line stays an operation of its own where nothing linear comes before it, or where the
    result before it is used elsewhere too.
    """
    operations, notes = {}, []  # operations by name, as they are by now
    for op in graph.operations:
        folded = None
        if isinstance(op, Matrix) and _is_diagonal(op.weights):
            before = operations[op.inputs[0]]
            if before.name not in graph.outputs and len(graph.consumers(before.name)) == 1:
                folded = _folded(before, op)
        if folded is None:
            operations[op.name] = op
        else:
            del operations[before.name]
            operations[op.name] = folded
            if not _is_reshaping(op):
                notes.append(f"{op.name}: folded into the weights of {before.name}")
    return replace(graph, operations=tuple(operations.values()), notes=(*graph.notes, *notes))


def _folded(before, line):
    """The operation before a line with the line in its weights, or None if it can't have it."""
    if not isinstance(before, Linear):
        return None
    if isinstance(before, Convolution) and before.shape != line.shape:
        return None  # its shape has its channels
    scaled = before.scaled_rows(line.weights.diagonal())
    if scaled is None:
        return None
    if line.bias is not None:
        scaled = scaled.plus_bias(line.bias)
    return replace(scaled, name=line.name, shape=line.shape)  # whose result it has


def push_biases(graph):
    """Move biases forward, through linear operations, until they arrive in neurons.

    Only operations whose results leave the network keep a bias.
    """
    changes = {}

    def current(name):
        return changes[name] if name in changes else graph[name]

    for op in graph.operations:
        op = current(op.name)
        if not isinstance(op, Linear) or op.bias is None or op.name in graph.outputs:
            continue
        for consumer in {c.name for c in graph.consumers(op.name)}:
            consumer = current(consumer)
            for index, source in enumerate(consumer.inputs):
                if source == op.name:
                    moved = op.bias
                    if isinstance(consumer, Linear):
                        moved = np.asarray(consumer.matrix(index) @ op.bias)
                    consumer = consumer.plus_bias(moved)
            changes[consumer.name] = consumer
        changes[op.name] = replace(op, bias=None, is_partial=True)
    return graph.replaced(changes)


def _is_reshaping(op):
    """Whether a line changes the shape only."""
    return op.bias is None and np.all(op.weights.data == 1)


def _is_diagonal(matrix):
    return matrix.shape[0] == matrix.shape[1] and np.array_equal(matrix.row, matrix.col)
