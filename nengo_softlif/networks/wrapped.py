"""Nengo networks that somebody wrote by hand, ready to be evaluated."""

from __future__ import annotations

from dataclasses import dataclass

import nengo

from nengo_softlif.errors import SoftLIFError
from nengo_softlif.networks.layer import Layer

__all__ = ["WrappedNetwork", "wrap"]


@dataclass(frozen=True, eq=False)
class WrappedNetwork:
    """A Nengo network with names for its parts, as `nengo_softlif.evaluate` needs them.

    Parameters
    ----------
    net : nengo.Network
    inputs, outputs : dict of str to nengo.Node
    input_shapes : dict of str to tuple of int
        Shape of an item.
    layers : list of Layer
        All ensembles with neurons.
    """

    net: nengo.Network
    inputs: dict
    outputs: dict
    input_shapes: dict
    layers: list

    @property
    def output(self):
        """The only output node."""
        return next(iter(self.outputs.values()))


def wrap(net, *, input, output):
    """Say where data enter and leave a Nengo network, so that it can be evaluated.

    Parameters
    ----------
    net : nengo.Network
        With any neuron types, for instance those of this package.
    input : nengo.Node
        Shows the items; its ``size_out`` is their number of elements.
    output : nengo.Node
        The item's class is the largest element of what it receives.

    Returns
    -------
    network : WrappedNetwork

    Raises
    ------
    SoftLIFError
        If ``input`` or ``output`` is no node of the network.

    Examples
    --------
    >>> with nengo.Network() as net:
    ...     seen = nengo.Node([0, 0], label="seen")
    ...     ens = nengo.Ensemble(50, 2, label="ens")
    ...     decided = nengo.Node(size_in=2, label="decided")
    ...     _ = nengo.Connection(seen, ens), nengo.Connection(ens, decided)
    >>> [layer.name for layer in wrap(net, input=seen, output=decided).layers]
    ['ens']
    """
    for name, node in (("input", input), ("output", output)):
        if not isinstance(node, nengo.Node) or node not in net.all_nodes:
            raise SoftLIFError(f"{name} must be a nengo.Node of the network (got {node})")
    if input.size_in != 0:
        raise SoftLIFError(
            f"input must be a node that takes nothing (got size_in={input.size_in}); put a "
            "nengo.Node(numpy.zeros(n)) before it"
        )
    return WrappedNetwork(
        net=net,
        inputs={"input": input},
        outputs={"output": output},
        input_shapes={"input": (input.size_out,)},
        layers=_layers(net),
    )


def _layers(net):
    layers, names = [], set()
    for ensemble in net.all_ensembles:
        if isinstance(ensemble.neuron_type, nengo.Direct):
            continue
        name = unnumbered = ensemble.label or "ensemble"
        while name in names:
            name = f"{unnumbered} {len(names) + 1}"
        names.add(name)
        layers.append(Layer(name, ensemble.neurons, (ensemble.n_neurons,)))
    return layers
