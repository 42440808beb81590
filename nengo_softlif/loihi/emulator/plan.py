"""A model that NengoLoihi has built, as flat arrays that compiled functions can read."""

from typing import NamedTuple

import numpy as np

from nengo_softlif.loihi.emulator.compartments import Compartments, build_compartments
from nengo_softlif.loihi.emulator.learning import Learning, build_learning
from nengo_softlif.loihi.emulator.routes import Routes, Rows, RunStore, build_routes

__all__ = ["Plan", "build_plan"]


class Plan(NamedTuple):
    """All that stays constant while a model runs, and its initial weights."""

    compartments: Compartments
    routes: Routes
    learning: Learning
    weights: np.ndarray


def build_plan(block_info, sources, compartment_state):
    """Flatten a model.

    Parameters
    ----------
    block_info : nengo_loihi.emulator.interface.BlockInfo
    sources : list of Source
    compartment_state : nengo_softlif.loihi.linear_reset.LinearResetCompartmentState
        As it is before the first step.

    Returns
    -------
    plan : Plan
    """
    store = RunStore(block_info.dtype)
    rows = {
        synapse: Rows(synapse, where.start, store)
        for block, where in block_info.slices.items()
        for synapse in block.synapses
    }
    # integers add up to the same in any order
    keep_order = not np.issubdtype(block_info.dtype, np.integer)
    routes = build_routes(sources, rows, block_info.n_compartments, keep_order=keep_order)
    learning = build_learning(sources, rows, routes, block_info.dtype)
    return Plan(build_compartments(compartment_state), routes, learning, store.weights())
