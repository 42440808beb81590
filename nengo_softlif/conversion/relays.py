"""Neurons that repeat the spikes of the input, so that all layers behind them can be on a chip.

Populations that see the input of a network stay on the host, to make spikes of it. Input that
consists of spikes needs no layer for that.
"""

from __future__ import annotations

from dataclasses import replace

from nengo_softlif.conversion.fixed_point import is_fixed_point
from nengo_softlif.conversion.graph import (
    Activation,
    Convolution,
    Dense,
    Graph,
    Input,
    Matrix,
    Neurons,
    Operation,
    Sum,
)
from nengo_softlif.functional.encoding import BernoulliSpikes, LatencySpikes, RegularSpikes

__all__ = ["counting_relays", "max_relays", "relay_spikes", "split_counts"]


def _relay(name: str, source: str, shape: tuple[int, ...], threshold: float = 0.5) -> Neurons:
    """Neurons without memory, which spike in the step in which their input is above a threshold."""
    parameters = {"decay": 0.0, "threshold": threshold, "min_voltage": 0.0}
    return Neurons(name, (source,), shape, activation=Activation("discrete_lif", parameters))


def counting_relays(
    name: str, source: str, shape: tuple[int, ...], max_count: int
) -> list[Operation]:
    """Make operations whose result is the number of spikes in each element of the input.

    Parameters
    ----------
    name : str
        Of the result.
    source : str
        Name of the operation with the counts.
    shape : tuple of int
    max_count : int

    Returns
    -------
    operations : list of Operation
    """
    if max_count == 1:
        return [_relay(name, source, shape)]
    relays = [_relay(f"{name}/{k + 1}", source, shape, k + 0.5) for k in range(max_count)]
    names = tuple(relay.name for relay in relays)
    return [*relays, Sum(name, names, shape, weights=(1.0,) * max_count)]


def max_relays(pool: Convolution) -> list[Operation]:
    """Make operations that pass a spike if there is any in a window: max pooling in each step.

    Parameters
    ----------
    pool : Convolution
        That adds up the spikes of each window; it has the name of the result.

    Returns
    -------
    operations : list of Operation
    """
    counts = replace(pool, name=f"{pool.name}/count")
    return [counts, _relay(pool.name, counts.name, pool.shape)]


def split_counts(graph: Graph) -> Graph:
    """Give the spikes of each relay connections of their own, since a sum of spikes is no spike.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    graph : Graph
    """
    operations = []
    for op in graph.operations:
        source = graph[op.inputs[0]] if len(op.inputs) == 1 else op
        if not isinstance(op, Dense | Matrix | Convolution) or not _counts(graph, source):
            operations.append(op)
            continue
        parts = [
            replace(op, name=f"{op.name}/{k + 1}", inputs=(relay,), bias=None)
            for k, relay in enumerate(source.inputs)
        ]
        names = tuple(part.name for part in parts)
        weights = (1.0,) * len(parts)
        operations += [*parts, Sum(op.name, names, op.shape, weights=weights, bias=op.bias)]
    return replace(graph, operations=tuple(operations))


def _counts(graph: Graph, op: Operation) -> bool:
    """Whether an operation adds up relays, not the parts of a piecewise linear activation."""
    return isinstance(op, Sum) and all(
        name.startswith(f"{op.name}/") and _is_relay(graph[name]) for name in op.inputs
    )


def _is_relay(op: Operation) -> bool:
    return isinstance(op, Neurons) and op.fires_in_steps


def relay_spikes(graph: Graph) -> Graph:
    """Put relays behind input that is encoded as spikes, if the network was trained for the chip.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    graph : Graph
        Another one only if it has fixed-point neurons, and its input is encoded as at most one
        spike a step.
    """
    one_a_step = (BernoulliSpikes, LatencySpikes, RegularSpikes)
    encoded = graph.shown is not None and isinstance(graph.shown.encoding, one_a_step)
    if not encoded or not any(map(is_fixed_point, graph.neurons)):
        return graph
    operations, relays = [], {}
    for op in graph.operations:
        operations.append(replace(op, inputs=tuple(relays.get(name, name) for name in op.inputs)))
        if isinstance(op, Sum) and isinstance(graph[op.inputs[0]], Input):
            relays[op.name] = f"{op.name}/relay"
            operations.append(_relay(relays[op.name], op.name, op.shape))
    return replace(graph, operations=tuple(operations))
