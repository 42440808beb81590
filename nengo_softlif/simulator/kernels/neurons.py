"""Kernels of neuron types: one step of a population, spikes written as amplitude / dt.

Their equations are those of the ``step`` methods of the neuron types, in the same order of
operations, so that in double precision the voltages are the same to the last bit. Rate curves are
those of `nengo_softlif.functional.curves`, compiled. ``height`` is that of a spike, amplitude / dt.
"""

import math

import numpy as np

from nengo_softlif.compiled import hyperbolic
from nengo_softlif.compiled.activity import BLOCK, without_lowest
from nengo_softlif.compiled.compiler import compiled, kernel
from nengo_softlif.compiled.series import (
    SMALL,
    expm1,
    expm1_of_lanes,
    log1p,
    log1p_of_lanes,
)
from nengo_softlif.compiled.simd import (
    WIDTH,
    array,
    load,
    nonzero,
    number,
    splat,
    store,
    trailing_zeros,
    where_less,
)
from nengo_softlif.simulator.kernels import curves

__all__ = [
    "adapt",
    "integrator_rate",
    "izhikevich",
    "lif",
    "lif_rate",
    "linear_reset_lif",
    "rectified_linear",
    "regular_spiking",
    "sigmoid",
    "soft_lif_rate",
    "spiking_rectified_linear",
    "subtract",
    "tanh",
]


@kernel(operands="current output n", reals="amplitude")
def rectified_linear(at, real):
    """Rates of a ReLU."""
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    amplitude, zero = real.amplitude, number(0, real)
    for i in range(n):
        output[i] = amplitude * max(current[i], zero)


@kernel(operands="current output n", reals="tau_rc amplitude")
def integrator_rate(at, real):
    """Rates of integrate-and-fire neurons without leak, reset by subtraction."""
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    tau_rc, amplitude, zero = real.tau_rc, real.amplitude, number(0, real)
    for i in range(n):
        output[i] = amplitude * (max(current[i], zero) / tau_rc)


@kernel(operands="current output n", reals="max_rate")
def sigmoid(at, real):
    """Rates of a logistic curve."""
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    for i in range(n):
        output[i] = real.max_rate / (1 + math.exp(-current[i]))


@kernel(operands="current output n", reals="max_rate")
def tanh(at, real):
    """Rates of a hyperbolic tangent."""
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    for i in range(n):
        output[i] = real.max_rate * hyperbolic.tanh(current[i])


@kernel(operands="current output n", reals="tau_rc tau_ref amplitude")
def lif_rate(at, real):
    """Rates of LIF neurons."""
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    tau_rc, tau_ref, amplitude = real.tau_rc, real.tau_ref, real.amplitude
    for i in range(n):
        excess = current[i] - 1
        output[i] = 0
        if excess > 0:
            output[i] = amplitude / curves.lif_interval(excess, tau_rc, tau_ref)


@kernel(operands="current output n", reals="tau_rc tau_ref amplitude sigma")
def soft_lif_rate(at, real):
    """Rates of soft LIF neurons."""
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    tau_rc, tau_ref, amplitude, sigma = real.tau_rc, real.tau_ref, real.amplitude, real.sigma
    for i in range(n):
        output[i] = curves.soft_lif_rate(current[i], tau_rc, tau_ref, amplitude, sigma)


@kernel(operands="current output voltage n", reals="dt height")
def spiking_rectified_linear(at, real):
    """Integrate and fire, several spikes a step."""
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    voltage = array(at.voltage, n, real)
    dt, height, zero = real.dt, real.height, number(0, real)
    for i in range(n):
        v = voltage[i] + max(current[i], zero) * dt
        spikes = np.floor(v)
        output[i] = height * spikes
        voltage[i] = v - spikes


@kernel(operands="rates output voltage n", reals="dt height")
def regular_spiking(at, real):
    """Rates as regular spikes."""
    n = at.n
    rates, output = array(at.rates, n, real), array(at.output, n, real)
    voltage = array(at.voltage, n, real)
    dt, height = real.dt, real.height
    for i in range(n):
        v = voltage[i] + dt * rates[i]
        spikes = np.floor(v)
        output[i] = height * spikes
        voltage[i] = v - spikes


