"""Rules of neuron types."""

import nengo
import numpy as np

from nengo_softlif.compiled.activity import BLOCK
from nengo_softlif.neurons import (
    ActivationRate,
    LinearResetLIFRate,
    SoftLIFRate,
    SpikingDiscreteLIF,
    SpikingLIF,
    SpikingLinearResetLIF,
)
from nengo_softlif.simulator.kernels import activations as activation_kernels
from nengo_softlif.simulator.kernels import discrete_lif as discrete_kernels
from nengo_softlif.simulator.kernels import loihi_neurons as loihi_kernels
from nengo_softlif.simulator.kernels import neurons as kernels
from nengo_softlif.simulator.kernels import randomness as random_kernels
from nengo_softlif.simulator.lowering.randomness import is_known, words_of
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = []

_LIF_STATES = ("voltage", "refractory_time")


def _signals(operator, layout, *states, current="current"):
    """Operands of input, output and states by name; None if one of them isn't contiguous."""
    signals = {current: operator.J, "output": operator.output}
    signals |= {name: operator.state[name] for name in states}
    places = layout.addresses(*signals.values())
    if places is None:
        return None
    return {**dict(zip(signals, places, strict=True)), "n": operator.J.size}


def _one_step(kernel, operator, layout, *states, **reals):
    signals = _signals(operator, layout, *states)
    return None if signals is None else [Instruction(kernel, **signals, **reals)]


@rule(nengo.RectifiedLinear)
def rectified_linear(operator, layout):
    """Rates of a ReLU."""
    amplitude = operator.neurons.amplitude
    return _one_step(kernels.rectified_linear, operator, layout, amplitude=amplitude)


@rule(nengo.Sigmoid)
def sigmoid(operator, layout):
    """Rates of a logistic curve."""
    return _one_step(kernels.sigmoid, operator, layout, max_rate=1 / operator.neurons.tau_ref)


@rule(nengo.Tanh)
def tanh(operator, layout):
    """Rates of a hyperbolic tangent."""
    return _one_step(kernels.tanh, operator, layout, max_rate=1 / operator.neurons.tau_ref)


@rule(nengo.LIFRate)
def lif_rate(operator, layout):
    """Rates of LIF neurons."""
    return _one_step(kernels.lif_rate, operator, layout, **_lif_curve(operator.neurons))


def _lif_curve(type_):
    return {"tau_rc": type_.tau_rc, "tau_ref": type_.tau_ref, "amplitude": type_.amplitude}


@rule(SoftLIFRate, "nengo_dl.neurons.SoftLIFRate")  # which has the same curve
def soft_lif_rate(operator, layout):
    """Rates of soft LIF neurons."""
    type_ = operator.neurons
    curve = {**_lif_curve(type_), "sigma": type_.sigma}
    return _one_step(kernels.soft_lif_rate, operator, layout, **curve)


@rule(LinearResetLIFRate)
def linear_reset_lif_rate(operator, layout):
    """Rates with linear reset: soft LIF without refractory period, or a ReLU."""
    type_ = operator.neurons
    amplitude = type_.amplitude
    if type_.leak:
        curve = {"tau_rc": type_.tau_rc, "tau_ref": 0, "amplitude": amplitude, "sigma": type_.sigma}
        return _one_step(kernels.soft_lif_rate, operator, layout, **curve)
    curve = {"tau_rc": type_.tau_rc, "amplitude": amplitude}
    return _one_step(kernels.integrator_rate, operator, layout, **curve)


@rule(ActivationRate)
def activation_rate(operator, layout):
    """Rates with the curve of a Keras activation."""
    signals, type_ = _signals(operator, layout), operator.neurons
    if signals is None:
        return None
    curve = activation_kernels.CURVES[type_.activation]
    numbers = {"rate": type_.rate, "alpha": type_.alpha}
    return [Instruction(activation_kernels.activation_rate, **signals, curve=curve, **numbers)]


def _spikes(operator, layout):
    """Step, and height of a spike."""
    return {"dt": layout.dt, "height": operator.neurons.amplitude / layout.dt}


@rule(nengo.SpikingRectifiedLinear)
def spiking_rectified_linear(operator, layout):
    """Integrate and fire, several spikes a step."""
    reals = _spikes(operator, layout)
    return _one_step(kernels.spiking_rectified_linear, operator, layout, "voltage", **reals)


@rule(nengo.RegularSpiking)
def regular_spiking(operator, layout):
    """Rates as regular spikes."""
    signals = _signals(operator, layout, "voltage", current="rates")
    if signals is None:
        return None
    return [Instruction(kernels.regular_spiking, **signals, **_spikes(operator, layout))]


@rule(nengo.PoissonSpiking)
def poisson_spiking(operator, layout):
    """Rates as Poisson spikes."""
    return _random_spikes(random_kernels.poisson_spiking, operator, layout)


@rule(nengo.StochasticSpiking)
def stochastic_spiking(operator, layout):
    """Rates as the expected number of spikes, rounded at random."""
    return _random_spikes(random_kernels.stochastic_spiking, operator, layout)


