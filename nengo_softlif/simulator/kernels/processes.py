"""Kernels of processes without input: noise, and tables that are read step by step."""

import math

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array, integers, number, part
from nengo_softlif.simulator.kernels.randomness import N_WORDS, next_fraction

__all__ = ["gaussian_noise", "periodic", "uniform_noise"]


@kernel(operands="output words spare n", reals="mean std scale")
def gaussian_noise(at, real):
    """Normal numbers times a scale, as by NumPy's `RandomState.normal`.

    Marsaglia's polar method (1964) makes two at a time. ``spare`` is whether one is left over, then
    that one.
    """
    n = at.n
    output, spare = array(at.output, n, real), array(at.spare, 2, real)
    words = integers(at.words, N_WORDS + 1)
    for i in range(n):
        if spare[0] != 0:
            normal = 1.0 * spare[1]
            spare[0] = 0
        else:
            square = 0.0
            while square >= 1 or square == 0:
                first = 2.0 * next_fraction(words) - 1.0
                second = 2.0 * next_fraction(words) - 1.0
                square = first * first + second * second
            factor = math.sqrt(-2.0 * math.log(square) / square)
            spare[0], spare[1] = 1, factor * first
            normal = factor * second
        output[i] = real.scale * (real.mean + real.std * normal)


@kernel(operands="output words n", reals="low width scale")
def uniform_noise(at, real):
    """Equally distributed numbers times a scale, as by NumPy's `RandomState.uniform`."""
    n = at.n
    output = array(at.output, n, real)
    words = integers(at.words, N_WORDS + 1)
    for i in range(n):
        output[i] = real.scale * (real.low + real.width * next_fraction(words))


@kernel(operands="time table output period n", reals="dt")
def periodic(at, real):
    """The row of a table that belongs to the current step; it starts again after its last row."""
    n, period = at.n, at.period
    table, output = array(at.table, period * n, real), array(at.output, n, real)
    time, half = array(at.time, 1, real)[0], number(0.5, real)
    row = part(table, math.floor(time / real.dt + half) % period * n, n)
    for i in range(n):
        output[i] = row[i]