@kernel(operands="current output voltage n leaks", reals="factor floor height")
def linear_reset_lif(at, real):
    """Integrate, with or without leak, and subtract the threshold at a spike.

    The factor is expm1(-dt / tau_rc) with leak, dt / tau_rc without; the floor is the lowest
    voltage.
    """
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    voltage = array(at.voltage, n, real)
    factor, floor, height = real.factor, real.floor, real.height
    zero, one = number(0, real), number(1, real)
    if at.leaks:
        for i in range(n):
            v = max(voltage[i] - (current[i] - voltage[i]) * factor, floor)
            spike = one if v >= one else zero
            output[i] = spike * height
            voltage[i] = v - spike
    else:
        for i in range(n):
            v = max(voltage[i] + current[i] * factor, floor)
            spike = one if v >= one else zero
            output[i] = spike * height
            voltage[i] = v - spike


@compiled
def _integrate_rest(current, voltage, refractory, i, dt, tau_rc):
    """Integrate those of `WIDTH` neurons whose refractory period ends in the step."""
    step, none = splat(dt), splat(number(0, current))
    left, v = load(refractory, i), load(voltage, i)
    available = step - left
    factor = expm1_of_lanes((left - step) * splat(number(1, current) / tau_rc))
    rest = v - (load(current, i) - v) * factor
    store(voltage, i, where_less(none, available, where_less(available, step, rest, v), v))


@compiled
def _reset(current, voltage, refractory, i, dt, tau_rc, tau_ref):
    """Reset those of `WIDTH` neurons that spike.

    Returns bits of those that are left, since their time of crossing is not within the series.
    """
    one, none = splat(number(1, current)), splat(number(0, current))
    small = splat(number(SMALL, current))
    v, J = load(voltage, i), load(current, i)
    x = (none - (v - one)) / (J - one)
    spikes = where_less(one, v, one, none)
    near = where_less(none - small, x, where_less(x, small, spikes, none), none)
    # when in the step the threshold was crossed
    crossed = splat(dt) + splat(tau_rc) * log1p_of_lanes(x)
    pause = splat(tau_ref) + crossed
    store(refractory, i, where_less(none, near, pause, load(refractory, i)))
    store(voltage, i, where_less(none, near, none, v))
    return nonzero(spikes - near)


@compiled
def step_lif(current, output, voltage, refractory, n, real):
    """Step the first n neurons, whole blocks of them; parameters as for `lif`."""
    dt, tau_rc, tau_ref = real.dt, real.tau_rc, real.tau_ref
    step, floor = splat(dt), splat(real.floor)
    height, whole = splat(real.height), splat(real.factor)
    one = number(1, real)
    none, threshold = splat(number(0, real)), splat(one)
    # all lanes at once, if the series are exact enough
    is_short = current.itemsize == 4 and dt / tau_rc < SMALL
    for start in range(0, n, BLOCK):
        bits = np.uint64(0)
        for part in range(0, BLOCK, WIDTH):
            i = start + part
            left = load(refractory, i) - step
            store(refractory, i, left)
            # Nearly all neurons integrate for the whole step or not at all.
            available = step - left
            factor = where_less(available, step, none, whole)
            v = load(voltage, i)
            store(voltage, i, v - (load(current, i) - v) * factor)
            partial = where_less(none, available, where_less(available, step, step, none), none)
            bits |= nonzero(partial) << np.uint64(part)
        # Those that leave the refractory period in this step integrate for the rest of it.
        if bits != 0 and is_short:
            for part in range(0, BLOCK, WIDTH):
                _integrate_rest(current, voltage, refractory, start + part, dt, tau_rc)
            bits = np.uint64(0)
        while bits != 0:
            i = start + trailing_zeros(bits)
            voltage[i] -= (current[i] - voltage[i]) * expm1((refractory[i] - dt) / tau_rc)
            bits = without_lowest(bits)
        for part in range(0, BLOCK, WIDTH):
            i = start + part
            v = load(voltage, i)
            spikes = where_less(threshold, v, height, none)
            store(output, i, spikes)
            store(voltage, i, where_less(v, floor, floor, v))
            bits |= nonzero(spikes) << np.uint64(part)
        if bits != 0 and is_short:
            bits = np.uint64(0)
            for part in range(0, BLOCK, WIDTH):
                bits |= _reset(
                    current, voltage, refractory, start + part, dt, tau_rc, tau_ref
                ) << np.uint64(part)
        while bits != 0:
            i = start + trailing_zeros(bits)
            # when in the step the threshold was crossed
            crossed = dt + tau_rc * log1p(-(voltage[i] - one) / (current[i] - one))
            refractory[i] = tau_ref + crossed
            voltage[i] = 0
            bits = without_lowest(bits)


