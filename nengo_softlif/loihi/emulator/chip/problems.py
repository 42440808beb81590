"""What NengoLoihi's emulator complains about, as bits that compiled functions can return."""

import warnings

from nengo.exceptions import SimulationError

__all__ = ["CURRENT_OVERFLOW", "ERRORS", "MEMBRANE_OVERFLOW", "Q_OVERFLOW", "report"]

TRACE_SPIKES_LOST = 1
Q_OVERFLOW = 2
CURRENT_OVERFLOW = 4
MEMBRANE_OVERFLOW = 8
CLIPPED_TRACE = 16
CLIPPED_WEIGHTS = 32

# In the order in which a step finds them.
_MESSAGES = {
    CLIPPED_TRACE: "Clipping synapse trace",
    CLIPPED_WEIGHTS: "Clipping learning weights",
    TRACE_SPIKES_LOST: "Synaptic trace spikes lost",
    Q_OVERFLOW: "Overflow in q0",
    CURRENT_OVERFLOW: "Overflow in current",
    MEMBRANE_OVERFLOW: "Overflow in u2",
}
# Those that end a strict simulation; the others are only warned of.
ERRORS = TRACE_SPIKES_LOST | Q_OVERFLOW | CURRENT_OVERFLOW | MEMBRANE_OVERFLOW


def report(found, *, strict):
    """Warn of problems, or raise the first that is an error.

    Parameters
    ----------
    found : int
        Bits of problems that occurred.
    strict : bool
        Whether errors are raised, as in NengoLoihi's ``EmulatorInterface.strict``.

    Raises
    ------
    nengo.exceptions.SimulationError
        If one of them is an error.
    """
    for bit, message in _MESSAGES.items():
        if found & bit:
            if strict and bit & ERRORS:
                raise SimulationError(message)
            warnings.warn(message, stacklevel=2)
