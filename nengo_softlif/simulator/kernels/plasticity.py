"""Kernels of weights that change at spikes; they are stored by input."""

from typing import NamedTuple

from nengo_softlif.compiled.activity import BLOCK, active_bits, without_lowest
from nengo_softlif.compiled.choice import larger, smaller, where
from nengo_softlif.compiled.compiler import compiled, kernel
from nengo_softlif.compiled.simd import array, integers, number, part, trailing_zeros
from nengo_softlif.functional import plasticity as equations

__all__ = ["fade", "reward", "stdp"]

FEW = 8  # of so many neurons one must be active, so that all are looked at

_raised = compiled(equations.raised)
_moved = compiled(equations.moved)


class _Functions(NamedTuple):
    """The namespace that the equations take; Numba knows tuples of functions."""

    maximum: object
    minimum: object
    where: object


@compiled
def moved(weight, change, lower, upper, exponent):
    """Weight after a change."""
    functions = _Functions(larger, smaller, where)
    return _moved(weight, change, lower, upper, exponent, functions)


@compiled
def list_active(x, n, places):
    """Write down which of the first n elements aren't zero; returns how many."""
    n_active = 0
    for block in range(0, n, BLOCK):
        bits = active_bits(x, block, n)
        while bits != 0:
            places[n_active] = block + trailing_zeros(bits)
            n_active += 1
            bits = without_lowest(bits)
    return n_active


@kernel(
    operands="pre post weights pre_trace post_trace pre_slow post_slow gate fraction"
    " active n_pre n_post nearest prune",
    reals="pre_decay post_decay pre_slow_decay post_slow_decay"
    " up down up_slow down_slow lower upper exponent",
)
def stdp(at, real):
    """Spike-timing-dependent plasticity: work for spikes, not for weights."""
    n_pre, n_post, nearest, prune = at.n_pre, at.n_post, at.nearest, at.prune
    pre, post = array(at.pre, n_pre, real), array(at.post, n_post, real)
    weights = array(at.weights, n_pre * n_post, real)
    pre_trace, post_trace = array(at.pre_trace, n_pre, real), array(at.post_trace, n_post, real)
    pre_slow, post_slow = array(at.pre_slow, n_pre, real), array(at.post_slow, n_post, real)
    active = integers(at.active, n_post)
    lower, upper, exponent = real.lower, real.upper, real.exponent
    zero, one = number(0, real), number(1, real)
    scale = array(at.gate, 1, real)[0] / array(at.fraction, 1, real)[0]
    for j in range(n_pre):
        pre_trace[j] *= real.pre_decay
    for i in range(n_post):
        post_trace[i] *= real.post_decay
    for j in range(n_pre):
        pre_slow[j] *= real.pre_slow_decay
    for i in range(n_post):
        post_slow[i] *= real.post_slow_decay
    n_active = list_active(post_trace, n_post, active)
    for block in range(0, n_pre, BLOCK):
        bits = active_bits(pre, block, n_pre)
        while bits != 0:
            j = block + trailing_zeros(bits)
            factor = -(real.down + real.down_slow * pre_slow[j]) * scale
            of_input = part(weights, j * n_post, n_post)
            if n_active < n_post // FEW:  # no change where an output has not fired for long
                for a in range(n_active):
                    i = active[a]
                    change = factor * post_trace[i]
                    of_input[i] = moved(of_input[i], change, lower, upper, exponent)
            elif exponent == zero:  # a loop of its own, which becomes SIMD vectors
                for i in range(n_post):
                    of_input[i] = moved(of_input[i], factor * post_trace[i], lower, upper, zero)
            else:
                for i in range(n_post):
                    change = factor * post_trace[i]
                    of_input[i] = moved(of_input[i], change, lower, upper, exponent)
            pre_trace[j] = _raised(pre_trace[j], one, nearest)
            pre_slow[j] = _raised(pre_slow[j], one, nearest)
            bits = without_lowest(bits)
    n_active = list_active(post, n_post, active)
    # inputs outside: weights of one output are far apart, those of one input next to each other
    for j in range(n_pre if n_active else 0):
        for a in range(n_active):
            i = active[a]
            change = (real.up + real.up_slow * post_slow[i]) * scale * pre_trace[j]
            k = j * n_post + i
            if change == 0 or (prune != 0 and weights[k] == 0):
                continue
            if exponent == zero:  # without a power
                weights[k] = moved(weights[k], change, lower, upper, zero)
            else:
                weights[k] = moved(weights[k], change, lower, upper, exponent)
    for a in range(n_active):
        i = active[a]
        post_trace[i] = _raised(post_trace[i], one, nearest)
        post_slow[i] = _raised(post_slow[i], one, nearest)


@kernel(operands="eligibility fraction n", reals="fading least")
def fade(at, real):
    """Let the eligibility fade, of which the fraction is left."""
    fraction = array(at.fraction, 1, real)
    fraction[0] *= real.fading
    if fraction[0] < real.least:
        eligibility = array(at.eligibility, at.n, real)
        for k in range(at.n):
            eligibility[k] *= fraction[0]
        fraction[0] = number(1, real)


@kernel(operands="eligibility fraction weights reward n", reals="dt lower upper")
def reward(at, real):
    """Change weights by what they are eligible for, if there is a reward."""
    n = at.n
    eligibility, weights = array(at.eligibility, n, real), array(at.weights, n, real)
    amount = real.dt * array(at.reward, 1, real)[0] * array(at.fraction, 1, real)[0]
    if amount != 0:
        for k in range(n):
            change = amount * eligibility[k]
            weights[k] = moved(weights[k], change, real.lower, real.upper, number(0, real))
