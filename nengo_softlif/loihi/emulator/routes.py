"""Where a spike goes: runs of weights for consecutive compartments, from each source.

A source is a compartment that spikes, or a neuron outside of the chip whose spikes come in; the
latter are numbered from the number of compartments on. A row of weights that NengoLoihi stores
for an axon, with one index for each, is cut into runs whose targets follow one another: a
convolution with channels last has one for each row of the image that it reaches. To propagate a
spike then means to add a few contiguous vectors. Equal runs are stored once, since the cores
that share a kernel, and the pixels that are averaged by pooling, have the same.
"""

from typing import NamedTuple

import numpy as np
from nengo.exceptions import BuildError

__all__ = ["Rows", "RunStore", "Routes", "Source", "build_routes", "list_sources"]


class Routes(NamedTuple):
    """Runs of weights, by pass and source.

    Source ``s`` has the runs ``first[p * n_sources + s]`` to ``first[p * n_sources + s + 1]`` in
    pass ``p``. Run ``r`` adds ``weights[start[r]:start[r] + length[r]]`` to the input of the
    compartments from ``target[r]`` on. The weights are no part of it, since they may learn.
    """

    n_passes: int
    n_sources: int
    first: np.ndarray
    target: np.ndarray
    start: np.ndarray
    length: np.ndarray


class Source(NamedTuple):
    """A block, or an input, with the number of its first neuron among all sources."""

    first: int
    n_neurons: int
    axons: list


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


class RunStore:
    """All weights in one array, in which equal runs are stored once.

    Parameters
    ----------
    dtype : numpy.dtype
        int32, or float32 for blocks that are not discretized.
    """

    def __init__(self, dtype):
        self.dtype = dtype
        self._size = 0
        self._pieces = [np.zeros(0, dtype)]
        self._known = {}

    def add(self, weights, *, shared=True):
        """Store weights.

        Parameters
        ----------
        weights : (n,) ndarray
        shared : bool
            Whether nobody will change them, so that they may serve others as well.

        Returns
        -------
        start : int
            Where they are in the array of all weights.
        """
        piece = np.array(weights, dtype=self.dtype)
        content = piece.tobytes()
        if shared and content in self._known:
            return self._known[content]
        start = self._size
        self._pieces.append(piece)
        self._size += len(piece)
        if shared:
            self._known[content] = start
        return start

    def weights(self):
        """Return all weights, as one array."""
        return np.concatenate(self._pieces)


class Rows:
    """The rows of weights of one synapse, cut into runs when an axon asks for them.

    Parameters
    ----------
    synapse : nengo_loihi.block.Synapse
    first : int
        First compartment of its block.
    store : RunStore

    Attributes
    ----------
    starts : list of int
        Where each row is stored, if the synapse learns.
    """

    def __init__(self, synapse, first, store):
        self.synapse = synapse
        self.first = first
        self.store = store
        self._runs = {}
        self.starts = []
        if synapse.learning:
            self.starts = [store.add(w.ravel(), shared=False) for w in synapse.weights]
            for indices in synapse.indices:
                if indices.shape[0] != 1 or len(np.unique(indices)) != indices.size:
                    raise BuildError(
                        f"{synapse}: the weights of synapses that learn have to be one for each "
                        f"compartment, for no more than one population; got {indices.shape}."
                    )

    def runs(self, row, atom):
        """Cut a row, for one atom.

        Returns
        -------
        target, start, length : (n_runs,) ndarray
            The targets relative to the base of an axon.
        """
        if (row, atom) not in self._runs:
            indices = self.synapse.indices[row][atom].astype(np.int64)
            if self.starts:
                bounds = _bounds(indices)
                start = self.starts[row] + bounds[:-1]
            else:
                # NengoLoihi adds to a compartment once, though a row name it several times
                indices, last = np.unique(indices[::-1], return_index=True)
                weights = self.synapse.weights[row][atom][::-1][last]
                bounds = _bounds(indices)
                pieces = zip(bounds[:-1], bounds[1:], strict=True)
                start = np.array([self.store.add(weights[a:b]) for a, b in pieces], dtype=np.int64)
            self._runs[row, atom] = indices[bounds[:-1]], start, np.diff(bounds)
        return self._runs[row, atom]

    def targets(self, axon, n_neurons):
        """Which neurons an axon connects to what.

        Returns
        -------
        neurons : (n,) ndarray
            Those with an axon.
        axon_idx, atom : (n,) ndarray
            What their spikes say.
        """
        neurons = np.arange(n_neurons)
        axon_idx = neurons if axon.compartment_map is None else np.asarray(axon.compartment_map)
        atom = 0 * neurons if axon.compartment_atoms is None else np.asarray(axon.compartment_atoms)
        is_used = axon_idx >= 0
        neurons, axon_idx, atom = neurons[is_used], axon_idx[is_used], atom[is_used]
        if len(axon_idx) and axon_idx.max() >= self.synapse.n_axons:
            raise BuildError(
                f"{axon} sends spikes to axon {axon_idx.max()} of {self.synapse}, which has "
                f"{self.synapse.n_axons}. Give the axon a map to those that there are."
            )
        return neurons, axon_idx, atom


