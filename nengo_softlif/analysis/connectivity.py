"""Who reaches whom in a Nengo network: the connections that spikes take, counted."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import nengo
import numpy as np
import scipy.sparse
from nengo.ensemble import Neurons

from nengo_softlif.analysis.patterns import connection_pattern, n_unrolled, owner
from nengo_softlif.errors import ParameterError
from nengo_softlif.processes import SpikingMaxPool
from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.validation import check_integer

__all__ = ["Connectivity", "Projection", "chain", "count_connections"]


@dataclass(frozen=True, eq=False, repr=False)
class Projection(OneLineRepr):
    """What one source sends to one target, past all passthrough nodes between them.

    Parameters
    ----------
    source, target : str
        Names of layers, inputs and outputs.
    spikes : bool
        Whether the source is a population of neurons. An input may send spikes or numbers; see
        `InputActivity`. Other nodes send numbers.
    n_connections : int
        Unrolled as in Hunsberger & Eliasmith (2016): outputs times what each of them sees, the
        zeros around a padded image included; what leads to a passthrough node (average pooling,
        padding) is free, and its elements count as if they were neurons.
    fan_out : (n_source,) ndarray of int
        For each element of the source, the number of target neurons that it reaches.
        Passthrough nodes are merged into the weights after them, as on a chip, which has none.
    """

    source: str
    target: str
    spikes: bool
    n_connections: int
    fan_out: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Connectivity(OneLineRepr):
    """Neurons and connections of a network.

    Parameters
    ----------
    n_neurons : dict of str to int
        By layer.
    n_connections : int
        Unrolled; see `Projection`. A passthrough node that adds two sources up has connections
        that count once here, and for each source in the projections.
    projections : tuple of Projection
    inputs : tuple of str
        Names of the inputs.
    """

    n_neurons: dict
    n_connections: int
    projections: tuple
    inputs: tuple

    @property
    def n_input_connections(self):
        """Unrolled connections from inputs and from other nodes that are no neurons."""
        return sum(p.n_connections for p in self.projections if not p.spikes)


def chain(n_neurons, n_connections):
    """Describe a network of which only the sizes are known: an input, layers, an output.

    Parameters
    ----------
    n_neurons : dict of str to int
        By layer, in order.
    n_connections : sequence of int
        From the input, then from each layer to the next one, at last to the output. The neurons
        of a layer share them evenly.

    Returns
    -------
    connectivity : Connectivity

    Raises
    ------
    ParameterError
        If there isn't one number of connections for the input and for each layer.

    Examples
    --------
    >>> chain({"hidden": 100}, [78400, 1000]).projections[1].fan_out[:3]
    array([10., 10., 10.])
    """
    names = ["input", *n_neurons, "output"]
    if len(n_connections) != len(names) - 1:
        raise ParameterError(
            f"n_connections must have {len(names) - 1} numbers, for the input and for each of the "
            f"{len(n_neurons)} layers (got {len(n_connections)})"
        )
    for name, n in n_neurons.items():
        check_integer(f"n_neurons[{name!r}]", n, minimum=1)
    projections = []
    for i, n in enumerate(n_connections):
        check_integer(f"n_connections[{i}]", n, minimum=0)
        size = n_neurons.get(names[i], 1)
        fan_out = np.full(size, n / size)
        projections.append(Projection(names[i], names[i + 1], i > 0, n, fan_out))
    return Connectivity(dict(n_neurons), sum(n_connections), tuple(projections), ("input",))


def count_connections(network):
    """Count the connections of a network.

    Parameters
    ----------
    network : SpikingNetwork or WrappedNetwork
        From `nengo_softlif.convert` or `nengo_softlif.wrap`.

    Returns
    -------
    connectivity : Connectivity

    Raises
    ------
    ParameterError
        If passthrough nodes form a loop, or the network has a transform of an unknown kind.

    Notes
    -----
    Max pooling of spikes counts as if all spikes passed, not only those of the neuron that leads.
    Constant nodes other than the inputs are biases and cost nothing. Connections from or to an
    ensemble (with decoders and encoders) count as full matrices between neurons, learning rules
    as nothing.

    Examples
    --------
    >>> with nengo.Network() as net:
    ...     seen = nengo.Node(np.zeros(4))
    ...     a, b = nengo.Ensemble(10, 1, label="a"), nengo.Ensemble(5, 1, label="b")
    ...     out = nengo.Node(size_in=2)
    ...     _ = nengo.Connection(seen, a.neurons, transform=np.ones((10, 4)))
    ...     _ = nengo.Connection(a.neurons, b.neurons, transform=np.ones((5, 10)))
    ...     _ = nengo.Connection(b.neurons, out, transform=np.ones((2, 5)))
    >>> import nengo_softlif as nsl
    >>> count_connections(nsl.wrap(net, input=seen, output=out)).n_connections
    100
    """
    names = {layer.neurons.ensemble: layer.name for layer in network.layers}
    names.update({node: name for name, node in (*network.inputs.items(), *network.outputs.items())})
    connections = [
        conn
        for conn in network.net.all_connections
        if isinstance(conn.post_obj, (nengo.Node, nengo.Ensemble, Neurons))
    ]
    relays = _relays(connections)
    sources = {obj for conn in connections if _sends(obj := owner(conn.pre_obj), names, relays)}

    # for each relay: by source, which of its elements reach which of the relay's
    reaching = {relay: {} for relay in relays}
    n_connections, projections = 0, []
    for conn in _in_order(connections, relays):
        pre, post = owner(conn.pre_obj), owner(conn.post_obj)
        arriving = {pre: None} if pre in sources else {}
        if pre in relays:
            arriving = _past(pre, reaching[pre])
        if not arriving:
            continue
        pattern = connection_pattern(conn)
        if post in relays:
            for source, reach in arriving.items():
                reach = _follow(pattern.every_row(), reach)
                before = reaching[post].get(source)
                reaching[post][source] = reach if before is None else before + reach
            continue
        n_of_connection = n_unrolled(conn)
        n_connections += n_of_connection
        shares = _shares(arriving)
        for source, reach in arriving.items():
            reach = _follow(pattern.rows, reach)
            projections.append(
                Projection(
                    source=names.get(source, source.label or str(source)),
                    target=names.get(post, post.label or str(post)),
                    spikes=isinstance(source, nengo.Ensemble),
                    n_connections=round(n_of_connection * shares[source]),
                    fan_out=pattern.repeats @ (reach > 0),
                )
            )
    n_neurons = {layer.name: layer.n_neurons for layer in network.layers}
    return Connectivity(n_neurons, n_connections, tuple(projections), tuple(network.inputs))


def _relays(connections):
    """Nodes that pass something on which leaves them again."""
    return {
        conn.pre_obj
        for conn in connections
        if isinstance(conn.pre_obj, nengo.Node)
        and (conn.pre_obj.output is None or isinstance(conn.pre_obj.output, SpikingMaxPool))
        and conn.pre_obj.size_in > 0
    }


def _past(relay, arriving):
    """What reaches the elements that a relay sends, from what reaches those it gets."""
    if relay.output is None:
        return arriving
    pool = relay.output
    windows, channel = pool.windows(), np.arange(pool.input_shape[-1])
    pixels = windows[:, np.newaxis, :] * len(channel) + channel[:, np.newaxis]
    rows = np.repeat(np.arange(pool.default_size_out), windows.shape[1])
    pattern = scipy.sparse.csr_matrix(
        (np.ones(pixels.size, int), (rows, pixels.ravel())),
        shape=(pool.default_size_out, pool.default_size_in),
    )
    return {source: _follow(pattern, reach) for source, reach in arriving.items()}


def _sends(obj, names, relays):
    """Whether spikes or changing numbers start here; a constant that is no input is a bias."""
    if obj in relays:
        return False
    is_known = isinstance(obj, nengo.Ensemble) or obj in names
    return is_known or callable(obj.output) or isinstance(obj.output, nengo.base.Process)


def _in_order(connections, relays):
    """Connections into a relay before those that leave it."""
    sorter = TopologicalSorter({relay: set() for relay in relays})
    for conn in connections:
        if conn.pre_obj in relays and conn.post_obj in relays:
            sorter.add(conn.post_obj, conn.pre_obj)
    try:
        rank = {relay: i for i, relay in enumerate(sorter.static_order())}
    except CycleError as error:
        raise ParameterError(
            f"passthrough nodes form a loop, {error.args[1]}: what a spike costs there has no end"
        ) from None
    return sorted(connections, key=lambda conn: rank.get(conn.post_obj, len(rank)))


def _shares(arriving):
    """For each source, how much of what leaves a relay comes from it; sums count for all."""
    if None in arriving.values():  # no relay, but the source itself
        return dict.fromkeys(arriving, 1.0)
    reached = {source: np.diff(reach.indptr) > 0 for source, reach in arriving.items()}
    n_in_use = np.any(list(reached.values()), axis=0).sum()
    return {source: n.sum() / n_in_use for source, n in reached.items()}


def _follow(pattern, reach):
    return pattern if reach is None else scipy.sparse.csr_matrix(pattern @ reach)
