"""Rules of learning rules."""

from nengo.builder.learning_rules import SimBCM, SimOja, SimPES, SimVoja

from nengo_softlif.simulator.kernels import learning as kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = []


def _instruction(kernel, signals, sizes, parameters, layout):
    places = layout.addresses(*signals)
    if places is None:
        return None
    return [Instruction(kernel, (*places, *sizes), parameters)]


@rule(SimPES)
def pes(operator, layout):
    """Prescribed error sensitivity."""
    pre, error = operator.pre_filtered, operator.error
    alpha = -operator.learning_rate * layout.dt / pre.size
    signals, sizes = (pre, error, operator.delta), (pre.size, error.size)
    return _instruction(kernels.pes, signals, sizes, (alpha,), layout)


@rule(SimBCM)
def bcm(operator, layout):
    """Bienenstock, Cooper and Munroe's rule."""
    pre, post = operator.pre_filtered, operator.post_filtered
    signals, sizes = (pre, post, operator.theta, operator.delta), (pre.size, post.size)
    parameters = (operator.learning_rate * layout.dt,)
    return _instruction(kernels.bcm, signals, sizes, parameters, layout)


@rule(SimOja)
def oja(operator, layout):
    """Oja's rule."""
    pre, post = operator.pre_filtered, operator.post_filtered
    signals, sizes = (pre, post, operator.weights, operator.delta), (pre.size, post.size)
    parameters = (operator.learning_rate * layout.dt, operator.beta)
    return _instruction(kernels.oja, signals, sizes, parameters, layout)


@rule(SimVoja)
def voja(operator, layout):
    """Vector Oja's rule, on encoders."""
    pre, post = operator.pre_decoded, operator.post_filtered
    signals = (pre, post, operator.scaled_encoders, operator.learning_signal, operator.delta)
    sizes = (pre.size, post.size, layout.memory.weights(operator.scale))
    parameters = (operator.learning_rate * layout.dt,)
    return _instruction(kernels.voja, signals, sizes, parameters, layout)
