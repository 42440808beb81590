"""NengoLoihi's split of synapses and axons over cores, with arrays in the place of Python loops.

NengoLoihi goes through all weights one by one in Python: a minute for three thousand neurons that
are all connected to three thousand. These functions give the same synapses and axons, in the same
order, with the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from nengo_loihi.block import Axon, LoihiBlock, Synapse
from nengo_loihi.builder import split_blocks, validate
from nengo_loihi.builder.builder import ValidationLevel

from nengo_softlif.loihi.demand import axons_by_target

__all__ = ["bits", "install", "split_axon", "split_synapse", "validate_axon"]

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
    for (base, _), axons in axons_by_target(old_synapse).items():
        rows = [old_synapse.axon_weight_idx(axon) for axon in axons]
        indices = old_synapse.indices[rows[0]]
        if validate >= ValidationLevel.MINIMAL:
            assert np.all(indices == indices[:1]), "All atoms must target same indices"
        weights = np.stack([old_synapse.weights[row] for row in rows])
        targets = base + indices[0]
        owners = part_of[targets]
        for k in np.unique(owners):
            inside = owners == k
            parts[k].add(axons, weights[:, :, inside], place[targets[inside]])

    new_axons = {}
    for k, (block, part) in enumerate(zip(new_blocks, parts, strict=True)):
        if part.entries:
            label = None if old_synapse.label is None else f"{old_synapse.label}[{k}]"
            synapse, axons = part.synapse(label)
            block.add_synapse(synapse)
            new_axons[synapse] = axons
    return new_axons


class _Part:
    """The weights of one part of a block."""

    def __init__(self, old_synapse):
        self.old = old_synapse
        self.entries = []  # axon, weights, targets with the base taken off, base

    def add(self, axons, weights, targets):
        """Add axons, with weights (n_axons, n_atoms, n), to the same compartments of the part."""
        shares = self.old.axon_to_weight_map is not None
        base = int(targets.min()) % _N_BASES if shares else 0
        indices = np.tile(np.asarray(targets - base, dtype=np.int32), (weights.shape[1], 1))
        self.entries += ((axon, w, indices, base) for axon, w in zip(axons, weights, strict=True))

    def synapse(self, label):
        """Make the synapse, in which equal rows are stored once; returns its old axons too."""
        self.entries.sort(key=lambda entry: entry[0])
        known, rows, weights, indices = {}, [], [], []
        for _, w, i, _ in self.entries:
            row = known.setdefault((w.tobytes(), i.tobytes()), len(weights))
            if row == len(weights):
                weights.append(w)
                indices.append(i)
            rows.append(row)
        synapse = Synapse(len(rows), label=label)
        synapse._set_weights_indices(
            weights,
            indices,
            weight_dtype=weights[0].dtype,
            compression=self.old.synapse_cfg.compression,
        )
        synapse.axon_to_weight_map = np.asarray(rows)
        synapse.axon_compartment_bases = np.asarray([base for *_, base in self.entries])
        synapse.pop_type = self.old.pop_type
        return synapse, [axon for axon, *_ in self.entries]


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
        n_populations = len(axon.target.weights[0])  # and of all other rows
        assert np.all((atoms >= 0) & (atoms < n_populations))


def bits(synapse: Synapse) -> int:
    """Bits of synapse memory that the weights of a synapse take.

    Parameters
    ----------
    synapse : nengo_loihi.block.Synapse

    Returns
    -------
    bits : int
    """
    counts = Counter(weights.size for weights in synapse.weights)
    return sum(n * synapse.synapse_cfg.bits_per_axon(size) for size, n in counts.items())


def install() -> None:
    """Have NengoLoihi call these functions. May be called again."""
    Synapse.bits = bits
    split_blocks.split_synapse = split_synapse
    split_blocks.split_axon = split_axon
    validate.validate_axon = validate_axon
