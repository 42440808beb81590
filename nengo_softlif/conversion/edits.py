"""What somebody has changed in a network since it was built."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Collection

import nengo
import numpy as np
import scipy.sparse
from nengo.base import NengoObject, ObjView
from nengo.ensemble import Neurons
from nengo.params import FrozenObject, iter_params

__all__ = ["edits"]


def edits(
    net: nengo.Network, original: nengo.Network, *, inputs: Collection[nengo.Node] = ()
) -> list[str]:
    """List the differences of a network from the one that it was built as.

    Objects are compared by their labels, with all of their parameters and what ``net.config``
    says about them. Probes are no part of what a network computes, and are left out.

    Parameters
    ----------
    net : nengo.Network
    original : nengo.Network
        Made in the same way, and not changed.
    inputs : collection of nengo.Node
        Nodes of ``net`` whose output may be anything, since it is data.

    Returns
    -------
    differences : list of str
        For people to read, for instance "lif: neuron_type".

    Examples
    --------
    >>> def build():
    ...     with nengo.Network() as net:
    ...         nengo.Ensemble(5, 1, label="a")
    ...     return net
    >>> net = build()
    >>> edits(net, build())
    []
    >>> net.ensembles[0].radius = 2
    >>> edits(net, build())
    ['a: radius']
    """
    found = [f"network: {name}" for name in ("label", "seed") if _differ(net, original, name)]
    found += [f"config: {name}" for name in _unequal(_class_options(net), _class_options(original))]
    for kind in ("ensembles", "nodes", "connections"):
        ours, theirs = _by_name(net, kind), _by_name(original, kind)
        for name in {**theirs, **ours}:
            found += _count(kind, name, len(ours[name]) - len(theirs[name]))
            for mine, other in zip(ours[name], theirs[name], strict=False):
                changed = [param for param in iter_params(other) if _differ(mine, other, param)]
                changed += _unequal(_options(net, mine), _options(original, other))
                if mine in inputs and "output" in changed:
                    changed.remove("output")
                found += [f"{name}: {param}" for param in changed]
    return found


def _by_name(net, kind):
    objects = defaultdict(list)
    for obj in getattr(net, f"all_{kind}"):
        objects[_name(obj)].append(obj)
    return objects


def _name(obj):
    """Name of an object, the same in two networks that were built alike."""
    if isinstance(obj, nengo.Connection):
        return f"{_name(obj.pre_obj)} to {_name(obj.post_obj)}"
    if isinstance(obj, Neurons):
        return _name(obj.ensemble)
    return obj.label or type(obj).__name__


def _count(kind, name, n_more):
    if n_more == 0:
        return []
    return [f"{name}: {'added' if n_more > 0 else 'removed'} ({abs(n_more)} of the {kind})"]


def _class_options(net):
    """What ``net.config`` says about classes in parameters that they don't have themselves."""
    return {
        f"{cls.__name__}.{name}": getattr(options, name)
        for cls, options in net.config.params.items()
        if inspect.isclass(cls)
        for name in options.extra_params
        if options in options.get_param(name)
    }


def _options(net, obj):
    """What ``net.config`` says about an object by itself."""
    if obj not in net.config.params:
        return {}
    options = net.config[obj]
    names = net.config[type(obj)].params
    return {name: getattr(options, name) for name in names if name in options}


def _unequal(ours, theirs):
    """Names for which two dicts have different values."""
    return [
        name
        for name in {**theirs, **ours}
        if (name in ours) != (name in theirs) or not _same(ours[name], theirs[name])
    ]


def _differ(ours, theirs, name):
    return not _same(getattr(ours, name), getattr(theirs, name))


def _same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, (NengoObject, Neurons)):
        return _name(a) == _name(b)
    if isinstance(a, ObjView):
        return _name(a.obj) == _name(b.obj) and _same(a.slice, b.slice)
    if isinstance(a, FrozenObject):
        return not any(_differ(a, b, name) for name in iter_params(a))
    if isinstance(a, dict):
        return not _unequal(a, b)
    if scipy.sparse.issparse(a):
        return a.shape == b.shape and (a != b).nnz == 0
    if isinstance(a, (np.ndarray, list, tuple)):
        return np.array_equal(a, b)
    return a == b
