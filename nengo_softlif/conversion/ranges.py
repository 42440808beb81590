"""Which values of its inputs a network was calibrated or verified with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nengo_softlif.conversion.graph import Graph

__all__ = ["with_ranges"]


def with_ranges(graph: Graph, ranges: Mapping[str, tuple[float, float]]) -> Graph:
    """Widen the ranges that the inputs of a graph are known with.

    Parameters
    ----------
    graph : Graph
    ranges : dict of str to (float, float)
        Smallest and largest value of the data, by input.

    Returns
    -------
    graph : Graph
    """
    changes = {}
    for op in graph.inputs:
        low, high = ranges[op.name]
        if op.value_range is not None:
            low, high = min(low, op.value_range[0]), max(high, op.value_range[1])
        changes[op.name] = replace(op, value_range=(low, high))
    return graph.replaced(changes)
