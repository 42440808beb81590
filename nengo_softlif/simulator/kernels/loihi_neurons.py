"""Kernels of the neuron types with which NengoLoihi imitates the chip in Nengo."""

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.series import expm1
from nengo_softlif.compiled.simd import array, number

__all__ = ["loihi_lif", "loihi_spiking_rectified_linear"]


@kernel(
    operands="current output voltage refractory_time n",
    reals="dt tau_rc tau_ref floor height factor",
)
def loihi_lif(at, real):
    """LIF neurons whose intervals between spikes are integers of steps.

    The time constants are those of the chip, the floor is the lowest voltage, the factor
    expm1(-dt / tau_rc).
    """
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    voltage, refractory = array(at.voltage, n, real), array(at.refractory_time, n, real)
    dt, tau_rc, floor, height = real.dt, real.tau_rc, real.floor, real.height
    after_spike, whole, zero, one = real.tau_ref + dt, real.factor, number(0, real), number(1, real)
    for i in range(n):
        left = refractory[i] - dt
        available = dt - left
        v = voltage[i]
        if available >= dt:
            v -= (current[i] - v) * whole
        elif available > zero:  # by rounding, since refractory times are integers of steps
            v -= (current[i] - v) * expm1(-available / tau_rc)
        spiked = v > one
        output[i] = height if spiked else zero
        voltage[i] = zero if spiked else max(v, floor)
        refractory[i] = after_spike if spiked else left


@kernel(operands="current output voltage n", reals="dt height")
def loihi_spiking_rectified_linear(at, real):
    """Integrate, not below zero, and reset to zero at a spike."""
    n = at.n
    current, output = array(at.current, n, real), array(at.output, n, real)
    voltage = array(at.voltage, n, real)
    dt, height, zero, one = real.dt, real.height, number(0, real), number(1, real)
    for i in range(n):
        v = voltage[i] + current[i] * dt
        spiked = v > one
        output[i] = height if spiked else zero
        voltage[i] = zero if spiked else max(v, zero)
