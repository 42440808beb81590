"""Kernels of weights that change at spikes; they are stored by input."""

from typing import NamedTuple

from nengo_softlif.compiled.activity import BLOCK, active_bits, without_lowest
from nengo_softlif.compiled.compiler import compiled, kernel
from nengo_softlif.compiled.simd import array, number, trailing_zeros
from nengo_softlif.functional import plasticity as equations

__all__ = ["add_active", "fade", "reward", "stdp"]

_raised = compiled(equations.raised)
_moved = compiled(equations.moved)


class _Functions(NamedTuple):
    """The namespace that the equations take; Numba knows tuples of functions."""

    maximum: object
    minimum: object
    where: object


@compiled
def _maximum(a, b):
    return max(a, b)


@compiled
def _minimum(a, b):
    return min(a, b)


@compiled
def _where(condition, a, b):
    return a if condition else b


@compiled
def moved(weight, change, lower, upper, exponent):
    """Weight after a change."""
    functions = _Functions(_maximum, _minimum, _where)
    return _moved(weight, change, lower, upper, exponent, functions)


@compiled
def _change_input(weights, start, n, factor, trace, lower, upper, exponent):
    """Change the weights of one input by the traces of the outputs."""
    if exponent == 0:  # as vectors
        for i in range(n):
            weights[start + i] = min(max(weights[start + i] + factor * trace[i], lower), upper)
    else:
        for i in range(n):
            k = start + i
            weights[k] = moved(weights[k], factor * trace[i], lower, upper, exponent)


@kernel(operands="x n_in weights y n_out")
def add_active(at, real):
    """``y += A x``, one addition of weights for each active input."""
    n_in, n_out = at.n_in, at.n_out
    x, y = array(at.x, n_in, real), array(at.y, n_out, real)
    weights = array(at.weights, n_in * n_out, real)
    for block in range(0, n_in, BLOCK):
        bits = active_bits(x, block, n_in)
        while bits != 0:
            j = block + trailing_zeros(bits)
            factor, start = x[j], j * n_out
            for i in range(n_out):
                y[i] += factor * weights[start + i]
            bits = without_lowest(bits)


@kernel(
    operands="pre post weights pre_trace post_trace pre_slow post_slow share n_pre n_post nearest"
    " slow",
    reals="pre_decay post_decay pre_slow_decay post_slow_decay"
    " up down up_slow down_slow lower upper exponent",
)
def stdp(at, real):
    """Spike-timing-dependent plasticity: work for spikes, not for weights."""
    n_pre, n_post, nearest = at.n_pre, at.n_post, at.nearest
    pre, post = array(at.pre, n_pre, real), array(at.post, n_post, real)
    weights = array(at.weights, n_pre * n_post, real)
    pre_trace, post_trace = array(at.pre_trace, n_pre, real), array(at.post_trace, n_post, real)
    pre_slow, post_slow = array(at.pre_slow, n_pre, real), array(at.post_slow, n_post, real)
    lower, upper, exponent = real.lower, real.upper, real.exponent
    one = number(1, real)
    share = array(at.share, 1, real)[0]
    for j in range(n_pre):
        pre_trace[j] *= real.pre_decay
    for i in range(n_post):
        post_trace[i] *= real.post_decay
    if at.slow:
        for j in range(n_pre):
            pre_slow[j] *= real.pre_slow_decay
        for i in range(n_post):
            post_slow[i] *= real.post_slow_decay
    for block in range(0, n_pre, BLOCK):
        bits = active_bits(pre, block, n_pre)
        while bits != 0:
            j = block + trailing_zeros(bits)
            factor = -(real.down + real.down_slow * pre_slow[j]) / share
            _change_input(weights, j * n_post, n_post, factor, post_trace, lower, upper, exponent)
            pre_trace[j] = _raised(pre_trace[j], one, nearest)
            pre_slow[j] = _raised(pre_slow[j], one, nearest)
            bits = without_lowest(bits)
    for block in range(0, n_post, BLOCK):
        bits = active_bits(post, block, n_post)
        while bits != 0:
            i = block + trailing_zeros(bits)
            factor = (real.up + real.up_slow * post_slow[i]) / share
            for j in range(n_pre):
                change = factor * pre_trace[j]
                if change != 0:
                    k = j * n_post + i
                    weights[k] = moved(weights[k], change, lower, upper, exponent)
            post_trace[i] = _raised(post_trace[i], one, nearest)
            post_slow[i] = _raised(post_slow[i], one, nearest)
            bits = without_lowest(bits)


@kernel(operands="eligibility share n", reals="fading least")
def fade(at, real):
    """Let the eligibility fade, of which the share is left."""
    share = array(at.share, 1, real)
    share[0] *= real.fading
    if share[0] < real.least:
        eligibility = array(at.eligibility, at.n, real)
        for k in range(at.n):
            eligibility[k] *= share[0]
        share[0] = number(1, real)


@kernel(operands="eligibility share weights reward n", reals="dt lower upper")
def reward(at, real):
    """Change weights by what they are eligible for, if there is a reward."""
    n = at.n
    eligibility, weights = array(at.eligibility, n, real), array(at.weights, n, real)
    amount = real.dt * array(at.reward, 1, real)[0] * array(at.share, 1, real)[0]
    if amount != 0:
        for k in range(n):
            weights[k] = min(max(weights[k] + amount * eligibility[k], real.lower), real.upper)
