"""The parts of a built model that spikes pass: neurons and axons, synapses and their weights."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from nengo.exceptions import BuildError

__all__ = ["Source", "Synapses", "list_sources"]


class Source(NamedTuple):
    """A block, or an input, with the number of its first neuron among all sources."""

    first: int
    n_neurons: int
    axons: list

    def spikes(self, axon):
        """Which neurons have an axon, and what their spikes say.

        Parameters
        ----------
        axon : nengo_loihi.block.Axon
            One of ``axons``.

        Returns
        -------
        neurons, axon_idx, atom : (n,) ndarray of int
        """
        neurons = np.arange(self.n_neurons)
        axon_idx = neurons if axon.compartment_map is None else np.asarray(axon.compartment_map)
        atom = 0 * neurons if axon.compartment_atoms is None else np.asarray(axon.compartment_atoms)
        is_used = axon_idx >= 0
        neurons, axon_idx, atom = neurons[is_used], axon_idx[is_used], atom[is_used]
        n_axons = axon.target.n_axons
        if np.any(axon_idx >= n_axons):
            raise BuildError(
                f"{axon} sends spikes to number {axon_idx.max()} of the {n_axons} axons of "
                f"{axon.target}. Give it a map to those that there are."
            )
        return neurons, axon_idx, atom


def list_sources(block_info, inputs):
    """List what sends spikes, in the order in which NengoLoihi hands them on.

    Parameters
    ----------
    block_info : nengo_loihi.emulator.interface.BlockInfo
    inputs : list of nengo_loihi.inputs.SpikeInput

    Returns
    -------
    sources : list of Source
        First the inputs, then the blocks.
    """
    sources, first = [], block_info.n_compartments
    for spike_input in inputs:
        sources.append(Source(first, spike_input.n_neurons, spike_input.axons))
        first += spike_input.n_neurons
    for block, where in block_info.slices.items():
        sources.append(Source(where.start, block.n_neurons, block.axons))
    return sources


class Segments(NamedTuple):
    """Rows of weights of a synapse, cut into runs for consecutive compartments.

    The weights of row ``r`` for atom ``k`` are segment ``row[r] + k``. Segment ``s`` has the runs
    ``first[s]`` to ``first[s + 1]``. Run ``i`` is for the compartments from ``target[i]`` on,
    relative to the base of an axon; its weights start at ``start[i]`` of `Synapses.weights`.
    """

    row: np.ndarray
    n_atoms: np.ndarray
    first: np.ndarray
    target: np.ndarray
    start: np.ndarray
    length: np.ndarray


class Synapses:
    """All synapses, whose rows of weights are cut into runs when an axon asks for them.

    Parameters
    ----------
    block_info : nengo_loihi.emulator.interface.BlockInfo

    Attributes
    ----------
    number, block, first : dict of nengo_loihi.block.Synapse
        Its number, its block, and the first compartment of that.
    learning : list of nengo_loihi.block.Synapse
        Those that learn.
    learned_rows : dict of nengo_loihi.block.Synapse to list of int
        Where the rows of weights of those start.
    n_learned : int
        How many weights learn; they come first.
    """

    def __init__(self, block_info):
        self.number, self.block, self.first = {}, {}, {}
        for block, where in block_info.slices.items():
            for synapse in block.synapses:
                self.number[synapse] = len(self.number)
                self.block[synapse] = block
                self.first[synapse] = where.start
        self._pool = [np.zeros(0, block_info.dtype)]
        self._n_weights = 0
        self._known = {}
        self._segments = {}
        self.learning = [synapse for synapse in self.number if synapse.learning]
        self.learned_rows = {s: self._store_learned(s) for s in self.learning}
        self.n_learned = self._n_weights

    def _store_learned(self, synapse):
        for indices in synapse.indices:
            if indices.shape[0] != 1 or len(np.unique(indices)) != indices.size:
                raise BuildError(
                    f"{synapse}: synapses that learn have to have one weight for each "
                    f"compartment, for one population; got indices of shape {indices.shape}."
                )
        return [self._append(weights[0]) for weights in synapse.weights]

    def _append(self, weights):
        start = self._n_weights
        self._pool.append(weights)
        self._n_weights += len(weights)
        return start

    def weights(self):
        """Return all weights that were asked for, as one array."""
        return np.concatenate(self._pool)

    def segments(self, synapse):
        """Cut all rows of weights of a synapse where their targets don't follow one another.

        Parameters
        ----------
        synapse : nengo_loihi.block.Synapse

        Returns
        -------
        segments : Segments
        """
        if synapse not in self._segments:
            self._segments[synapse] = self._cut(synapse)
        return self._segments[synapse]

    def _cut(self, synapse):
        n_atoms = np.array([len(indices) for indices in synapse.indices])
        lengths = np.repeat([indices.shape[1] for indices in synapse.indices], n_atoms)
        segment = np.repeat(np.arange(len(lengths)), lengths)
        indices = np.concatenate([indices.ravel() for indices in synapse.indices])
        if synapse.learning:
            origin = np.array(self.learned_rows[synapse])
        else:
            weights = np.concatenate([weights.ravel() for weights in synapse.weights])
            segment, indices, weights = _sorted(segment, indices, weights)
            origin = self._store(weights, np.bincount(segment, minlength=len(lengths)))
        is_first = np.append(True, (np.diff(indices) != 1) | (np.diff(segment) != 0))
        begin = np.nonzero(is_first[: len(indices)])[0]
        of = segment[begin]
        inside = begin - np.searchsorted(segment, of)
        return Segments(
            row=np.cumsum(n_atoms) - n_atoms,
            n_atoms=n_atoms,
            first=np.searchsorted(of, np.arange(len(lengths) + 1)),
            target=indices[begin].astype(np.int64),
            start=origin[of] + inside,
            length=np.diff(np.append(begin, len(indices))),
        )

    def _store(self, weights, lengths):
        """Append segments of weights; returns where each, or an equal one before it, starts."""
        origin = self._append(weights) + np.cumsum(lengths) - lengths
        content, size = weights.tobytes(), weights.itemsize
        ends = (np.append(0, np.cumsum(lengths)) * size).tolist()
        found = [
            self._known.setdefault(content[begin:end], start)
            for (begin, end), start in zip(pairwise(ends), origin.tolist(), strict=True)
        ]
        return np.array(found, dtype=np.int64)


def _sorted(segment, indices, weights):
    """Sort segments by index.

    NengoLoihi adds to a compartment once, though a row name it several times: the last one counts.
    """
    follows = (np.diff(indices) > 0) | (np.diff(segment) != 0)
    if follows.all():
        return segment, indices, weights
    order = np.lexsort((indices, segment))
    segment, indices = segment[order], indices[order]
    is_last = np.append((np.diff(indices) != 0) | (np.diff(segment) != 0), True)
    return segment[is_last], indices[is_last], weights[order][is_last]
