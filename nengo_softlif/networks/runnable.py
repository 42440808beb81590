"""What every network that can be run has in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar, runtime_checkable

import nengo

from nengo_softlif.errors import ParameterError
from nengo_softlif.networks.layer import Layer

__all__ = ["RunnableNetwork", "only"]

T = TypeVar("T")


@runtime_checkable
class RunnableNetwork(Protocol):
    """A Nengo network with names for its inputs, outputs and layers.

    `nengo_softlif.predict` and `nengo_softlif.evaluate` run any object with these attributes, such
    as a `SpikingNetwork` or what `nengo_softlif.wrap` returns.

    Attributes
    ----------
    net : nengo.Network
    inputs, outputs : dict of str to nengo.Node
    input_shapes, output_shapes : dict of str to tuple of int
        Shapes of one sample, without the batch axis.
    input_ranges : dict of str to (float, float)
        Smallest and largest value of the data that the network was verified or calibrated with,
        for the inputs for which this is known.
    layers : list of Layer
        Populations of neurons whose spikes are counted.
    """

    @property
    def net(self) -> nengo.Network: ...
    @property
    def inputs(self) -> Mapping[str, nengo.Node]: ...
    @property
    def outputs(self) -> Mapping[str, nengo.Node]: ...
    @property
    def input_shapes(self) -> Mapping[str, tuple[int, ...]]: ...
    @property
    def output_shapes(self) -> Mapping[str, tuple[int, ...]]: ...
    @property
    def input_ranges(self) -> Mapping[str, tuple[float, float]]: ...
    @property
    def layers(self) -> Sequence[Layer]: ...


def only(kind: str, values: Mapping[str, T]) -> T:
    """Return the only value of a dict by name.

    Parameters
    ----------
    kind : str
        For the message: "input" or "output".
    values : dict

    Raises
    ------
    ParameterError
        If there are several, or none.
    """
    if len(values) != 1:
        names = ", ".join(map(repr, values)) or "none"
        raise ParameterError(
            f"the network has {len(values)} {kind}s ({names}); take one by its name, {kind}s[name]"
        )
    return next(iter(values.values()))
