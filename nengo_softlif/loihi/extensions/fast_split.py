"""NengoLoihi's split of synapses and axons over cores, with arrays in the place of Python loops.

NengoLoihi goes through all weights one by one in Python: a minute for three thousand neurons that
are all connected to three thousand. These functions give the same synapses and axons, in the same
order, with the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from nengo_loihi.block import Axon, LoihiBlock, Synapse
from nengo_loihi.builder import split_blocks, validate
from nengo_loihi.builder.builder import ValidationLevel

__all__ = ["install", "split_axon", "split_synapse", "validate_axon"]

_split_axon = split_blocks.split_axon
_split_synapse = split_blocks.split_synapse

_N_BASES = 256  # the base of an axon has 8 bits


def split_synapse(
    old_block: LoihiBlock,
    old_synapse: Synapse,
    new_blocks: Mapping[LoihiBlock, Sequence[int]],
    validate: ValidationLevel = ValidationLevel.MINIMAL,
) -> dict[Synapse, list[int]]:
    """Give each part of a block a synapse with the weights to its compartments.

    Parameters
    ----------
    old_block : nengo_loihi.block.LoihiBlock
        The block that is split.
    old_synapse : nengo_loihi.block.Synapse
        One of its synapses.
    new_blocks : dict of nengo_loihi.block.LoihiBlock to sequence of int
        The parts, each with its compartments in the block, in increasing order.
    validate : nengo_loihi.builder.builder.ValidationLevel
        NengoLoihi's own function does all that is asked for beyond ``MINIMAL``.

    Returns
    -------
    axons : dict of nengo_loihi.block.Synapse to list of int
        The new synapses, which are added to the parts, and the axons of the old one that reach
        each of them.
    """
    if validate > ValidationLevel.MINIMAL:
        return _split_synapse(old_block, old_synapse, new_blocks, validate=validate)
    part_of = np.full(old_block.n_neurons, -1)
    place = np.zeros(old_block.n_neurons, dtype=np.int64)
    for k, compartments in enumerate(new_blocks.values()):
        compartments = np.array(list(compartments))
        part_of[compartments] = k
        place[compartments] = np.arange(len(compartments))

    parts = [_Part(old_synapse) for _ in new_blocks]
    for axon in range(old_synapse.n_axons):
        base = old_synapse.axon_compartment_base(axon)
        if base is None:
            continue  # this axon is not used
        row = old_synapse.axon_weight_idx(axon)
        indices = old_synapse.indices[row]
        if validate >= ValidationLevel.MINIMAL:
            assert np.all(indices == indices[:1]), "All atoms must target same indices"
        targets = base + indices[0]
        owners = part_of[targets]
        for k in np.unique(owners):
            inside = owners == k
            parts[k].add(axon, old_synapse.weights[row][:, inside], place[targets[inside]])

    new_axons = {}
    for k, (block, part) in enumerate(zip(new_blocks, parts, strict=True)):
        if part.axons:
            label = None if old_synapse.label is None else f"{old_synapse.label}[{k}]"
            synapse = part.synapse(label)
            block.add_synapse(synapse)
            new_axons[synapse] = part.axons
    return new_axons


class _Part:
    """The weights of one part of a block; equal rows are stored once."""

    def __init__(self, old_synapse):
        self.old = old_synapse
        self.shares = old_synapse.axon_to_weight_map is not None
        self.known = {}
        self.weights, self.indices = [], []
        self.axons, self.rows, self.bases = [], [], []

    def add(self, axon, weights, targets):
        """Add an axon with weights (n_atoms, n) to compartments of the part."""
        base = int(targets.min()) % _N_BASES if self.shares else 0
        targets = targets - base
        row = self.known.setdefault((weights.tobytes(), targets.tobytes()), len(self.weights))
        if row == len(self.weights):
            self.weights.append(weights)
            self.indices.append(np.tile(targets, (len(weights), 1)))
        self.axons.append(axon)
        self.rows.append(row)
        self.bases.append(base)

    def synapse(self, label):
        synapse = Synapse(len(self.axons), label=label)
        synapse._set_weights_indices(
            self.weights,
            self.indices,
            weight_dtype=self.weights[0].dtype,
            compression=self.old.synapse_cfg.compression,
        )
        synapse.axon_to_weight_map = np.asarray(self.rows)
        synapse.axon_compartment_bases = np.asarray(self.bases)
        synapse.pop_type = self.old.pop_type
        return synapse


def split_axon(
    old_axon: Axon,
    old_axon_idxs: Sequence[int],
    old_atoms: Sequence[int],
    new_synapses: Mapping[Synapse, Sequence[int]] | None,
) -> list[Axon]:
    """Give an axon one in its place for each synapse that the old target was split into.

    Parameters
    ----------
    old_axon : nengo_loihi.block.Axon
    old_axon_idxs, old_atoms : (n_compartments,) sequence of int
        The axon of the old target, -1 for none, and the atom of each compartment.
    new_synapses : dict of nengo_loihi.block.Synapse to sequence of int, or None
        As `split_synapse` returns them; None if the target was not split.

    Returns
    -------
    new_axons : list of nengo_loihi.block.Axon
    """
    if new_synapses is None:
        return _split_axon(old_axon, old_axon_idxs, old_atoms, new_synapses)
    idxs, atoms = np.asarray(old_axon_idxs), np.asarray(old_atoms)
    new_axons = []
    for k, (synapse, axons) in enumerate(new_synapses.items()):
        number = np.full(max(idxs.max(), *axons, 0) + 2, -1)  # the last one for index -1
        number[axons] = np.arange(len(axons))
        new_idxs = number[idxs]
        n_axons = len(np.unique(new_idxs[new_idxs >= 0]))
        if n_axons:
            label = None if old_axon.label is None else f"{old_axon.label}[{k}]"
            axon = Axon(n_axons, label=label)
            axon.target = synapse
            axon.set_compartment_axon_map(new_idxs, atoms=atoms)
            new_axons.append(axon)
    return new_axons


def validate_axon(axon: Axon) -> None:
    """Check that the atoms of an axon are populations of its target.

    Parameters
    ----------
    axon : nengo_loihi.block.Axon

    Raises
    ------
    AssertionError
        If one is not.
    """
    if isinstance(axon.target, Synapse) and axon.compartment_atoms is not None:
        atoms = np.asarray(axon.compartment_atoms)
        rows = np.asarray(axon.map_axon(np.arange(len(atoms))))
        if axon.target.axon_to_weight_map is not None:
            rows = np.asarray(axon.target.axon_to_weight_map)[rows]
        n_populations = np.array([len(weights) for weights in axon.target.weights])[rows]
        assert np.all((atoms >= 0) & (atoms < n_populations))


def install() -> None:
    """Have NengoLoihi call these functions. May be called again."""
    split_blocks.split_synapse = split_synapse
    split_blocks.split_axon = split_axon
    validate.validate_axon = validate_axon
