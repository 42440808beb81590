"""Rules of neuron types."""

import nengo
import numpy as np

from nengo_softlif.compiled.activity import BLOCK
from nengo_softlif.neurons import LinearResetLIFRate, SoftLIFRate, SpikingLIF, SpikingLinearResetLIF
from nengo_softlif.simulator.kernels import neurons as kernels
from nengo_softlif.simulator.kernels import randomness as random_kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = []


def _places(operator, layout, *states):
    """Addresses of input, output and states; None if one of them isn't contiguous."""
    signals = (operator.J, operator.output, *(operator.state[name] for name in states))
    return layout.addresses(*signals)


def _one_step(kernel, operator, layout, states, *parameters):
    places = _places(operator, layout, *states)
    if places is None:
        return None
    return [Instruction(kernel, (*places, operator.J.size), parameters)]


@rule(nengo.RectifiedLinear)
def rectified_linear(operator, layout):
    """Rates of a ReLU."""
    amplitude = operator.neurons.amplitude
    return _one_step(kernels.rectified_linear, operator, layout, (), amplitude)


@rule(nengo.Sigmoid)
def sigmoid(operator, layout):
    """Rates of a logistic curve."""
    return _one_step(kernels.sigmoid, operator, layout, (), 1 / operator.neurons.tau_ref)


@rule(nengo.Tanh)
def tanh(operator, layout):
    """Rates of a hyperbolic tangent."""
    return _one_step(kernels.tanh, operator, layout, (), 1 / operator.neurons.tau_ref)


@rule(nengo.LIFRate)
def lif_rate(operator, layout):
    """Rates of LIF neurons."""
    type_ = operator.neurons
    parameters = (type_.tau_rc, type_.tau_ref, type_.amplitude)
    return _one_step(kernels.lif_rate, operator, layout, (), *parameters)


@rule(SoftLIFRate)
def soft_lif_rate(operator, layout):
    """Rates of soft LIF neurons."""
    type_ = operator.neurons
    parameters = (type_.tau_rc, type_.tau_ref, type_.amplitude, type_.sigma)
    return _one_step(kernels.soft_lif_rate, operator, layout, (), *parameters)


@rule(LinearResetLIFRate)
def linear_reset_lif_rate(operator, layout):
    """Rates with linear reset: soft LIF without refractory period, or a ReLU."""
    type_ = operator.neurons
    if type_.leak:
        parameters = (type_.tau_rc, 0, type_.amplitude, type_.sigma)
        return _one_step(kernels.soft_lif_rate, operator, layout, (), *parameters)
    slope = type_.amplitude / type_.tau_rc
    return _one_step(kernels.rectified_linear, operator, layout, (), slope)


@rule(nengo.SpikingRectifiedLinear)
def spiking_rectified_linear(operator, layout):
    """Integrate and fire, several spikes a step."""
    return _several_spikes(kernels.spiking_rectified_linear, operator, layout)


@rule(nengo.RegularSpiking)
def regular_spiking(operator, layout):
    """Rates as regular spikes."""
    return _several_spikes(kernels.regular_spiking, operator, layout)


def _several_spikes(kernel, operator, layout):
    parameters = (layout.dt, operator.neurons.amplitude / layout.dt)
    return _one_step(kernel, operator, layout, ("voltage",), *parameters)


@rule(nengo.PoissonSpiking)
def poisson_spiking(operator, layout):
    """Rates as Poisson spikes."""
    return _random_spikes(random_kernels.poisson_spiking, operator, layout)


@rule(nengo.StochasticSpiking)
def stochastic_spiking(operator, layout):
    """Rates as the expected number of spikes, rounded at random."""
    return _random_spikes(random_kernels.stochastic_spiking, operator, layout)


def _random_spikes(kernel, operator, layout):
    places = _places(operator, layout)
    generator = operator.state_extra["rng"].get_state(legacy=False)
    if places is None or generator["bit_generator"] != "MT19937":
        return None
    state = generator["state"]
    words = layout.memory.counters(np.append(state["key"].astype(np.int64), state["pos"]))
    height = operator.neurons.amplitude / layout.dt
    operands = (*places, words, operator.J.size, int(operator.neurons.negative))
    return [Instruction(kernel, operands, (layout.dt, height))]


@rule(SpikingLinearResetLIF)
def linear_reset_lif(operator, layout):
    """Integrate, with or without leak, and subtract the threshold at a spike."""
    type_ = operator.neurons
    places = _places(operator, layout, "voltage")
    if places is None:
        return None
    ratio = layout.dt / type_.tau_rc
    factor = float(np.expm1(-ratio)) if type_.leak else ratio
    parameters = (factor, type_.min_voltage, type_.amplitude / layout.dt)
    operands = (*places, operator.J.size, int(type_.leak))
    return [Instruction(kernels.linear_reset_lif, operands, parameters)]


@rule(nengo.LIF, SpikingLIF)
def lif(operator, layout):
    """Leaky integrate and fire, reset to zero."""
    places = _places(operator, layout, "voltage", "refractory_time")
    return None if places is None else _lif(operator, layout, places)


def _lif(operator, layout, places):
    type_, dt = operator.neurons, layout.dt
    parameters = (
        dt,
        type_.tau_rc,
        type_.tau_ref,
        type_.min_voltage,
        type_.amplitude / dt,
        float(np.expm1(-dt / type_.tau_rc)),
    )
    room = [layout.room(BLOCK) for _ in places]
    return [Instruction(kernels.lif, (*places, *room, operator.J.size), parameters)]


@rule(nengo.AdaptiveLIF)
def adaptive_lif(operator, layout):
    """LIF whose spikes lower its input current for a while."""
    places = _places(operator, layout, "voltage", "refractory_time", "adaptation")
    if places is None:
        return None
    current, output, voltage, refractory, adaptation = places
    type_, n = operator.neurons, operator.J.size
    difference = layout.room(n)
    return [
        Instruction(kernels.subtract, (current, adaptation, difference, n)),
        *_lif(operator, layout, (difference, output, voltage, refractory)),
        _adapt(output, adaptation, n, type_, layout),
    ]


@rule(nengo.AdaptiveLIFRate)
def adaptive_lif_rate(operator, layout):
    """Rates of LIF neurons that adapt."""
    places = _places(operator, layout, "adaptation")
    if places is None:
        return None
    current, output, adaptation = places
    type_, n = operator.neurons, operator.J.size
    difference = layout.room(n)
    parameters = (type_.tau_rc, type_.tau_ref, type_.amplitude)
    return [
        Instruction(kernels.subtract, (current, adaptation, difference, n)),
        Instruction(kernels.lif_rate, (difference, output, n), parameters),
        _adapt(output, adaptation, n, type_, layout),
    ]


def _adapt(output, adaptation, n, type_, layout):
    parameters = (layout.dt / type_.tau_n, type_.inc_n)
    return Instruction(kernels.adapt, (output, adaptation, n), parameters)


@rule(nengo.Izhikevich)
def izhikevich(operator, layout):
    """Izhikevich's two equations."""
    type_ = operator.neurons
    return _one_step(
        kernels.izhikevich,
        operator,
        layout,
        ("voltage", "recovery"),
        layout.dt,
        type_.tau_recovery,
        type_.coupling,
        type_.reset_voltage,
        type_.reset_recovery,
    )
