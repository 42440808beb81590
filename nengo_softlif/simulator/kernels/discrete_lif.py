"""Kernel of discrete-time LIF neurons, compiled from `nengo_softlif.functional.discrete_lif`."""

from typing import NamedTuple

import numpy as np

from nengo_softlif.compiled.choice import larger, smaller
from nengo_softlif.compiled.compiler import compiled, kernel
from nengo_softlif.compiled.simd import array, number
from nengo_softlif.functional import discrete_lif as equations
from nengo_softlif.functional import fixed_point

__all__ = ["discrete_lif", "integrate"]

_integrate = compiled(equations.integrate)
_reset_to_zero = compiled(equations.reset_to_zero)
_reset_by_subtraction = compiled(equations.reset_by_subtraction)
_adapt = compiled(equations.adapt)
_integrate_fixed = compiled(fixed_point.integrate_fixed)


class _Functions(NamedTuple):
    """The namespace that the equations take; Numba knows tuples of functions."""

    maximum: object


class _FixedFunctions(NamedTuple):
    """Those that fixed-point numbers need besides."""

    maximum: object
    minimum: object
    round: object
    trunc: object


@compiled
def integrate(current, voltage, decay, floor):
    """Voltage of a step before it is compared with the threshold."""
    return _integrate(current, voltage, decay, floor, _Functions(larger))


@compiled
def nearest(a):
    """The nearest integer, of two the even one."""
    return np.rint(a)


@compiled
def truncated(a):
    """The integer towards zero."""
    return np.trunc(a)


@compiled
def integrate_fixed(current, voltage, decay, floor, unit, highest):
    """Voltage of a step in fixed-point numbers."""
    functions = _FixedFunctions(larger, smaller, nearest, truncated)
    return _integrate_fixed(current, voltage, decay, floor, unit, highest, functions)


@kernel(
    operands="current output voltage refractory adaptation decay threshold adaptation_strength n"
    " subtracts",
    reals="floor adaptation_decay adaptation_rise refractory_steps height unit highest",
)
def discrete_lif(at, real):
    """One step, with reset by subtraction or to zero."""
    n, subtracts = at.n, at.subtracts
    current, output = array(at.current, n, real), array(at.output, n, real)
    voltage, refractory = array(at.voltage, n, real), array(at.refractory, n, real)
    adaptation, decay = array(at.adaptation, n, real), array(at.decay, n, real)
    threshold, strength = array(at.threshold, n, real), array(at.adaptation_strength, n, real)
    floor, steps = real.floor, real.refractory_steps
    adaptation_decay, adaptation_rise = real.adaptation_decay, real.adaptation_rise
    height, unit, highest = real.height, real.unit, real.highest
    zero, one = number(0, real), number(1, real)
    for i in range(n):
        left = refractory[i]
        v = voltage[i]
        if left <= zero:
            if unit > zero:
                v = integrate_fixed(current[i], v, decay[i], floor, unit, highest)
            else:
                v = integrate(current[i], v, decay[i], floor)
        raised = threshold[i] + strength[i] * adaptation[i]
        spike = one if left <= zero and v >= raised else zero
        output[i] = spike * height
        if subtracts:
            voltage[i] = _reset_by_subtraction(v, spike, raised)
        else:
            voltage[i] = _reset_to_zero(v, spike, raised)
        refractory[i] = steps if spike > zero else max(left - one, zero)
        adaptation[i] = _adapt(adaptation[i], spike, adaptation_decay, adaptation_rise)
