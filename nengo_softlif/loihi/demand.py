"""What the parts of a population need of their cores, counted without splitting it.

NengoLoihi splits synapses by copying them part by part, which takes seconds for a convolution.
Here the same numbers come from the block as it was built, so that many ways to split it can be
compared; a test holds them to those of NengoLoihi.
"""

from itertools import product

import numpy as np
import scipy.sparse
from nengo_loihi.block import SynapseConfig

__all__ = ["BlockDemand", "axons_by_target", "compartments_of_parts", "largest_input"]


def axons_by_target(synapse):
    """Group the axons of a synapse that reach the same compartments, such as all of dense weights.

    Parameters
    ----------
    synapse : nengo_loihi.block.Synapse

    Returns
    -------
    groups : dict of (int, bytes) to list of int
        Axons in increasing order, by their base and indices; unused ones are left out.
    """
    content = [indices[0].tobytes() for indices in synapse.indices]
    groups = {}
    for axon in range(synapse.n_axons):
        base = synapse.axon_compartment_base(axon)
        if base is not None:
            key = base, content[synapse.axon_weight_idx(axon)]
            groups.setdefault(key, []).append(axon)
    return groups


def compartments_of_parts(block_shape):
    """Compartments of each part of a block, in the order in which NengoLoihi makes the parts.

    Parameters
    ----------
    block_shape : nengo_loihi.BlockShape

    Returns
    -------
    parts : list of (n_compartments,) ndarray of int
    """
    every = np.arange(block_shape.ensemble_size).reshape(block_shape.ensemble_shape)
    starts = (range(0, n, size) for n, size in block_shape.zip_dimensions())
    return [
        every[
            tuple(slice(i, i + size) for i, size in zip(corner, block_shape.shape, strict=True))
        ].ravel()
        for corner in product(*starts)
    ]


def largest_input(block):
    """Largest size of the input of a step: all that excites a neuron spikes, or all that inhibits.

    Parameters
    ----------
    block : nengo_loihi.block.LoihiBlock
        As it was built: not split, and not discretized.

    Returns
    -------
    largest : float
        In the units of the weights.
    """
    largest = 0.0
    for sign in (1, -1):
        sums = np.zeros(block.n_neurons)
        for synapse in block.synapses:
            rows = [np.maximum(sign * w, 0).sum(axis=0) for w in synapse.weights]
            for axon in range(synapse.n_axons):
                base, row = synapse.axon_compartment_base(axon), synapse.axon_weight_idx(axon)
                if base is not None:
                    np.add.at(sums, base + synapse.indices[row][0], rows[row])
        largest = max(largest, float(sums.max(initial=0)))
    return largest


class BlockDemand:
    """Counts what parts of a block need.

    Parameters
    ----------
    block : nengo_loihi.block.LoihiBlock
        As it was built: not split, and not discretized.
    """

    def __init__(self, block):
        self.block = block
        self.n_compartments = block.n_neurons
        self.synapses = {s: _SynapseDemand(s, block.n_neurons) for s in block.synapses}

    @property
    def fan_in(self):
        """Number of input axons that each compartment needs: (n_compartments,) ndarray of int."""
        counts = np.zeros(self.n_compartments, dtype=int)
        for synapse in self.synapses.values():
            counts += synapse.fan_in
        return counts

    def whole(self):
        """Input axons and bits of synapse memory of the block on a single core."""
        synapses = self.block.synapses
        return sum(s.n_axons for s in synapses), sum(s.bits() for s in synapses)

    def of_part(self, compartments):
        """Input axons and bits of synapse memory of one of several parts.

        Parameters
        ----------
        compartments : (n,) ndarray of int
            Of the block, in increasing order.

        Returns
        -------
        in_axons, synapse_bits : int
        """
        place = np.full(self.n_compartments, -1, dtype=np.int32)
        place[compartments] = np.arange(len(compartments))
        in_axons = synapse_bits = 0
        for synapse in self.synapses.values():
            needed = synapse.needed(compartments)
            in_axons += np.count_nonzero(needed)
            synapse_bits += synapse.bits(needed, place)
        return in_axons, synapse_bits

    def in_axons(self, compartments):
        """Input axons alone, which are counted much faster."""
        return sum(np.count_nonzero(s.needed(compartments)) for s in self.synapses.values())

    def out_axons(self, compartments, needed):
        """Count the slots for output axons of a part.

        Parameters
        ----------
        compartments : (n,) ndarray of int
        needed : callable
            Returns, for a synapse of another block, the axons that each part of that block
            needs, as a boolean (n_parts, n_axons) array.

        Returns
        -------
        out_axons : int
        """
        slots = 0
        for axon in self.block.axons:
            reached = np.asarray(axon.map_axon(compartments))
            reached = np.unique(reached[reached >= 0])
            slots += axon.slots_per_axon * np.count_nonzero(needed(axon.target)[:, reached])
        return slots


