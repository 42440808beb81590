"""Connections that learn: on the host as in Nengo, on the chip by one PES rule for decoders."""

import nengo
from nengo.exceptions import BuildError
from nengo_loihi.builder import connection as loihi_connection
from nengo_loihi.passthrough import base_obj

__all__ = ["check_learning", "install"]

_build_host_to_learning_rule = loihi_connection.build_host_to_learning_rule
_ON_HOST = "put the ensembles at both ends on the host with\n  net.config[ensemble].on_chip = False"


def check_learning(conn):
    """Refuse learning that NengoLoihi fails on.

    Parameters
    ----------
    conn : nengo.Connection
        With an end on the chip.

    Raises
    ------
    nengo.exceptions.BuildError
        If it learns by anything else than one PES rule, or changes weights instead of decoders.
    """
    rule = conn.learning_rule_type
    if rule is None:
        return
    if not isinstance(rule, nengo.PES):
        raise BuildError(
            f"{conn}: on the chip NengoLoihi learns by one PES rule (got {rule}); give the "
            f"connection learning_rule_type=nengo.PES(), or {_ON_HOST}"
        )
    if not isinstance(conn.pre_obj, nengo.Ensemble):
        raise BuildError(
            f"{conn}: on the chip PES changes decoders, and neurons have none; connect from the "
            f"ensemble, or {_ON_HOST}"
        )
    if conn.solver.weights:
        raise BuildError(
            f"{conn}: on the chip PES changes decoders, and {conn.solver} solves for weights; give "
            f"the connection a solver with weights=False, or {_ON_HOST}"
        )


def build_host_to_learning_rule(model, conn):
    """Build a connection that brings an error, also to a rule of a connection on the host."""
    learned = conn.post_obj.connection
    if any(model.split.on_chip(base_obj(end)) for end in (learned.pre, learned.post)):
        return _build_host_to_learning_rule(model, conn)
    host = model.host_model(base_obj(conn.pre))
    loihi_connection._inherit_seed(host, conn, model, conn)
    return host.build(conn)


def install():
    """Have NengoLoihi ask these functions. May be called again."""
    loihi_connection.build_host_to_learning_rule = build_host_to_learning_rule
