"""Connections that NengoLoihi refuses, written in terms of those it knows."""

import nengo
import numpy as np
from nengo.ensemble import Neurons
from nengo.exceptions import BuildError
from nengo_loihi.builder import connection as loihi_connection
from nengo_loihi.builder.builder import Builder
from nengo_loihi.builder.inputs import ChipReceiveNode
from nengo_loihi.passthrough import base_obj, is_passthrough

from nengo_softlif.functional.composition import compose
from nengo_softlif.functional.linear import IndexMap
from nengo_softlif.loihi.extensions.learning import check_learning
from nengo_softlif.loihi.extensions.split import is_extended, is_partial
from nengo_softlif.loihi.extensions.transforms import chip_convolution, describe, to_transform

__all__ = ["UnsupportedSynapseError", "install"]

_build_host_to_chip = loihi_connection.build_host_to_chip
_build_chip_to_host = loihi_connection.build_chip_to_host
_build_chip_connection = loihi_connection.build_chip_connection
# Spikes arrive in the next step: with this filter in Nengo, and without any on the chip
_NEXT_STEP = nengo.LinearFilter([1], [1, 0], analog=False)
_build_convolution = Builder.builders[nengo.Convolution]


class UnsupportedSynapseError(BuildError, NotImplementedError):
    """A synapse that Loihi can't simulate; NengoLoihi raises a NotImplementedError."""


def build_chip_to_host(model, conn):
    """Send spikes to a passthrough node where NengoLoihi would need a Dense transform.

    The transform is applied on the host, behind another node. (Nodes that compute something are
    left to NengoLoihi, which refuses any other transform and says so.)
    """
    check_learning(conn)
    if isinstance(conn.pre_obj, Neurons) and np.ndim(getattr(conn.transform, "init", 0)) == 1:
        raise BuildError(
            f"{conn}: a transform of shape {conn.transform.init.shape} can't take spikes off the "
            "chip. Write it as a matrix, np.diag(transform)."
        )
    is_dense = isinstance(conn.transform, (nengo.Dense, nengo.transforms.NoTransform))
    if is_dense or not is_passthrough(conn.post_obj) or not is_extended(model):
        return _build_chip_to_host(model, conn)
    if not isinstance(conn.pre_obj, Neurons):
        raise BuildError(
            f"{conn}: {type(conn.transform).__name__} transforms of decoded values can't leave "
            "the chip. Connect from the neurons of the ensemble, or use a Dense transform."
        )
    host = model.host_model(base_obj(conn.post))
    received = nengo.Node(
        size_in=conn.size_mid,
        label=None if conn.label is None else f"{conn.label}_received",
        add_to_container=False,
    )
    model.split.hostchip.host_objs.add(received)
    host.build(received)
    to_node = nengo.Connection(
        conn.pre, received, synapse=None, label=conn.label, add_to_container=False
    )
    _inherit(model, to_node, conn)
    _build_chip_to_host(model, to_node)

    onward = nengo.Connection(
        received,
        conn.post,
        transform=conn.transform,
        synapse=conn.synapse,
        label=conn.label,
        add_to_container=False,
    )
    loihi_connection._inherit_seed(host, onward, model, conn)
    return host.build(onward)


def _inherit(model, new, old):
    model.seeds[new] = model.seeds[old]
    model.seeded[new] = model.seeded[old]
    loihi_connection._inherit_config(model, new, model, old)


def build_host_to_chip(model, conn):
    """Send values to the chip, also to some dimensions of an ensemble.

    The encoders of an ensemble expect values of all its dimensions, so the transform on the host
    adds zeros for the others.
    """
    is_sliced = isinstance(conn.post_obj, nengo.Ensemble) and is_partial(conn)
    if not is_sliced or not is_extended(model):
        return _build_host_to_chip(model, conn)
    return _build_whole(_build_host_to_chip, model, conn)


def build_chip_connection(model, conn):
    """Build a connection on the chip, also to some neurons or dimensions of an ensemble.

    An unsupported synapse raises an error here, before NengoLoihi fails on it.
    """
    check_learning(conn)
    if not is_extended(model):
        return _build_chip_connection(model, conn)
    if conn.synapse == _NEXT_STEP:
        direct = _like(conn, conn.post, conn.transform, synapse=None)
        return _build_in_place(build_chip_connection, model, direct, conn)
    if conn.synapse is not None and not isinstance(conn.synapse, nengo.Lowpass):
        raise UnsupportedSynapseError(
            f"{conn}: synapse={conn.synapse} can't be simulated on Loihi, whose input currents "
            "decay exponentially: it has no non-Lowpass synapses. Use a nengo.Lowpass or None "
            "for connections into neurons on the chip (RecurrentLIF with delay=1), or put the "
            "ensemble on the host with\n  net.config[ensemble].on_chip = False"
        )
    solves_weights = isinstance(conn.pre_obj, nengo.Ensemble) and conn.solver.weights
    if solves_weights or not is_partial(conn):  # NengoLoihi slices the encoders by itself
        return _build_chip_connection(model, conn)
    return _build_whole(_build_chip_connection, model, conn)


def _build_whole(build, model, conn):
    """Build a connection as one to all of its target, with zero weights to the rest."""
    n_targets = conn.post_obj.size_in
    place = IndexMap(np.arange(n_targets)[conn.post_slice], n_targets)
    rng = np.random.RandomState(model.seeds[conn])
    weights = describe(conn.transform, conn.size_mid, rng=rng)
    transform = to_transform(
        compose(place, IndexMap(np.arange(place.n_in), place.n_in), weights),
        dense=not _may_be_sparse(conn),
    )
    whole = _like(conn, conn.post_obj, transform, conn.synapse)
    return _build_in_place(build, model, whole, conn)


def _like(conn, post, transform, synapse):
    """A connection that differs from another one in its end, weights or filter."""
    return nengo.Connection(
        conn.pre,
        post,
        function=conn.function,
        solver=conn.solver,
        eval_points=conn.eval_points,
        scale_eval_points=conn.scale_eval_points,
        transform=transform,
        synapse=synapse,
        label=conn.label,
        add_to_container=False,
    )


def _build_in_place(build, model, new, old):
    """Build a connection in the place of another one."""
    _inherit(model, new, old)
    built = build(model, new)
    if new in model.params:
        model.params[old] = model.params[new]
    return built


def _may_be_sparse(conn):
    """Whether spikes arrive at neurons; decoded values travel through dense decoder weights."""
    sends_spikes = isinstance(conn.pre_obj, (Neurons, ChipReceiveNode))
    return sends_spikes and isinstance(conn.post_obj, Neurons)


def build_convolution(model, transform, conn):
    """Build a convolution with groups or in one dimension as one that NengoLoihi knows.

    NengoLoihi fails on one from or to an ensemble with an assertion that says nothing.
    """
    if not _may_be_sparse(conn):
        raise BuildError(
            f"{conn}: a convolution on the chip is from neurons to neurons. Connect the neurons of "
            "the ensembles, or use a Dense transform."
        )
    if not is_extended(model):
        return _build_convolution(model, transform, conn)
    config = model.config
    if config is None:  # merged connections get built when the network is finished already
        model.config = model.toplevel.config
    try:
        return _build_convolution(model, chip_convolution(transform), conn)
    finally:
        model.config = config


def install():
    """Have NengoLoihi ask these functions. May be called again."""
    loihi_connection.build_host_to_chip = build_host_to_chip
    loihi_connection.build_chip_to_host = build_chip_to_host
    loihi_connection.build_chip_connection = build_chip_connection
    Builder.builders[nengo.Convolution] = build_convolution
