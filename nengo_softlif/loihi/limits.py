"""What a core and a chip can hold."""

from nengo_loihi.block import (
    MAX_COMPARTMENTS,
    MAX_IN_AXONS,
    MAX_OUT_AXONS,
    MAX_SYNAPSE_BITS,
)
from nengo_loihi.hardware.nxsdk_objects import (
    MAX_COMPARTMENT_CFGS,
    MAX_SYNAPSE_CFGS,
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

# How many different settings there may be on a core
CONFIGURATIONS = {
    "compartment configurations": MAX_COMPARTMENT_CFGS,
    "thresholds": MAX_VTH_CFGS,
    "synapse formats": MAX_SYNAPSE_CFGS - 1,  # the first stays unused
    "learning traces": 3,
}

MAX_REFRACTORY_STEPS = CompartmentConfig.REFRACT_DELAY_MAX
CORES_PER_CHIP = 128
