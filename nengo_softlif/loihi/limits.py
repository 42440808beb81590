"""What a core and a chip can hold."""

from nengo_loihi.block import (
    MAX_COMPARTMENTS,
    MAX_IN_AXONS,
    MAX_OUT_AXONS,
    MAX_SYNAPSE_BITS,
)
from nengo_loihi.hardware.nxsdk_objects import (
    MAX_COMPARTMENT_CFGS,
    MAX_VTH_CFGS,
    CompartmentConfig,
)

__all__ = ["CONFIGURATIONS", "CORES_PER_CHIP", "MAX_REFRACTORY_STEPS", "RESOURCES"]

# What a population shares out among its cores, and how much of it a core has
RESOURCES = {
    "compartments": MAX_COMPARTMENTS,
    "input axons": MAX_IN_AXONS,
    "output axons": MAX_OUT_AXONS,
    "synapse bits": MAX_SYNAPSE_BITS,
}

# How many different settings there may be on a core, by the assertions in NengoLoihi's
# hardware/builder.py (the first two, which leave one unused) and hardware/validate.py (where one
# of 16 synapse formats is the empty one). The emulator has no such limits.
CONFIGURATIONS = {
    "compartment configurations": MAX_COMPARTMENT_CFGS - 1,
    "thresholds": MAX_VTH_CFGS - 1,
    "synapse formats": 15,
    "learning traces": 3,
}

# On the chip too; the count includes the step of the spike
MAX_REFRACTORY_STEPS = CompartmentConfig.REFRACT_DELAY_MAX
CORES_PER_CHIP = 128
