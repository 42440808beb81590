"""Kernels of neuron types: one step of a population, spikes written as amplitude / dt.

Their equations are those of the ``step`` methods of the neuron types, in the same order of
operations, so that in double precision the voltages are the same to the last bit.
"""

import math

import numpy as np

from nengo_softlif.compiled.activity import BLOCK, without_lowest
from nengo_softlif.compiled.compiler import compiled, kernel
from nengo_softlif.compiled.series import expm1, log1p
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

__all__ = [
    "adapt",
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


@kernel
def rectified_linear(at, real):
    """at: J, output, n; real: amplitude."""
    n = at[2]
    current, output = array(at[0], n, real), array(at[1], n, real)
    amplitude, zero = real[0], number(0, real)
    for i in range(n):
        output[i] = amplitude * max(current[i], zero)


@kernel
def sigmoid(at, real):
    """at: J, output, n; real: maximum rate."""
    n = at[2]
    current, output = array(at[0], n, real), array(at[1], n, real)
    for i in range(n):
        output[i] = real[0] / (1 + math.exp(-current[i]))


@kernel
def tanh(at, real):
    """at: J, output, n; real: maximum rate."""
    n = at[2]
    current, output = array(at[0], n, real), array(at[1], n, real)
    for i in range(n):
        output[i] = real[0] * math.tanh(current[i])


@kernel
def lif_rate(at, real):
    """at: J, output, n; real: tau_rc, tau_ref, amplitude."""
    n = at[2]
    current, output = array(at[0], n, real), array(at[1], n, real)
    tau_rc, tau_ref, amplitude = real[0], real[1], real[2]
    for i in range(n):
        excess = current[i] - 1
        output[i] = 0
        if excess > 0:
            output[i] = amplitude / (tau_ref + tau_rc * math.log1p(1 / excess))


@kernel
def soft_lif_rate(at, real):
    """at: J, output, n; real: tau_rc, tau_ref, amplitude, sigma."""
    n = at[2]
    current, output = array(at[0], n, real), array(at[1], n, real)
    tau_rc, tau_ref, amplitude, sigma = real[0], real[1], real[2], real[3]
    for i in range(n):
        x = (current[i] - 1) / sigma
        # log(1 + 1 / rho) with rho = sigma * log(1 + exp(x)), where far below the threshold
        # log(1 + exp(x)) is exp(x)
        if x > -50:
            rho = sigma * (max(x, 0 * x) + math.log1p(math.exp(-abs(x))))
            z = math.log1p(1 / rho)
        else:
            z = -math.log(sigma) - x
        output[i] = amplitude / (tau_ref + tau_rc * z)


@kernel
def spiking_rectified_linear(at, real):
    """at: J, output, voltage, n; real: dt, amplitude / dt."""
    n = at[3]
    current, output, voltage = array(at[0], n, real), array(at[1], n, real), array(at[2], n, real)
    dt, height, zero = real[0], real[1], number(0, real)
    for i in range(n):
        v = voltage[i] + max(current[i], zero) * dt
        spikes = np.floor(v)
        output[i] = height * spikes
        voltage[i] = v - spikes


@kernel
def regular_spiking(at, real):
    """at: rates, output, voltage, n; real: dt, amplitude / dt."""
    n = at[3]
    rates, output, voltage = array(at[0], n, real), array(at[1], n, real), array(at[2], n, real)
    dt, height = real[0], real[1]
    for i in range(n):
        v = voltage[i] + dt * rates[i]
        spikes = np.floor(v)
        output[i] = height * spikes
        voltage[i] = v - spikes


@kernel
def linear_reset_lif(at, real):
    """at: J, output, voltage, n, whether it leaks; real: factor, floor, amplitude / dt.

    The factor is expm1(-dt / tau_rc) with leak, dt / tau_rc without.
    """
    n = at[3]
    current, output, voltage = array(at[0], n, real), array(at[1], n, real), array(at[2], n, real)
    factor, floor, height = real[0], real[1], real[2]
    zero, one = number(0, real), number(1, real)
    if at[4]:
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
def step_lif(current, output, voltage, refractory, n, real):
    """Step the first n neurons, whole blocks of them; parameters as for `lif`."""
    dt, tau_rc, tau_ref = real[0], real[1], real[2]
    step, floor, height, whole = splat(dt), splat(real[3]), splat(real[4]), splat(real[5])
    one = number(1, real)
    none, threshold = splat(number(0, real)), splat(one)
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
        while bits != 0:
            i = start + trailing_zeros(bits)
            # when in the step the threshold was crossed
            crossed = dt + tau_rc * log1p(-(voltage[i] - one) / (current[i] - one))
            refractory[i] = tau_ref + crossed
            voltage[i] = 0
            bits = without_lowest(bits)


@kernel
def lif(at, real):
    """at: J, output, voltage, refractory time, a block of room for each of these, n.

    real: dt, tau_rc, tau_ref, min_voltage, amplitude / dt, expm1(-dt / tau_rc).
    """
    n = at[8]
    current, output, voltage, refractory = (
        array(at[0], n, real), array(at[1], n, real), array(at[2], n, real), array(at[3], n, real),
    )  # fmt: skip
    whole, rest = n - n % BLOCK, n % BLOCK
    step_lif(current, output, voltage, refractory, whole, real)
    if rest == 0:
        return
    # what is left over, in a block of its own
    last_current, last_output, last_voltage, last_refractory = (
        array(at[4], BLOCK, real), array(at[5], BLOCK, real),
        array(at[6], BLOCK, real), array(at[7], BLOCK, real),
    )  # fmt: skip
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


@kernel
def subtract(at, real):
    """``z = x - y``; at: x, y, z, n."""
    n = at[3]
    x, y, z = array(at[0], n, real), array(at[1], n, real), array(at[2], n, real)
    for i in range(n):
        z[i] = x[i] - y[i]


@kernel
def adapt(at, real):
    """at: output, adaptation, n; real: dt / tau_n, inc_n."""
    n = at[2]
    output, adaptation = array(at[0], n, real), array(at[1], n, real)
    for i in range(n):
        adaptation[i] += real[0] * (real[1] * output[i] - adaptation[i])


@kernel
def izhikevich(at, real):
    """at: J, output, voltage, recovery, n; real: dt, a, b, c, d."""
    n = at[4]
    current, output = array(at[0], n, real), array(at[1], n, real)
    voltage, recovery = array(at[2], n, real), array(at[3], n, real)
    dt = real[0]
    for i in range(n):
        v, u = voltage[i], recovery[i]
        v += (0.04 * v * v + 5 * v + 140 - u + max(current[i], 0 * dt - 30)) * 1000 * dt
        spiked = v >= 30
        output[i] = 1 / dt if spiked else 0 * dt
        if spiked:
            v = real[3]
        u += real[1] * (real[2] * v - u) * 1000 * dt
        if spiked:
            u += real[4]
        voltage[i], recovery[i] = v, u