def _random_spikes(kernel, operator, layout):
    signals = _signals(operator, layout, current="rates")
    rng = operator.state_extra["rng"]
    if signals is None or not is_known(rng):
        return None
    words = layout.memory.counters(words_of(rng))
    negative = int(operator.neurons.negative)
    spikes = _spikes(operator, layout)
    return [Instruction(kernel, **signals, words=words, has_negative=negative, **spikes)]


@rule(SpikingLinearResetLIF)
def linear_reset_lif(operator, layout):
    """Integrate, with or without leak, and subtract the threshold at a spike."""
    type_ = operator.neurons
    ratio = layout.dt / type_.tau_rc
    return _one_step(
        kernels.linear_reset_lif,
        operator,
        layout,
        "voltage",
        leaks=int(type_.leak),
        factor=float(np.expm1(-ratio)) if type_.leak else ratio,
        floor=type_.min_voltage,
        height=type_.amplitude / layout.dt,
    )


@rule(SpikingDiscreteLIF)
def discrete_lif(operator, layout):
    """Leaky integrate and fire in steps."""
    type_ = operator.neurons
    signals = _signals(
        operator,
        layout,
        "voltage",
        "refractory",
        "adaptation",
        "decay",
        "threshold",
        "adaptation_strength",
    )
    if signals is None:
        return None
    return [
        Instruction(
            discrete_kernels.discrete_lif,
            **signals,
            subtracts=int(type_.reset == "subtract"),
            floor=max(type_.min_voltage, -type_.highest_voltage),
            unit=type_.unit,
            highest=type_.highest_voltage,
            adaptation_decay=type_.adaptation_decay,
            adaptation_rise=1 - type_.adaptation_decay,
            refractory_steps=type_.refractory_steps,
            height=type_.amplitude / layout.dt,
        )
    ]


@rule(nengo.LIF, SpikingLIF)
def lif(operator, layout):
    """Leaky integrate and fire, reset to zero."""
    signals = _signals(operator, layout, *_LIF_STATES)
    return None if signals is None else [_step_lif(signals, operator.neurons, layout)]


def _step_lif(signals, type_, layout):
    rooms = {f"last_{name}": layout.room(BLOCK) for name in ("current", "output", *_LIF_STATES)}
    return Instruction(
        kernels.lif,
        **signals,
        **rooms,
        dt=layout.dt,
        tau_rc=type_.tau_rc,
        tau_ref=type_.tau_ref,
        floor=type_.min_voltage,
        height=type_.amplitude / layout.dt,
        factor=float(np.expm1(-layout.dt / type_.tau_rc)),
    )


@rule(nengo.AdaptiveLIF)
def adaptive_lif(operator, layout):
    """LIF whose spikes lower its input current for a while."""
    signals = _signals(operator, layout, *_LIF_STATES, "adaptation")
    return _adapting(_step_lif, signals, operator, layout)


@rule(nengo.AdaptiveLIFRate)
def adaptive_lif_rate(operator, layout):
    """Rates of LIF neurons that adapt."""
    return _adapting(_lif_rates, _signals(operator, layout, "adaptation"), operator, layout)


def _lif_rates(signals, type_, layout):
    return Instruction(kernels.lif_rate, **signals, **_lif_curve(type_))


def _adapting(step, signals, operator, layout):
    """Instructions of neurons whose output lowers the current that their step gets."""
    if signals is None:
        return None
    type_ = operator.neurons
    adaptation, n = signals.pop("adaptation"), signals["n"]
    lowered = layout.room(n)
    return [
        Instruction(kernels.subtract, x=signals["current"], y=adaptation, z=lowered, n=n),
        step({**signals, "current": lowered}, type_, layout),
        Instruction(
            kernels.adapt,
            output=signals["output"],
            adaptation=adaptation,
            n=n,
            factor=layout.dt / type_.tau_n,
            increment=type_.inc_n,
        ),
    ]


@rule(nengo.Izhikevich)
def izhikevich(operator, layout):
    """Izhikevich's two equations."""
    type_ = operator.neurons
    return _one_step(
        kernels.izhikevich,
        operator,
        layout,
        "voltage",
        "recovery",
        dt=layout.dt,
        a=type_.tau_recovery,
        b=type_.coupling,
        c=type_.reset_voltage,
        d=type_.reset_recovery,
    )


@rule("nengo_loihi.neurons.LoihiLIF")
def loihi_lif(operator, layout):
    """LIF with the chip's time constants."""
    from nengo_loihi.neurons import discretize_tau_rc, discretize_tau_ref

    type_, dt = operator.neurons, layout.dt
    tau_rc = float(discretize_tau_rc(type_.tau_rc, dt))
    return _one_step(
        loihi_kernels.loihi_lif,
        operator,
        layout,
        *_LIF_STATES,
        **_spikes(operator, layout),
        tau_rc=tau_rc,
        tau_ref=float(discretize_tau_ref(type_.tau_ref, dt)),
        floor=type_.min_voltage,
        factor=float(np.expm1(-dt / tau_rc)),
    )


@rule("nengo_loihi.neurons.LoihiSpikingRectifiedLinear")
def loihi_spiking_rectified_linear(operator, layout):
    """Integrate and fire as on the chip."""
    reals = _spikes(operator, layout)
    kernel = loihi_kernels.loihi_spiking_rectified_linear
    return _one_step(kernel, operator, layout, "voltage", **reals)
