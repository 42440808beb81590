"""Rules of learning rules."""

import numpy as np
from nengo.builder.learning_rules import SimBCM, SimOja, SimPES, SimRLS, SimVoja

from nengo_softlif.simulator.kernels import learning as kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = []


def _instruction(kernel, layout, signals, **others):
    places = layout.addresses(*signals.values())
    if places is None:
        return None
    return [Instruction(kernel, **dict(zip(signals, places, strict=True)), **others)]


@rule(SimPES)
def pes(operator, layout):
    """Prescribed error sensitivity."""
    pre, error = operator.pre_filtered, operator.error
    return _instruction(
        kernels.pes,
        layout,
        {"pre": pre, "error": error, "delta": operator.delta},
        n_pre=pre.size,
        n_error=error.size,
        alpha=-operator.learning_rate * layout.dt / pre.size,
    )


@rule(SimBCM)
def bcm(operator, layout):
    """Bienenstock, Cooper and Munroe's rule."""
    pre, post = operator.pre_filtered, operator.post_filtered
    return _instruction(
        kernels.bcm,
        layout,
        {"pre": pre, "post": post, "theta": operator.theta, "delta": operator.delta},
        n_pre=pre.size,
        n_post=post.size,
        alpha=operator.learning_rate * layout.dt,
    )


@rule(SimOja)
def oja(operator, layout):
    """Oja's rule."""
    pre, post = operator.pre_filtered, operator.post_filtered
    return _instruction(
        kernels.oja,
        layout,
        {"pre": pre, "post": post, "weights": operator.weights, "delta": operator.delta},
        n_pre=pre.size,
        n_post=post.size,
        alpha=operator.learning_rate * layout.dt,
        beta=operator.beta,
    )


@rule(SimVoja)
def voja(operator, layout):
    """Vector Oja's rule, on encoders."""
    pre, post = operator.pre_decoded, operator.post_filtered
    signals = {
        "pre": pre,
        "post": post,
        "encoders": operator.scaled_encoders,
        "learning_signal": operator.learning_signal,
        "delta": operator.delta,
    }
    return _instruction(
        kernels.voja,
        layout,
        signals,
        scale=layout.memory.weights(operator.scale),
        n_pre=pre.size,
        n_post=post.size,
        alpha=operator.learning_rate * layout.dt,
    )


@rule(SimRLS)
def rls(operator, layout):
    """Recursive least squares."""
    pre, error = operator.pre_filtered, operator.error
    inverse = operator.inv_gamma.initial_value
    if not np.array_equal(inverse, inverse.T):
        return None  # an error, which Nengo's own step raises
    return _instruction(
        kernels.rls,
        layout,
        {"pre": pre, "error": error, "delta": operator.delta, "inverse": operator.inv_gamma},
        product=layout.room(pre.size),
        n_pre=pre.size,
        n_error=error.size,
    )