@kernel(
    operands="current output voltage refractory_time n "
    "last_current last_output last_voltage last_refractory_time",
    reals="dt tau_rc tau_ref floor height factor",
)
def lif(at, real):
    """Leaky integrate and fire, reset to zero.

    The last ones are a block of room each; the floor is the lowest voltage, the factor
    expm1(-dt / tau_rc).
    """
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    voltage, refractory = array(at.voltage, n, real), array(at.refractory_time, n, real)
    whole, rest = n - n % BLOCK, n % BLOCK
    step_lif(current, output, voltage, refractory, whole, real)
    if rest == 0:
        return
    # what is left over, in a block of its own
    last_current = array(at.last_current, BLOCK, real)
    last_output = array(at.last_output, BLOCK, real)
    last_voltage = array(at.last_voltage, BLOCK, real)
    last_refractory = array(at.last_refractory_time, BLOCK, real)
    for i in range(0, rest, WIDTH):
        store(last_current, i, load(current, whole + i))
        store(last_voltage, i, load(voltage, whole + i))
        store(last_refractory, i, load(refractory, whole + i))
    step_lif(last_current, last_output, last_voltage, last_refractory, BLOCK, real)
    i = 0
    while i + WIDTH <= rest:
        store(output, whole + i, load(last_output, i))
        store(voltage, whole + i, load(last_voltage, i))
        store(refractory, whole + i, load(last_refractory, i))
        i += WIDTH
    while i < rest:
        output[whole + i], voltage[whole + i] = last_output[i], last_voltage[i]
        refractory[whole + i] = last_refractory[i]
        i += 1


@kernel(operands="x y z n")
def subtract(at, real):
    """``z = x - y``."""
    n = at.n
    x, y, z = array(at.x, n, real), array(at.y, n, real), array(at.z, n, real)
    for i in range(n):
        z[i] = x[i] - y[i]


@kernel(operands="output adaptation n", reals="factor increment")
def adapt(at, real):
    """Follow the output with a time constant; the factor is dt / tau_n."""
    n = at.n
    output, adaptation = array(at.output, n, real), array(at.adaptation, n, real)
    for i in range(n):
        adaptation[i] += real.factor * (real.increment * output[i] - adaptation[i])


@kernel(operands="current output voltage recovery n", reals="dt a b c d")
def izhikevich(at, real):
    """Izhikevich's two equations, with his names of the parameters."""
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    voltage, recovery = array(at.voltage, n, real), array(at.recovery, n, real)
    dt, reset, jump = real.dt, real.c, real.d
    for i in range(n):
        v, u = voltage[i], recovery[i]
        # v**2 first: the order of a product decides about its last bit
        v += (0.04 * (v * v) + 5 * v + 140 - u + max(current[i], 0 * dt - 30)) * 1000 * dt
        spiked = v >= 30
        output[i] = 1 / dt if spiked else 0 * dt
        if spiked:
            v = reset
        u += real.a * (real.b * v - u) * 1000 * dt
        if spiked:
            u += jump
        voltage[i], recovery[i] = v, u
