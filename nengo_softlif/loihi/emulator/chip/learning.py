"""The synapses that learn: where their weights are, what fills their traces, how fast they go."""

from typing import NamedTuple

import numpy as np
from nengo_loihi.builder.discretize import LEARN_FRAC, learn_overflow_bits

__all__ = ["Learning", "build_learning"]


class Learning(NamedTuple):
    """Constants of learning.

    The axons of all synapses are numbered one after the other. ``tag[tag_first[s]]`` to
    ``tag[tag_first[s + 1]]`` are the axons whose trace a spike of source ``s`` increases, and
    ``row[axon]`` is where the weights of an axon start.

    ``synapses`` has a record for each synapse: its axons ``first_axon`` to ``last_axon`` and
    errors ``first_error`` to ``last_error``; the numbers of steps after which traces and weights
    change, ``train_epoch`` and ``learn_epoch``; what is left of a trace, ``decay``, and what a
    spike adds, ``magnitude``; the ``rate`` of learning. Integer mode needs the rest: the highest
    weight, the factor on its fraction, and three shifts.
    """

    tag_first: np.ndarray
    tag: np.ndarray
    row: np.ndarray
    synapses: np.ndarray


def build_learning(sources, synapses, n_sources, place):
    """Describe the synapses that learn.

    Parameters
    ----------
    sources : list of Source
    synapses : Synapses
    n_sources : int
    place : (n_compartments,) ndarray
        Where we keep each of NengoLoihi's compartments.

    Returns
    -------
    learning : Learning
    """
    dtype = synapses.weights().dtype
    records = np.zeros(len(synapses.learning), _record_type(synapses.learning, dtype))
    n_axons, n_errors = 0, 0
    for synapse, record in zip(synapses.learning, records, strict=True):
        record["first_axon"], record["first_error"] = n_axons, n_errors
        n_axons += len(synapse.weights)
        n_errors += 2 * (synapse.weights[0].shape[1] // 2)
        record["last_axon"], record["last_error"] = n_axons, n_errors
        record["train_epoch"], record["learn_epoch"] = synapse.train_epoch, synapse.learn_epoch
        record["decay"] = np.exp(-synapse.train_epoch / synapse.tracing_tau)
        record["magnitude"] = synapse.tracing_mag
        record["rate"] = synapse.learning_rate
        if np.issubdtype(dtype, np.integer):
            exponent = synapse.synapse_cfg.real_weight_exp
            n_bits = synapse.synapse_cfg.shift_bits
            record["rate"] = synapse._lr_int
            record["highest"] = 2 ** (8 - n_bits) - 1
            record["fraction"] = 2.0 ** (-LEARN_FRAC - n_bits)
            record["shift_change"] = LEARN_FRAC + synapse._lr_exp - learn_overflow_bits(2)
            record["shift_weight"] = LEARN_FRAC - exponent
            record["shift_back"] = exponent + n_bits
    first_axon = dict(zip(synapses.learning, records["first_axon"], strict=True))
    tag_first, tag = _tags(sources, first_axon, n_sources, place)
    rows = [start for synapse in synapses.learning for start in synapses.learned_rows[synapse]]
    return Learning(tag_first, tag, np.array(rows, dtype=np.int64), records)


def _record_type(learning, dtype):
    whole = ("first_axon", "last_axon", "first_error", "last_error", "train_epoch", "learn_epoch")
    shifts = ("highest", "shift_change", "shift_weight", "shift_back")
    real = ("decay", "magnitude", "fraction")
    # in which precision NengoLoihi multiplies with a learning rate depends on the type of that
    rate = dtype
    if not np.issubdtype(dtype, np.integer):
        rate = np.result_type(dtype, *(s.learning_rate * np.ones(1, dtype) for s in learning))
    fields = [(name, np.int64) for name in (*whole, *shifts)]
    return np.dtype([*fields, *((name, np.float64) for name in real), ("rate", rate)])


def _tags(sources, first_axon, n_sources, place):
    """For each source, the axons at synapses that learn."""
    parts = [np.zeros((2, 0), dtype=np.int64)]
    for source in sources:
        for axon in source.axons:
            if axon.target in first_axon:
                neurons, axon_idx, _ = source.spikes(axon)
                neurons = neurons + source.first
                neurons = place[neurons] if source.first < len(place) else neurons
                parts.append(np.stack([neurons, first_axon[axon.target] + axon_idx]))
    neurons, tag = np.concatenate(parts, axis=1)
    order = np.argsort(neurons, kind="stable")
    return np.searchsorted(neurons[order], np.arange(n_sources + 1)), tag[order]
