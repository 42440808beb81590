"""The decision for a network: does NengoLoihi build it as ever, or with our extensions?

All extensions go by this decision. It is made when the network is divided between host and chip,
and the division carries it: `is_extended` finds it in the model that is being built.
"""

from __future__ import annotations

import nengo
from nengo.connection import LearningRule
from nengo.ensemble import Neurons
from nengo.exceptions import BuildError
from nengo_loihi.builder import network as loihi_network
from nengo_loihi.builder.builder import Model
from nengo_loihi.passthrough import base_obj, is_passthrough
from nengo_loihi.splitter import HostChipSplit, PrecomputableSplit, Split

from nengo_softlif.loihi.extensions.passthrough import LinearPassthroughSplit
from nengo_softlif.networks.extensions import needs_extensions, spike_rule
from nengo_softlif.processes import GatedCells, SpikingMaxPool

__all__ = [
    "ExtendedSplit",
    "choose_split",
    "install",
    "is_extended",
    "is_partial",
    "refusals_of_placement",
    "refusals_of_probes",
    "refusals_of_processes",
    "refusals_of_rules",
]

_REASONS = {
    GatedCells: (
        "Loihi has no gated recurrent cells (GatedCells): their gates multiply, which its neurons "
        "can't, and each step waits for the host. Train with nengo_softlif.layers.RecurrentLIF, "
        "which has a memory in adaptive neurons, or run it on another backend."
    ),
    SpikingMaxPool: (
        "Loihi has no max pooling of spikes (SpikingMaxPool): it would have to know in every step "
        'which neuron of a window leads. Convert with max_pool="average", best after training with '
        "average pooling, or train with a strided convolution in the place of the pooling."
    ),
}
_DENSE = (nengo.Dense, nengo.transforms.NoTransform)


def choose_split(
    network: nengo.Network, precompute: bool | None = None, remove_passthrough: bool = True
) -> Split:
    """Divide a network between host and chip, by our rules if it needs them.

    Parameters
    ----------
    network : nengo.Network
    precompute, remove_passthrough
        As for `nengo_loihi.Simulator`.

    Returns
    -------
    split : Split
        An `ExtendedSplit` if `nengo_softlif.networks.needs_extensions` says so, or if NengoLoihi
        could not build the network otherwise.

    Raises
    ------
    nengo.exceptions.BuildError
        If the network pools the maximum of spikes, has gated cells, or learns on the chip by rules
        for spikes, a node can't be merged, or connections are probed.
    """
    if reasons := refusals_of_probes(network):
        raise BuildError("\n".join([*refusals_of_rules(network), *reasons]))
    if needs_extensions(network):
        return ExtendedSplit(network, precompute, remove_passthrough)
    try:
        split = Split(network, precompute, remove_passthrough)
    except (NotImplementedError, IndexError, ValueError):
        # it has to merge a transform that is not dense, or a node between two lists of indices
        return ExtendedSplit(network, precompute, remove_passthrough)
    passthrough = split.passthrough
    connections = {*network.all_connections, *passthrough.to_add} - passthrough.to_remove
    if any(_is_refused(conn, split) for conn in connections):
        return ExtendedSplit(network, precompute, remove_passthrough)
    return split


def is_extended(model: Model) -> bool:
    """Whether the network that is being built into a model is built with our extensions."""
    return isinstance(model.split, ExtendedSplit)


def is_partial(conn: nengo.Connection) -> bool:
    """Whether a connection names the neurons or dimensions that it targets.

    NengoLoihi connects to whole objects on the chip only; it compares the slice with
    ``slice(None)``, so that the indices of all elements count as a part, too.

    Parameters
    ----------
    conn : nengo.Connection

    Returns
    -------
    is_partial : bool
    """
    return not isinstance(conn.post_slice, slice) or conn.post_slice != slice(None)


def _is_refused(conn: nengo.Connection, split: Split) -> bool:
    """Whether NengoLoihi refuses a connection that the extensions can build."""
    if isinstance(conn.post_obj, LearningRule):
        return False
    is_dense = isinstance(conn.transform, _DENSE)
    from_chip, to_chip = (split.on_chip(base_obj(obj)) for obj in (conn.pre, conn.post))
    if not to_chip:
        return from_chip and not is_dense and is_passthrough(conn.post_obj)
    solves_weights = isinstance(conn.pre_obj, nengo.Ensemble) and conn.solver.weights
    if is_partial(conn) and not (from_chip and solves_weights):
        return True
    if not from_chip and not isinstance(conn.pre_obj, Neurons):
        return not is_dense and is_passthrough(conn.pre_obj)
    return isinstance(conn.transform, nengo.Convolution) and (
        conn.transform.groups > 1 or conn.transform.dimensions == 1
    )