class _SynapseDemand:
    def __init__(self, synapse, n_compartments):
        self.synapse = synapse
        self.shares = synapse.axon_to_weight_map is not None
        self.bases = [synapse.axon_compartment_base(k) for k in range(synapse.n_axons)]
        self.weights = [synapse.axon_weight_idx(k) for k in range(synapse.n_axons)]
        self.indices = [indices[0] for indices in synapse.indices]
        self.groups = list(axons_by_target(synapse).values())
        self.stacks = {}  # rows of weights as one array
        self.contents = {}  # of weights of some compartments: hashes, number
        self.reach = self._reach(n_compartments)

    def _reach(self, n_compartments):
        """Which axons reach a compartment: sparse (n_compartments, n_axons)."""
        targets = [
            np.empty(0, dtype=np.int32) if base is None else base + self.indices[weight]
            for base, weight in zip(self.bases, self.weights, strict=True)
        ]
        ends = np.cumsum([0, *map(len, targets)])
        flat = np.concatenate(targets)
        shape = len(targets), n_compartments
        return scipy.sparse.csr_matrix((np.ones(len(flat), bool), flat, ends), shape).T.tocsr()

    @property
    def fan_in(self):
        return np.diff(self.reach.indptr)

    def needed(self, compartments):
        """Which axons a part needs: (n_axons,) ndarray of bool."""
        needed = np.zeros(self.synapse.n_axons, dtype=bool)
        needed[self.reach[compartments].indices] = True
        return needed

    def bits(self, needed, place):
        """Bits of the weights that a part stores, each once, for the axons that it needs."""
        sizes, top = {}, 0
        for axons in self.groups:
            axon = axons[0]
            if not needed[axon]:
                continue
            new = place[self.bases[axon] + self.indices[self.weights[axon]]]
            inside = new >= 0
            new = new[inside]
            if self.shares:
                start = new.min() % 256  # the base of an axon has 8 bits
                if self.synapse.pop_type == 16 and start % 4:
                    return np.inf  # such axons begin at every fourth compartment only
                new = new - start
            targets = hash(new.tobytes())
            contents, size = self._contents([self.weights[axon] for axon in axons], inside)
            for content in contents:
                sizes[content, targets] = size
            top = max(top, new.max())
        config = SynapseConfig(**vars(self.synapse.synapse_cfg))
        config.set(idx_bits=_index_format(top))
        counts = np.unique(list(sizes.values()), return_counts=True)
        return sum(
            int(n) * config.bits_per_axon(int(size)) for size, n in zip(*counts, strict=True)
        )

    def _contents(self, rows, inside):
        """Hashes of the weights of rows to some of the targets, and their number in each."""
        rows = tuple(rows)
        key = rows, hash(inside.tobytes())
        if key not in self.contents:
            if rows not in self.stacks:
                self.stacks[rows] = np.stack([self.synapse.weights[row] for row in rows])
            stored = self.stacks[rows][:, :, inside]
            self.contents[key] = {hash(w.tobytes()) for w in stored}, stored[0].size
        return self.contents[key]


def _index_format(top):
    """Code of the smallest number of bits that can hold the index ``top``."""
    bits = int(np.ceil(np.log2(top + 1)))
    return next(k for k, n in enumerate(SynapseConfig.INDEX_BITS_MAP) if n >= bits)
