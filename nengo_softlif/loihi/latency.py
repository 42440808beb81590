"""How many steps spikes take through a network on Loihi.

In Nengo spikes pass through all layers within a step. On Loihi they take a step from a population
to the next, as to the chip and from it. A layer does then what it does in Nengo, some steps later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any

import nengo
from nengo_loihi.passthrough import base_obj
from nengo_loihi.splitter import Split

from nengo_softlif.errors import BackendError

__all__ = ["Latencies"]


class Latencies:
    """Steps from the input of a network to each of its objects.

    Parameters
    ----------
    network : nengo.Network
    split : nengo_loihi.splitter.Split
        Of the network.
    inputs : collection of nengo.Node
        Whose output samples set. Other nodes with a constant output are biases.

    Examples
    --------
    >>> latencies = Latencies(net, choose_split(net), [net.input])  # doctest: +SKIP
    >>> latencies.of(net.output)  # doctest: +SKIP
    3
    """

    def __init__(
        self, network: nengo.Network, split: Split, inputs: Collection[nengo.Node]
    ) -> None:
        self._split = split
        self._sources: dict[Any, list] = {}
        for conn in network.all_connections:
            pre, post = base_obj(conn.pre_obj), base_obj(conn.post_obj)
            if pre is not post:
                self._sources.setdefault(post, []).append(pre)
        self._biases = {
            node
            for node in network.all_nodes
            if node.size_in == 0 and not callable(node.output) and node not in inputs
        }
        self._found: dict[Any, int] = {}

    def of(self, obj: Any) -> int:
        """Steps until what the input does now has an effect on an object.

        Parameters
        ----------
        obj : Ensemble, Neurons or Node

        Returns
        -------
        steps : int

        Raises
        ------
        BackendError
            If it arrives more than once, on paths of different lengths.
        """
        obj = base_obj(obj)
        if obj not in self._found:
            self._found[obj] = 0  # for what comes back in a circle
            steps = sorted({self.of(pre) + self._hop(pre, obj) for pre in self._senders(obj)})
            if len(steps) > 1:
                raise BackendError(
                    f"{obj}: spikes of a step arrive {steps[0]} and {steps[-1]} steps later on "
                    "Loihi, where they take a step from each layer to the next, and together in "
                    "training; give all branches that meet there the same number of spiking layers"
                )
            self._found[obj] = max(steps, default=0)
        return self._found[obj]

    @cached_property
    def of_biases(self) -> dict[nengo.Node, int]:
        """Those nodes of constant output that must wait for the spikes that they are added to."""
        steps = {
            node: self.of(obj)
            for obj, sources in self._sources.items()
            for node in sources
            if node in self._biases and not self._split.on_chip(obj)
        }
        return {node: lag for node, lag in steps.items() if lag}

    def _senders(self, obj: Any) -> Iterator[Any]:
        """What sends to an object, through nodes that are merged into connections."""
        for pre in self._sources.get(obj, ()):
            if pre in self._split.passthrough.to_remove:
                yield from self._senders(pre)
            elif pre not in self._biases:
                yield pre

    def _hop(self, pre: Any, post: Any) -> int:
        return int(self._split.on_chip(pre) or self._split.on_chip(post))
