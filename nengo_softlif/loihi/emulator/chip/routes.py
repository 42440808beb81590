"""Where a spike goes: runs of weights for consecutive compartments, from each source.

A source is a compartment that spikes, or a neuron outside of the chip whose spikes come in; the
latter are numbered from the number of compartments on. To propagate a spike means to add a few
contiguous vectors: a convolution with channels last has one for each row of the image that it
reaches. What NengoLoihi keeps apart by core and axon is put together again, and equal runs are
stored once, since many pixels share a kernel, and those that are averaged by pooling share more.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from nengo_softlif.loihi.emulator.chip.packing import packed

__all__ = ["Routes", "build_routes"]

_EMPTY = np.zeros((4, 0), dtype=np.int64)


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
            part = _move(_expand(axon, source, synapses), place)
            part[0] += passes.get(axon, 0) * n_sources
            parts.append(part)
    runs, weights = _join(np.concatenate(parts, axis=1), synapses)
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
    synapse = axon.target
    neurons, axon_idx, atom = source.spikes(axon)
    base = np.zeros(synapse.n_axons, dtype=np.int64)
    if synapse.axon_compartment_bases is not None:
        base[:] = synapse.axon_compartment_bases
    is_used = base[axon_idx] >= 0
    neurons, axon_idx, atom = neurons[is_used], axon_idx[is_used], atom[is_used]
    row = axon_idx
    if synapse.axon_to_weight_map is not None:
        row = np.array([synapse.axon_to_weight_map[i] for i in axon_idx], dtype=np.int64)

    kinds, kind = np.unique(np.stack([row, atom]), axis=1, return_inverse=True)
    runs = [synapses.runs(synapse, *pair) for pair in kinds.T]
    if not runs:
        return _EMPTY
    n_runs = np.array([len(target) for target, _, _ in runs])
    target, start, length = (np.concatenate(part) for part in zip(*runs, strict=True))
    # one entry for each run of each neuron
    entry, within = _repeat(n_runs[kind.ravel()])
    run = (np.cumsum(n_runs) - n_runs)[kind.ravel()][entry] + within
    target = target[run] + (synapses.first[synapse] + base[axon_idx])[entry]
    return np.stack([source.first + neurons[entry], target, start[run], length[run]])


def _repeat(counts):
    """Each index as often as its count, and how often it was there before."""
    entry = np.repeat(np.arange(len(counts)), counts)
    return entry, np.arange(len(entry)) - (np.cumsum(counts) - counts)[entry]


def _move(runs, place):
    """Go over to our numbers; cut runs where the compartments are no longer neighbors."""
    source, target, start, length = runs
    is_new = np.append(True, np.diff(place) != 1)
    stretch = np.cumsum(is_new) - 1
    bounds = np.append(np.nonzero(is_new)[0], len(place))
    run, within = _repeat(stretch[target + length - 1] - stretch[target] + 1)
    of = stretch[target][run] + within
    begin = np.maximum(target[run], bounds[of])
    end = np.minimum((target + length)[run], bounds[of + 1])
    on_chip = source < len(place)
    source = np.where(on_chip, place[np.where(on_chip, source, 0)], source)
    return np.stack([source[run], place[begin], start[run] + begin - target[run], end - begin])


def _join(runs, synapses):
    """Sort runs by source, join those of neighbors, and store equal weights once."""
    runs = runs[:, np.lexsort((runs[1], runs[0]))]
    source, target, start, length = runs
    learns = start < synapses.n_learned
    follows = (source[1:] == source[:-1]) & (target[1:] == (target + length)[:-1])
    follows &= ~learns[1:] & ~learns[:-1]
    first = np.nonzero(np.append(True, ~follows))[0][: len(source)]
    pool = synapses.weights()
    pieces, known, piece_of = [], {}, np.full(len(first), -1)
    for k, (a, b) in enumerate(pairwise([*first, len(source)])):
        if learns[a]:
            continue
        joined = (start[a:b].tobytes(), length[a:b].tobytes())
        if joined not in known:
            parts = zip(start[a:b], length[a:b], strict=True)
            piece = np.concatenate([pool[s : s + n] for s, n in parts])
            content = piece.tobytes()
            if content not in known:
                known[content] = len(pieces)
                pieces.append(piece)
            known[joined] = known[content]
        piece_of[k] = known[joined]
    weights, starts = pool[: synapses.n_learned], start[first]
    if pieces:
        begin, whole = packed(pieces)
        starts = np.where(piece_of < 0, starts, len(weights) + begin[piece_of])
        weights = np.concatenate([weights, whole])
    lengths = np.add.reduceat(length, first) if len(first) else length
    return np.stack([source[first], target[first], starts, lengths]), weights
