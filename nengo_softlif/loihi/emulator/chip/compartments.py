"""What stays constant of the compartments, with shared values stored once for many of them."""

from typing import NamedTuple

import numpy as np

from nengo_softlif.loihi.extensions.linear_reset import LinearResetCompartmentState

__all__ = ["Compartments", "build_compartments"]


class Compartments(NamedTuple):
    """Constants of compartments.

    ``bias`` and ``threshold`` have one value for each compartment. All else is the same in a
    segment, compartments ``begin`` to ``end``, of which ``segments`` has records: ``keep_u`` and
    ``keep_v`` are what remains of current and voltage in a step (of 4096 in integer mode),
    ``scale_u`` and ``scale_v`` the factors of what is added to them (1 in integer mode),
    ``lowest`` and ``highest`` the limits of the voltage; ``refractory`` is the number of steps to
    wait, ``subtracts`` the kind of reset, and ``noise_at_membrane`` where noise goes.
    """

    bias: np.ndarray
    threshold: np.ndarray
    segments: np.ndarray


def build_compartments(state, order):
    """Take the constants out of NengoLoihi's description of the state.

    Parameters
    ----------
    state : nengo_loihi.emulator.interface.CompartmentState
    order : (n_compartments,) ndarray
        NengoLoihi's numbers of the compartments, in our order.

    Returns
    -------
    compartments : Compartments
    """
    if np.issubdtype(state.dtype, np.integer):
        keep_u, keep_v = 2**12 - 1 - state.decay_u, 2**12 - state.decay_v
    else:
        keep_u, keep_v = 1 - state.decay_u, 1 - state.decay_v
    n = state.n_compartments
    subtracts, threshold = np.zeros(n, dtype=bool), state.vth
    if isinstance(state, LinearResetCompartmentState):
        subtracts, threshold = state.subtracts, state.threshold
    shared = {
        "keep_u": keep_u,
        "scale_u": state.scale_u,
        "keep_v": keep_v,
        "scale_v": state.scale_v,
        "lowest": state.vmin,
        "highest": state.vmax,
        "refractory": state.ref.astype(np.int32),
        "subtracts": subtracts,
        "noise_at_membrane": state.noise.target_u,
    }
    is_new = np.zeros(n, dtype=bool)
    is_new[0] = True
    for values in shared.values():
        is_new[1:] |= values[order][1:] != values[order][:-1]
    begin = np.nonzero(is_new)[0]
    fields = [("begin", np.int64), ("end", np.int64)]
    fields += [(name, values.dtype) for name, values in shared.items()]
    segments = np.zeros(len(begin), dtype=fields)
    segments["begin"], segments["end"] = begin, np.append(begin[1:], n)
    for name, values in shared.items():
        segments[name] = values[order][begin]
    return Compartments(state.bias[order], threshold[order], segments)
