"""Builds our neuron types for the Loihi emulator.

`nengo_softlif.SpikingLIF` needs nothing here: as a `nengo.LIF` it maps onto NengoLoihi's own.

What to expect of the firing rates. The emulator calculates as the chip does: weights have 8 bits
including the sign, relative to the largest weight of the block; bias has 12 bits; decay factors
have 12; voltages are integers, and each decay rounds towards zero. Together that is about 1 % of
the rate with the weights of a trained layer, more near the threshold. A LIF neuron is reset to
zero at a spike, so that the time between spikes is rounded up to whole steps: up to 10 % less
than the rate curve at 100 Hz. A linear-reset neuron keeps the overshoot and does not lose it.
"""

import numpy as np
from nengo.exceptions import BuildError
from nengo_loihi.block import Compartment
from nengo_loihi.builder.builder import Builder
from nengo_loihi.builder.ensemble import check_state_zero
from nengo_loihi.neurons import discretize_tau_rc, loihi_rate_functions

from nengo_softlif.functional.rates import linear_reset_lif_rate
from nengo_softlif.neurons import LinearResetLIFRate, SoftLIFRate, SpikingLinearResetLIF

__all__ = ["register", "subtracts_threshold"]


def subtracts_threshold(compartment):
    """Whether a compartment subtracts the threshold at a spike instead of going to zero.

    Parameters
    ----------
    compartment : nengo_loihi.block.Compartment
        Compartments of a block.

    Returns
    -------
    subtracts : bool
        The same for all compartments of the block.
    """
    return getattr(compartment, "subtracts_threshold", False)


def build_linear_reset_lif(model, neuron_type, neurons, block):
    """Configure a block for linear-reset LIF neurons."""
    check_state_zero(model, neuron_type, neurons, block)
    compartment = block.compartment
    steps = neuron_type.tau_rc / model.dt
    if neuron_type.leak:
        # the input is scaled by the decay, so that the voltage tends to J
        compartment.decay_v[:] = -np.expm1(-1 / steps)
        compartment.scale_v = bool(np.all(compartment.decay_v > Compartment.DECAY_SCALE_TH))
        if not compartment.scale_v:
            raise BuildError(
                f"{neurons}: tau_rc={neuron_type.tau_rc:g} s is too long for the chip, whose "
                "voltage decays by at least 1/4096 in a step. Use a shorter tau_rc, or no leak."
            )
        compartment.vth[:] = 1
    else:
        # the voltage sums up J: the threshold takes the place of the factor dt / tau_rc
        compartment.decay_v[:] = 0
        compartment.scale_v = False
        compartment.vth[:] = steps
    # with min_voltage = -inf discretization ends up at the lowest voltage of the chip
    compartment.vmin = neuron_type.min_voltage * compartment.vth[0]
    compartment.vmax = np.inf
    compartment.refract_delay[:] = 1  # none: the count includes the step of the spike
    compartment.subtracts_threshold = True


def refuse_rate_neurons(model, neuron_type, neurons, block):
    """Name the spiking types that can stand in for a rate neuron."""
    spiking = "SpikingLIF" if isinstance(neuron_type, SoftLIFRate) else "SpikingLinearResetLIF"
    raise BuildError(
        f"{neurons}: {type(neuron_type).__name__} is a rate neuron, and Loihi has spiking "
        f"neurons only. Use nengo_softlif.{spiking}, which trains in the same way, or put the "
        "ensemble on the host with\n  net.config[ensemble].on_chip = False"
    )


def linear_reset_rates(neuron_type, x, gain, bias, dt):
    """Rates on the emulator, from which decoders are solved."""
    return linear_reset_lif_rate(
        neuron_type.current(x, gain, bias),
        tau_rc=discretize_tau_rc(neuron_type.tau_rc, dt)
        if neuron_type.leak
        else neuron_type.tau_rc,
        leak=neuron_type.leak,
        amplitude=neuron_type.amplitude,
        dt=dt,
    )


def register():
    """Register the builders with NengoLoihi. May be called again."""
    Builder.builders[SpikingLinearResetLIF] = build_linear_reset_lif
    Builder.builders[LinearResetLIFRate] = refuse_rate_neurons
    Builder.builders[SoftLIFRate] = refuse_rate_neurons
    loihi_rate_functions[SpikingLinearResetLIF] = linear_reset_rates
