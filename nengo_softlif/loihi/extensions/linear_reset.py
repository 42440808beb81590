"""The reset by subtraction in NengoLoihi's emulator, and its absence on the chip."""

import numpy as np
from nengo.exceptions import BuildError
from nengo_loihi import simulator
from nengo_loihi.emulator import interface
from nengo_loihi.emulator.interface import CompartmentState
from nengo_loihi.hardware import HardwareInterface

from nengo_softlif.loihi.extensions.neurons import subtracts_threshold

__all__ = [
    "LinearResetCompartmentState",
    "compartment_state",
    "hardware_interface",
    "install",
]

# Voltages have 23 bits and a sign; discretization would go on to 31.
_LOWEST_VOLTAGE = -(2**23) + 1


class LinearResetCompartmentState(CompartmentState):
    """State of all compartments, some of which subtract the threshold at a spike.

    For NengoLoihi those have a threshold out of reach, so that it integrates their input and
    leaves the rest to `update`.

    Parameters
    ----------
    block_info, strict
        As for `nengo_loihi.emulator.interface.CompartmentState`.

    Attributes
    ----------
    subtracts : (n_compartments,) ndarray
        Whether a compartment subtracts the threshold.
    threshold : (n_compartments,) ndarray
        The threshold of all, also of those.
    """

    def __init__(self, block_info, strict=True):
        super().__init__(block_info, strict=strict)
        self.subtracts = np.zeros(self.n_compartments, dtype=bool)
        for compartment, where in self.items():
            self.subtracts[where] = subtracts_threshold(compartment)
        self.threshold = self.vth.copy()
        self._linear = np.nonzero(self.subtracts)[0]
        is_integer = np.issubdtype(self.dtype, np.integer)
        self.vth[self._linear] = np.iinfo(self.dtype).max if is_integer else np.inf
        if is_integer:
            self.vmin[self._linear] = np.maximum(self.vmin[self._linear], _LOWEST_VOLTAGE)

    def update(self, rng):
        """Advance all compartments by one step."""
        super().update(rng)
        if len(self._linear) == 0:
            return
        voltage = self.voltage[self._linear]
        threshold = self.threshold[self._linear]
        spiked = voltage >= threshold
        self.voltage[self._linear] = voltage - spiked * threshold
        self.spiked[self._linear] = spiked
        self.spike_count[self._linear] += spiked


def compartment_state(block_info, strict=True):
    """Make the state of all compartments, of our class if some subtract the threshold.

    Parameters
    ----------
    block_info, strict
        As for `nengo_loihi.emulator.interface.CompartmentState`.

    Returns
    -------
    state : CompartmentState
    """
    subtracts = any(subtracts_threshold(block.compartment) for block in block_info.blocks)
    return (LinearResetCompartmentState if subtracts else CompartmentState)(block_info, strict)


def hardware_interface(model, *args, **kwargs):
    """Make the interface to the chip, unless the model has what only the emulator can do.

    Parameters
    ----------
    model, *args, **kwargs
        As for `nengo_loihi.hardware.HardwareInterface`.

    Returns
    -------
    interface : HardwareInterface

    Raises
    ------
    nengo.exceptions.BuildError
        If neurons subtract the threshold at a spike.
    """
    for block in model.blocks:
        if subtracts_threshold(block.compartment):
            raise BuildError(
                f"{block}: its neurons subtract the threshold at a spike, which NengoLoihi can't "
                "configure on the chip; only the emulator does it. Use nengo_softlif.SpikingLIF, "
                "or SpikingDiscreteLIF with reset='zero', for this ensemble, put it on the host "
                "with net.config[ensemble].on_chip = False, or simulate with target='sim'."
            )
    return HardwareInterface(model, *args, **kwargs)


def install():
    """Have NengoLoihi ask these functions. May be called again."""
    interface.CompartmentState = compartment_state
    simulator.HardwareInterface = hardware_interface
