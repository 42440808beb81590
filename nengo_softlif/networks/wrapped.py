"""Your own Nengo networks, with names for their parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import nengo

from nengo_softlif.errors import ParameterError
from nengo_softlif.networks.layer import Layer
from nengo_softlif.networks.names import unique
from nengo_softlif.networks.runnable import only
from nengo_softlif.validation import check_type

__all__ = ["WrappedNetwork", "wrap"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class WrappedNetwork:
    """A Nengo network with names for its inputs, outputs and layers; see `wrap`.

    Parameters
    ----------
    net : nengo.Network
    inputs, outputs : dict of str to nengo.Node
    input_shapes, output_shapes : dict of str to tuple of int
        Shapes of one sample.
    layers : list of Layer
        All ensembles with neurons.
    input_ranges : dict of str to (float, float)
        Range of the data that the network was made for, where it is known.
    """

    net: nengo.Network
    inputs: dict[str, nengo.Node]
    outputs: dict[str, nengo.Node]
    input_shapes: dict[str, tuple[int, ...]]
    output_shapes: dict[str, tuple[int, ...]]
    layers: list[Layer]
    input_ranges: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def input(self) -> nengo.Node:
        """The only input node."""
        return only("input", self.inputs)

    @property
    def output(self) -> nengo.Node:
        """The only output node."""
        return only("output", self.outputs)

    def __repr__(self) -> str:
        n_neurons = sum(layer.n_neurons for layer in self.layers)
        label = f" {self.net.label!r}" if self.net.label else ""
        return (
            f"<WrappedNetwork{label}: {', '.join(self.inputs)} -> {', '.join(self.outputs)}, "
            f"{n_neurons:,} neurons in {len(self.layers)} ensembles>"
        )


def wrap(
    net: nengo.Network,
    *,
    input: nengo.Node | Mapping[str, nengo.Node],
    output: nengo.Node | Mapping[str, nengo.Node],
) -> WrappedNetwork:
    """Name the inputs and outputs of a Nengo network, so that it can be run on data.

    Parameters
    ----------
    net : nengo.Network
        With any neuron types, for instance those of this package.
    input : nengo.Node, or dict of str to nengo.Node
        Nodes that put out the samples; ``size_out`` is the number of elements of a sample.
    output : nengo.Node, or dict of str to nengo.Node
        Nodes that receive the results.

    Returns
    -------
    network : WrappedNetwork
        For `nengo_softlif.predict`, `nengo_softlif.evaluate` and `nengo_softlif.loihi.check`.

    Raises
    ------
    ParameterError
        If ``input`` or ``output`` is not a node of the network, or an input node has inputs itself.

    Examples
    --------
    >>> with nengo.Network() as net:
    ...     stimulus = nengo.Node([0, 0], label="stimulus")
    ...     ens = nengo.Ensemble(50, 2, label="ens")
    ...     result = nengo.Node(size_in=2, label="result")
    ...     _ = nengo.Connection(stimulus, ens), nengo.Connection(ens, result)
    >>> wrap(net, input=stimulus, output=result)
    <WrappedNetwork: input -> output, 50 neurons in 1 ensembles>
    """
    check_type("net", net, nengo.Network, "build one with `with nengo.Network() as net`")
    inputs = _nodes(net, "input", input)
    outputs = _nodes(net, "output", output)
    for name, node in inputs.items():
        if node.size_in != 0:
            raise ParameterError(
                f"{name} must be a node without inputs of its own (got size_in={node.size_in}); "
                "put a nengo.Node(numpy.zeros(n)) before it"
            )
    return WrappedNetwork(
        net=net,
        inputs=inputs,
        outputs=outputs,
        input_shapes={name: (node.size_out,) for name, node in inputs.items()},
        output_shapes={name: (node.size_out,) for name, node in outputs.items()},
        layers=_layers(net),
    )


def _nodes(net: nengo.Network, kind: str, given: object) -> dict[str, nengo.Node]:
    nodes = dict(given) if isinstance(given, Mapping) else {kind: given}
    if not nodes:
        raise ParameterError(f"{kind} must name at least one node of the network (got {given!r})")
    for name, node in nodes.items():
        if not isinstance(node, nengo.Node) or node not in net.all_nodes:
            raise ParameterError(f"{name} must be a nengo.Node of the network (got {node!r})")
    return nodes


def _layers(net):
    layers = {}
    for ensemble in net.all_ensembles:
        if isinstance(ensemble.neuron_type, nengo.Direct):
            continue
        name = unique(ensemble.label or "ensemble", layers)
        layers[name] = Layer(name, ensemble.neurons, (ensemble.n_neurons,))
    return list(layers.values())
