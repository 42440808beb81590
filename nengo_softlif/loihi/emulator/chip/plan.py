"""A model that NengoLoihi has built, as flat arrays that compiled functions can read."""

from typing import NamedTuple

import numpy as np

from nengo_softlif.compiled.memory import aligned
from nengo_softlif.loihi.emulator.chip.compartments import Compartments, build_compartments
from nengo_softlif.loihi.emulator.chip.learning import Learning, build_learning
from nengo_softlif.loihi.emulator.chip.packing import Load, narrowed
from nengo_softlif.loihi.emulator.chip.routes import Routes, build_routes
from nengo_softlif.loihi.emulator.chip.synapses import Synapses

__all__ = ["Plan", "build_plan"]


class Plan(NamedTuple):
    """All that stays constant while a model runs, and its initial weights."""

    compartments: Compartments
    routes: Routes
    learning: Learning
    load: Load
    weights: np.ndarray


def build_plan(block_info, sources, compartment_state, order, *, keep_order):
    """Flatten a model.

    Parameters
    ----------
    block_info : nengo_loihi.emulator.interface.BlockInfo
    sources : list of Source
    compartment_state : nengo_loihi.emulator.interface.CompartmentState
        As it is before the first step.
    order : (n_compartments,) ndarray
        NengoLoihi's numbers of the compartments, in the order in which to keep them.
    keep_order : bool
        Whether every compartment has to add up its input in the order of NengoLoihi, as rounding
        depends on it.

    Returns
    -------
    plan : Plan
    """
    synapses = Synapses(block_info)
    place = np.argsort(order)
    routes, weights = build_routes(sources, synapses, place, keep_order=keep_order)
    learning = build_learning(sources, synapses, routes.n_sources, place)
    load = Load(block_info.dtype.type(1), -1)
    if not synapses.learning:  # which needs all bits
        load, weights = narrowed(weights, routes)
    stored = aligned(len(weights), weights.dtype)
    stored[:] = weights
    compartments = build_compartments(compartment_state, order)
    return Plan(compartments, routes, learning, load, stored)
