"""Keeps NengoDL from merging convolutions with groups.

NengoDL computes convolutions that read the same signal as one, with their kernels side by side.
It fails if they have groups (average pooling, depthwise convolution), since their kernels have
fewer channels than the image. So this changes nothing for a network that runs without it.
"""

from nengo_dl.transform_builders import ConvIncBuilder

__all__ = ["install", "mergeable"]

_mergeable = ConvIncBuilder.mergeable


def mergeable(x, y):
    """Whether two operators can be computed as one.

    Parameters
    ----------
    x, y : nengo.builder.transforms.ConvInc
        Operators; ``y`` stands for a group that is merged already.

    Returns
    -------
    mergeable : bool
        As NengoDL has it, but never with groups.
    """
    has_groups = any(getattr(op.conv, "groups", 1) > 1 for op in (x, y))
    return not has_groups and _mergeable(x, y)


def install():
    """Have NengoDL ask `mergeable`. May be called again."""
    ConvIncBuilder.mergeable = staticmethod(mergeable)
