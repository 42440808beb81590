"""The rate curves of `nengo_softlif.functional.curves`, compiled for kernels."""

import math
from typing import NamedTuple

from nengo_softlif.compiled.choice import larger
from nengo_softlif.compiled.compiler import compiled
from nengo_softlif.functional import curves

__all__ = ["lif_interval", "soft_lif_rate"]

_lif_interval = compiled(curves.lif_interval)
_soft_lif_terms = compiled(curves.soft_lif_terms)


class _Functions(NamedTuple):
    """The namespace that the curves take; Numba knows tuples of functions."""

    log: object
    log1p: object
    maximum: object
    softplus: object


@compiled
def softplus(x):
    """``log(1 + exp(x))``, without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@compiled
def lif_interval(excess, tau_rc, tau_ref):
    """Time from spike to spike of a LIF neuron that fires."""
    xp = _Functions(math.log, math.log1p, larger, softplus)
    return _lif_interval(excess, tau_rc, tau_ref, xp)


@compiled
def soft_lif_rate(current, tau_rc, tau_ref, amplitude, sigma):
    """Output of a soft LIF neuron."""
    xp = _Functions(math.log, math.log1p, larger, softplus)
    return _soft_lif_terms(current, tau_rc, tau_ref, amplitude, sigma, xp)[0]
