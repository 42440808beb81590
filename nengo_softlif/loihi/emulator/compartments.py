"""What stays constant of the compartments, with shared values stored once for many of them."""

from typing import NamedTuple

import numpy as np

__all__ = ["Compartments", "build_compartments"]


class Compartments(NamedTuple):
    """Constants of compartments.

    ``bias`` and ``threshold`` have one value for each compartment. All else has one for each
    segment, compartments ``begin`` to ``end``: ``keep_u`` and ``keep_v`` are what remains of
    current and voltage in a step (of 4096 in integer mode), ``scale_u`` and ``scale_v`` the
    factors of what is added to them (1 in integer mode).
    """

    bias: np.ndarray
    threshold: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    keep_u: np.ndarray
    scale_u: np.ndarray
    keep_v: np.ndarray
    scale_v: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    refractory: np.ndarray
    subtracts: np.ndarray
    noise_at_membrane: np.ndarray


def build_compartments(state, order):
    """Take the constants out of NengoLoihi's description of the state.

    Parameters
    ----------
    state : nengo_softlif.loihi.linear_reset.LinearResetCompartmentState
    order : (n_compartments,) ndarray
        NengoLoihi's numbers of the compartments, in our order.

    Returns
    -------
    compartments : Compartments
    """
    one = state.dtype.type(1)
    if np.issubdtype(state.dtype, np.integer):
        keep_u, keep_v = 2**12 - 1 - state.decay_u, 2**12 - state.decay_v
    else:
        keep_u, keep_v = one - state.decay_u, one - state.decay_v
    shared = [
        keep_u,
        state.scale_u,
        keep_v,
        state.scale_v,
        state.vmin,
        state.vmax,
        state.ref.astype(np.int32),
        state.subtracts,
        state.noise.target_u,
    ]
    shared = [values[order] for values in shared]
    n = state.n_compartments
    is_new = np.zeros(n, dtype=bool)
    is_new[0] = True
    for values in shared:
        is_new[1:] |= values[1:] != values[:-1]
    begin = np.nonzero(is_new)[0]
    end = np.append(begin[1:], n)
    shared = [values[begin] for values in shared]
    return Compartments(state.bias[order], state.threshold[order], begin, end, *shared)
