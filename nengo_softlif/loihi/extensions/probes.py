"""Probes of some neurons of a population on several cores, in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from nengo_loihi.block import LoihiBlock
from nengo_loihi.builder import split_blocks
from nengo_loihi.builder.builder import ValidationLevel
from nengo_loihi.probe import LoihiProbe

__all__ = ["install", "split_probe"]

_split_probe = split_blocks.split_probe


def split_probe(
    probe: LoihiProbe,
    block_map: Mapping[LoihiBlock, Mapping[LoihiBlock, Sequence[int]]],
    synapse_map: Mapping,
    validate: ValidationLevel = ValidationLevel.MINIMAL,
) -> None:
    """Let a probe record from the parts of its block.

    NengoLoihi takes neurons in increasing order only, each once. It also compares slices with
    ``slice(None)`` later, which arrays can't be; so lists take their place.

    Parameters
    ----------
    probe : nengo_loihi.probe.LoihiProbe
        Of one block; changed in place.
    block_map : dict of nengo_loihi.block.LoihiBlock to dict
        The parts of each block, each with its compartments in the block.
    synapse_map : dict
        Which NengoLoihi's own function expects.
    validate : nengo_loihi.builder.builder.ValidationLevel
        As for NengoLoihi's own function.
    """
    _use_lists(probe)
    (block,), (part,) = probe.target, probe.slice
    compartments = np.arange(block.n_neurons)[part]
    if len(block_map[block]) == 1 or np.all(np.diff(compartments) > 0):
        _split_probe(probe, block_map, synapse_map, validate=validate)
    else:
        _split_in_order(probe, compartments, block_map[block])
    _use_lists(probe)


def _use_lists(probe):
    probe.slice = [part.tolist() if isinstance(part, np.ndarray) else part for part in probe.slice]


def _split_in_order(probe, compartments, parts):
    (weights,) = probe.weights
    columns, targets = [], []
    for block, in_block in parts.items():
        place = {compartment: k for k, compartment in enumerate(in_block)}
        own = [k for k, compartment in enumerate(compartments.tolist()) if compartment in place]
        if own:
            columns.append(own)
            targets.append((block, [place[compartment] for compartment in compartments[own]]))
    if probe.is_transformed:  # what the parts send is added up
        probe.weights = [weights[own] for own in columns]
    else:
        probe.weights = [weights] * len(targets)
        probe.reindexing = np.argsort(np.concatenate(columns))
    probe.target, probe.slice = map(list, zip(*targets, strict=True))


def install() -> None:
    """Have NengoLoihi ask `split_probe`. May be called again."""
    split_blocks.split_probe = split_probe