class ExtendedSplit(Split):
    """Division of a network whose passthrough nodes may lie between any linear transforms.

    Parameters
    ----------
    network : nengo.Network
    precompute : bool, optional
    remove_passthrough : bool
        As for `nengo_loihi.Simulator`.

    Raises
    ------
    nengo.exceptions.BuildError
        If the network pools the maximum of spikes, has gated cells, or learns on the chip by rules
        for spikes, or a node can't be merged.
    """

    def __init__(
        self,
        network: nengo.Network,
        precompute: bool | None = None,
        remove_passthrough: bool = True,
    ):
        if reasons := refusals_of_processes(network) + refusals_of_rules(network):
            raise BuildError("\n".join(reasons))
        super().__init__(network, precompute=False, remove_passthrough=False)
        if remove_passthrough:
            self.passthrough = LinearPassthroughSplit(network, self.hostchip)
        # once more, as it depends on the connections that are left
        self._precomputable = PrecomputableSplit(
            network, self.hostchip, self.passthrough, strict=precompute is True
        )
        self.precompute = self.precomputable() if precompute is None else precompute


def refusals_of_placement(network: nengo.Network) -> list[str]:
    """Say why a network has nothing on the chip.

    Parameters
    ----------
    network : nengo.Network

    Returns
    -------
    reasons : list of str
        One with what to do, or none if the chip has neurons.
    """
    if refusals_of_probes(network):
        return []  # it is not known then what goes where
    split = HostChipSplit(network)
    if any(split.on_chip(ensemble) for ensemble in network.all_ensembles):
        return []
    return [
        "the network has no neurons for the chip: populations that see its input stay on the host "
        "to make spikes of it; add a layer after them"
    ]


def refusals_of_processes(network: nengo.Network) -> list[str]:
    """Say which nodes of a network compute from spikes what no chip can.

    Parameters
    ----------
    network : nengo.Network

    Returns
    -------
    reasons : list of str
        One for each node, with what to do.
    """
    return [
        f"{node}: {_REASONS[type(node.output)]}"
        for node in network.all_nodes
        if type(node.output) in _REASONS
    ]


def refusals_of_probes(network: nengo.Network) -> list[str]:
    """Say which probes of a network are of what NengoLoihi can't probe.

    Parameters
    ----------
    network : nengo.Network

    Returns
    -------
    reasons : list of str
        One for each probe of a connection or a learning rule, with what to do.
    """
    return [
        f"{probe}: NengoLoihi has no probes of connections and learning rules (got "
        f"{probe.attr!r} of a {type(probe.obj).__name__}). Remove the probe, or probe the "
        "populations at both ends."
        for probe in network.all_probes
        if isinstance(probe.obj, (nengo.Connection, LearningRule))
    ]


def refusals_of_rules(network: nengo.Network) -> list[str]:
    """Say which connections of a network learn by rules that the chip doesn't have.

    Parameters
    ----------
    network : nengo.Network

    Returns
    -------
    reasons : list of str
        One for each connection from or to neurons on the chip, with what to do.
    """
    return [
        f"{connection}: NengoLoihi has no {type(rule).__name__} on the chip. Train on another "
        "backend and connect with the weights that were learnt, without a learning rule, or put "
        "both ensembles on the host with net.config[ensemble].on_chip = False."
        for connection in network.all_connections
        if (rule := spike_rule(connection)) is not None
        and any(
            _may_be_on_chip(network, base_obj(end)) for end in (connection.pre, connection.post)
        )
    ]


def _may_be_on_chip(network: nengo.Network, obj: nengo.base.NengoObject) -> bool:
    # not by HostChipSplit, which knows no probes of connections
    return getattr(network.config[obj], "on_chip", None) is not False


def install() -> None:
    """Have NengoLoihi ask `choose_split`. May be called again."""
    loihi_network.Split = choose_split
