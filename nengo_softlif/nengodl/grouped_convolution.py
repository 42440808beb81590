"""Keeps NengoDL from merging convolutions with groups, in networks that need our extensions.

NengoDL computes convolutions that read the same signal as one, with their kernels side by side.
With groups (average pooling, depthwise convolution) the channels of the kernels would land in
the wrong groups.
"""

import functools
from contextvars import ContextVar

from nengo_dl.tensor_graph import TensorGraph
from nengo_dl.transform_builders import ConvIncBuilder

from nengo_softlif.networks.extensions import needs_extensions

__all__ = ["install", "mergeable"]

_mergeable = ConvIncBuilder.mergeable
_build_graph = TensorGraph.__init__

# NengoDL asks for two operators, without saying of which network.
_is_extended = ContextVar("is_extended", default=False)


def mergeable(x, y):
    """Whether two operators can be computed as one.

    Parameters
    ----------
    x, y : nengo.builder.transforms.ConvInc
        Operators; ``y`` stands for a group that is merged already.

    Returns
    -------
    mergeable : bool
        As NengoDL has it, but never with groups in a network that needs our extensions.
    """
    has_groups = any(getattr(op.conv, "groups", 1) > 1 for op in (x, y))
    return not (has_groups and _is_extended.get()) and _mergeable(x, y)


@functools.wraps(_build_graph)
def build_graph(self, model, *args, **kwargs):
    """Note while operators are merged whether the network needs our extensions."""
    network = model.toplevel
    token = _is_extended.set(network is not None and needs_extensions(network))
    try:
        _build_graph(self, model, *args, **kwargs)
    finally:
        _is_extended.reset(token)


def install():
    """Have NengoDL ask `mergeable`. May be called again."""
    TensorGraph.__init__ = build_graph
    ConvIncBuilder.mergeable = staticmethod(mergeable)