def _bounds(indices):
    """Where to cut so that indices follow one another in each piece."""
    if len(indices) == 0:
        return np.zeros(1, dtype=np.int64)
    cuts = np.nonzero(np.diff(indices) != 1)[0] + 1
    return np.concatenate([[0], cuts, [len(indices)]])


def build_routes(sources, rows, n_compartments, *, keep_order):
    """Put together all routes.

    Parameters
    ----------
    sources : list of Source
    rows : dict of nengo_loihi.block.Synapse to Rows
    n_compartments : int
    keep_order : bool
        Whether every compartment has to add up its input in the order of NengoLoihi, as rounding
        depends on it.

    Returns
    -------
    routes : Routes
    """
    n_sources = n_compartments + sum(s.n_neurons for s in sources if s.first >= n_compartments)
    passes = _passes(sources, rows) if keep_order else {}
    parts = [np.zeros((4, 0), dtype=np.int64)]
    for source in sources:
        for axon in source.axons:
            part = _expand(axon, source, rows[axon.target])
            part[0] += passes.get(axon, 0) * n_sources
            parts.append(part)
    place, target, start, length = np.concatenate(parts, axis=1)
    order = np.argsort(place, kind="stable")
    n_passes = 1 + max(passes.values(), default=0)
    first = np.searchsorted(place[order], np.arange(n_passes * n_sources + 1))
    target, length = target[order].astype(np.int32), length[order].astype(np.int32)
    return Routes(n_passes, n_sources, first, target, start[order], length)


def _expand(axon, source, rows):
    """Source, target, start and length of all runs behind an axon."""
    synapse = rows.synapse
    neurons, axon_idx, atom = rows.targets(axon, source.n_neurons)
    base = np.zeros(synapse.n_axons, dtype=np.int64)
    if synapse.axon_compartment_bases is not None:
        base[:] = synapse.axon_compartment_bases
    is_used = base[axon_idx] >= 0
    neurons, axon_idx, atom = neurons[is_used], axon_idx[is_used], atom[is_used]
    row = axon_idx
    if synapse.axon_to_weight_map is not None:
        row = np.asarray([synapse.axon_to_weight_map[i] for i in axon_idx], dtype=np.int64)

    kinds, kind = np.unique(np.stack([row, atom]), axis=1, return_inverse=True)
    kind = kind.ravel()
    runs = [rows.runs(*pair) for pair in kinds.T]
    if not runs:
        return np.zeros((4, 0), dtype=np.int64)
    n_runs = np.array([len(target) for target, _, _ in runs])
    first = np.cumsum(n_runs) - n_runs
    target, start, length = (np.concatenate(part) for part in zip(*runs, strict=True))
    # one entry for each run of each neuron
    repeat = n_runs[kind]
    within = np.arange(repeat.sum()) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    run = np.repeat(first[kind], repeat) + within
    target = target[run] + np.repeat(rows.first + base[axon_idx], repeat)
    return np.stack([np.repeat(source.first + neurons, repeat), target, start[run], length[run]])


def _passes(sources, rows):
    """In which pass each axon is served, so that no compartment sees another order.

    NengoLoihi goes through the synapses of a block, and for each through its axons. A pass goes
    through all sources; so a new one begins where the sources don't ascend.
    """
    of_block = {}
    synapse_order = {synapse: k for k, synapse in enumerate(rows)}
    for number, source in enumerate(sources):
        for axon in source.axons:
            place = (synapse_order[axon.target], number)
            of_block.setdefault(rows[axon.target].first, []).append((place, axon))
    passes = {}
    for served in of_block.values():
        current, previous = 0, -1
        for (_, number), axon in sorted(served, key=lambda item: item[0]):
            current += number <= previous
            previous = number
            passes[axon] = current
    return passes
