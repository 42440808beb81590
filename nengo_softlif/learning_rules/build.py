"""How spike-timing-dependent plasticity is built into a model of Nengo."""

from __future__ import annotations

import nengo
import numpy as np
from nengo.builder import Builder, Signal
from nengo.builder.connection import slice_signal
from nengo.builder.operator import Copy, DotInc, Reset
from nengo.ensemble import Neurons
from nengo.exceptions import BuildError

from nengo_softlif.learning_rules.modulated import GatedSTDP, RewardSTDP
from nengo_softlif.learning_rules.operators import SimSTDP
from nengo_softlif.learning_rules.stdp import SpikePlasticity

__all__ = ["arriving", "check_ends", "without_delta"]

_TRACES = ("pre_trace", "post_trace", "pre_slow", "post_slow")


@Builder.register(SpikePlasticity)
def build_spike_plasticity(model, rule_type, rule):
    """Build a rule: its traces, and the operator that changes the weights.

    Parameters
    ----------
    model : nengo.builder.Model
    rule_type : SpikePlasticity
    rule : nengo.connection.LearningRule
    """
    connection = rule.connection
    check_ends(connection, rule_type)
    product = without_delta(model, rule)
    _check_weights(connection, rule_type, product.A.initial_value)
    by_input = not _is_of_nengo_dl(model)
    weights = _by_input(model, connection, product) if by_input else product.A
    n_post, n_pre = product.A.shape
    traces = []
    for name in _TRACES:
        size = n_pre if name.startswith("pre") else n_post
        traces.append(Signal(np.zeros(size), name=f"{rule}.{name}"))
        model.sig[rule][name] = traces[-1]
    told = {}
    if rule_type.size_in:
        signal = Signal(np.zeros(1), name=f"{rule}.in")
        model.add_op(Reset(signal))
        model.sig[rule]["in"] = signal
    if isinstance(rule_type, GatedSTDP):
        told = {"gate": signal}
    if isinstance(rule_type, RewardSTDP):
        eligibility = Signal(np.zeros((n_pre, n_post)), name=f"{rule}.eligibility")
        fraction = Signal(np.ones(1), name=f"{rule}.fraction")
        told = {"reward": signal, "waiting": (eligibility, fraction)}
    if rule_type.frozen:
        return
    pre = arriving(model, connection, product.X)
    post = slice_signal(model, model.sig[connection.post_obj]["out"], connection.post_slice)
    options = {**told, "weights": weights, "by_input": by_input}
    model.add_op(SimSTDP(rule_type, pre, post, traces=traces, **options, tag=str(connection)))


def check_ends(connection, rule_type):
    """Check that a rule is the only one, from spiking neurons to spiking neurons."""
    kind = type(rule_type).__name__
    if isinstance(connection.learning_rule_type, (list, dict)) and (
        len(connection.learning_rule_type) > 1
    ):
        raise BuildError(
            f"{connection}: {kind} must be the only learning rule of its connection (got "
            f"{len(connection.learning_rule_type)}); give each rule a connection of its own"
        )
    for end, obj in (("pre", connection.pre_obj), ("post", connection.post_obj)):
        if not isinstance(obj, Neurons):
            raise BuildError(
                f"{connection}: {kind} changes weights from neurons to neurons (got {obj} as "
                f"{end}); connect the neurons, as in nengo.Connection(a.neurons, b.neurons, "
                "transform=weights)"
            )
        if not obj.ensemble.neuron_type.spiking:
            raise BuildError(
                f"{connection}: {kind} needs neurons that spike (got "
                f"{obj.ensemble.neuron_type} as {end}); give the ensemble a spiking neuron_type, "
                "such as nengo.LIF()"
            )
    _check_dense(connection, kind)


def _check_dense(connection, kind):
    """Check that there is a weight for each pair of neurons."""
    init = getattr(connection.transform, "init", None)
    if isinstance(connection.transform, nengo.Dense) and not (
        isinstance(init, np.ndarray) and init.ndim < 2
    ):
        return
    raise BuildError(
        f"{connection}: {kind} needs a matrix of weights, one for each output and input (got "
        f"{connection.transform}); give it one, as in transform=np.full("
        f"{(connection.size_out, connection.size_in)}, 0.1)"
    )


def arriving(model, connection, spikes):
    """Spikes of the inputs as they arrive: later, if the synapse of the connection is a delay.

    Nengo multiplies by the weights first, and filters then. Behind other filters there are no
    spikes, and a rule sees them as they leave.
    """
    synapse = connection.synapse
    if not isinstance(synapse, nengo.LinearFilter) or synapse.analog:
        return spikes
    is_delay = np.count_nonzero(synapse.num) == 1 and not np.any(np.ravel(synapse.den)[1:])
    return model.build(synapse, spikes, mode="update") if is_delay else spikes


def without_delta(model, rule):
    """Take back the matrix of changes in each step, and return the product with the weights."""
    target = model.sig[rule.connection]["weights"]
    delta = model.sig[rule].pop("delta")
    for operator in reversed(model.operators):
        if isinstance(operator, Copy) and operator.src is delta:
            model.operators.remove(operator)
            break
    # Nengo lets no rule change other weights than dense ones
    return next(
        operator
        for operator in model.operators
        if isinstance(operator, DotInc) and operator.A is target
    )


def _check_weights(connection, rule_type, weights):
    lower, upper = rule_type.bounds
    outside = np.count_nonzero((weights < lower) | (weights > upper))
    if outside:
        raise BuildError(
            f"{connection}: {outside} of {weights.size} weights are outside of the bounds "
            f"{rule_type.bounds} (they go from {weights.min():g} to {weights.max():g}); give "
            f"{type(rule_type).__name__} other bounds, or other weights"
        )


def _is_of_nengo_dl(model):
    """Whether NengoDL builds the model, which has no signals that are transposed."""
    return type(model).__module__.partition(".")[0] == "nengo_dl"


def _by_input(model, connection, product):
    """Store the weights by input, so that a spike finds its weights next to each other."""
    old = product.A
    weights = Signal(old.initial_value.T, name=f"{old.name}, by input")
    view = Signal(weights.initial_value.T, name=old.name, base=weights)
    model.sig[connection]["weights"] = view
    model.operators.remove(product)
    model.add_op(DotInc(view, product.X, product.Y, tag=product.tag))
    return weights
