"""Where a spike goes: runs of weights for consecutive compartments, from each source.

A source is a compartment that spikes, or a neuron outside of the chip whose spikes come in; the
latter are numbered from the number of compartments on. To propagate a spike means to add a few
contiguous vectors: a convolution with channels last has one for each row of the image that it
reaches. What NengoLoihi keeps apart by core and axon is put together again, and equal runs are
stored once, since many pixels share a kernel, and those that are averaged by pooling share more.
"""

from typing import NamedTuple

import numpy as np
from nengo.exceptions import BuildError

from nengo_softlif.loihi.emulator.chip import route_kernels as kernels
from nengo_softlif.loihi.emulator.chip.packing import packed

__all__ = ["Routes", "build_routes"]

_EMPTY = (np.zeros(0, dtype=np.int64),) * 4


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


def build_routes(sources, synapses, place, *, keep_order):
    """Put together all routes.

    Parameters
    ----------
    sources : list of Source
    synapses : Synapses
    place : (n_compartments,) ndarray
        Where we keep each of NengoLoihi's compartments.
    keep_order : bool
        Whether every compartment has to add up its input in the order of NengoLoihi, as rounding
        depends on it.

    Returns
    -------
    routes : Routes
    weights : (n,) ndarray
        What the runs refer to.
    """
    n_sources = len(place) + sum(s.n_neurons for s in sources if s.first >= len(place))
    passes = _passes(sources, synapses) if keep_order else {}
    parts = [_EMPTY]
    for source in sources:
        for axon in source.axons:
            of, *rest = _expand(axon, source, synapses)
            parts.append((of + passes.get(axon, 0) * n_sources, *rest))
    runs = _move(tuple(map(np.concatenate, zip(*parts, strict=True))), place, n_sources)
    runs, weights = _join(runs, synapses)
    n_passes = 1 + max(passes.values(), default=0)
    first = np.searchsorted(runs[0], np.arange(n_passes * n_sources + 1))
    target, length = runs[1].astype(np.int32), runs[3].astype(np.int32)
    return Routes(n_passes, n_sources, first, target, runs[2], length), weights


def _passes(sources, synapses):
    """In which pass each axon is served, so that no compartment sees another order.

    NengoLoihi goes through the synapses of a block, and for each through its axons. A pass goes
    through all sources; so a new one begins where the sources don't ascend.
    """
    of_block = {}
    for number, source in enumerate(sources):
        for axon in source.axons:
            place = (synapses.number[axon.target], number)
            of_block.setdefault(synapses.block[axon.target], []).append((place, axon))
    passes = {}
    for served in of_block.values():
        current, previous = 0, -1
        for (_, number), axon in sorted(served, key=lambda item: item[0]):
            current += number <= previous
            previous = number
            passes[axon] = current
    return passes


def _expand(axon, source, synapses):
    """Source, target, start and length of all runs behind an axon, in NengoLoihi's numbers."""
    synapse, segments = axon.target, synapses.segments(axon.target)
    neurons, axon_idx, atom = source.spikes(axon)
    base = np.zeros(synapse.n_axons, dtype=np.int64)
    if synapse.axon_compartment_bases is not None:
        base[:] = synapse.axon_compartment_bases
    is_used = base[axon_idx] >= 0
    neurons, axon_idx, atom = neurons[is_used], axon_idx[is_used], atom[is_used]
    row = axon_idx
    if synapse.axon_to_weight_map is not None:
        row = np.asarray(synapse.axon_to_weight_map)[axon_idx]
    if np.any(atom >= segments.n_atoms[row]):
        raise BuildError(
            f"{axon} sends spikes for population {atom.max()} of {synapse}, whose axons have "
            f"{segments.n_atoms.min()}. Give it atoms below that."
        )
    segment = segments.row[row] + atom
    # one entry for each run of each neuron
    entry, within = _repeat(segments.first[segment + 1] - segments.first[segment])
    run = segments.first[segment][entry] + within
    target = segments.target[run] + (synapses.first[synapse] + base[axon_idx])[entry]
    return source.first + neurons[entry], target, segments.start[run], segments.length[run]


def _repeat(counts):
    """Each index as often as its count, and how often it was there before."""
    entry = np.repeat(np.arange(len(counts)), counts)
    return entry, np.arange(len(entry)) - (np.cumsum(counts) - counts)[entry]


def _move(runs, place, n_sources):
    """Go over to our numbers; cut runs where the compartments are no longer neighbors."""
    is_new = np.append(True, np.diff(place) != 1)
    stretch = np.cumsum(is_new) - 1
    bounds = np.append(np.nonzero(is_new)[0], len(place))
    numbers = np.concatenate([place, np.arange(len(place), n_sources)])
    moved = np.empty((4, kernels.count_moved(runs[1], runs[3], stretch)), dtype=np.int64)
    kernels.move(runs, np.asarray(place, np.int64), stretch, bounds, numbers, moved)
    return moved


def _join(runs, synapses):
    """Sort runs by source, join those of neighbors, and store equal weights once."""
    n_targets = int(runs[1].max(initial=0)) + 1
    runs = runs[:, np.argsort(runs[0] * n_targets + runs[1], kind="stable")]
    source, target, start, length = runs
    first = np.empty(len(source) + 1, dtype=np.int64)
    first = first[: kernels.join(runs, synapses.n_learned, first) + 1]
    begins, stops = first[:-1], first[1:]
    pool, starts = synapses.weights(), start[begins]
    weights = pool[: synapses.n_learned]
    packs = starts >= synapses.n_learned
    if packs.any():
        pieces, piece_of = _pieces(pool, start, length, begins[packs], stops[packs])
        begin, whole = packed(pieces)
        starts[packs] = len(weights) + begin[piece_of]
        weights = np.concatenate([weights, whole])
    lengths = np.add.reduceat(length, begins) if len(begins) else length
    return np.stack([source[begins], target[begins], starts, lengths]), weights


def _pieces(pool, start, length, first, stop):
    """Weights of runs ``first[k]`` to ``stop[k]`` in one array, each content once.

    Returns the arrays, and which of them each ``k`` has.
    """
    hashes = np.empty(len(first), dtype=np.int64)
    kernels.hash_contents(start, length, first, stop, hashes)
    _, like, number = np.unique(hashes, return_index=True, return_inverse=True)
    order = np.argsort(like)  # as they come: neighbors have neighboring weights
    like, number = like[order], np.argsort(order)[number]
    if not kernels.are_alike(start, length, first, stop, like[number]):
        # two contents have one hash
        like = number = np.arange(len(hashes))
    pieces, of_content, piece_of = [], {}, []
    for k in like.tolist():
        runs = range(first[k], stop[k])
        piece = np.concatenate([pool[start[r] : start[r] + length[r]] for r in runs])
        content = piece.tobytes()
        if content not in of_content:
            of_content[content] = len(pieces)
            pieces.append(piece)
        piece_of.append(of_content[content])
    return pieces, np.array(piece_of)[number]
