"""The synapses that learn: where their weights are, what fills their traces, how fast they go."""

from typing import NamedTuple

import numpy as np
from nengo_loihi.builder.discretize import LEARN_FRAC, learn_overflow_bits

__all__ = ["Learning", "build_learning"]


class Learning(NamedTuple):
    """Constants of learning.

    The axons of all synapses are numbered one after the other. ``tag[tag_first[s]]`` to
    ``tag[tag_first[s + 1]]`` are the axons whose trace a spike of source ``s`` increases, and
    ``row[axon]`` is where the weights of an axon start. Synapse ``k`` has the axons
    ``first_axon[k]`` to ``first_axon[k + 1]``, and the errors ``first_error[k]`` to
    ``last_error[k]``. The rest is one number for each synapse; the last four of them belong to
    integer mode. In float mode, where there is nothing to shift, they are zero.
    """

    tag_first: np.ndarray
    tag: np.ndarray
    row: np.ndarray
    first_axon: np.ndarray
    first_error: np.ndarray
    last_error: np.ndarray
    train_epoch: np.ndarray
    learn_epoch: np.ndarray
    decay: np.ndarray
    magnitude: np.ndarray
    rate: np.ndarray
    highest: np.ndarray
    fraction: np.ndarray
    shift_change: np.ndarray
    shift_weight: np.ndarray
    shift_back: np.ndarray


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
    learning, rows = synapses.learning, synapses.learned_rows
    dtype = synapses.weights().dtype
    n_axons = [len(synapse.weights) for synapse in learning]
    n_errors = [2 * (synapse.weights[0].shape[1] // 2) for synapse in learning]
    first_axon, first_error = _starts(n_axons), _starts(n_errors)
    number = dict(zip(learning, first_axon, strict=False))
    tag_first, tag = _tags(sources, number, n_sources, place)
    numbers = [_numbers(synapse, np.issubdtype(dtype, np.integer)) for synapse in learning]
    rate, highest, fraction, *shifts = np.array(numbers).reshape(len(learning), 6).T
    return Learning(
        tag_first,
        tag,
        np.array([start for s in learning for start in rows[s]], dtype=np.int64),
        first_axon,
        first_error[:-1],
        first_error[1:],
        np.array([s.train_epoch for s in learning], dtype=np.int64),
        np.array([s.learn_epoch for s in learning], dtype=np.int64),
        np.array([np.exp(-s.train_epoch / s.tracing_tau) for s in learning], dtype=np.float64),
        np.array([s.tracing_mag for s in learning], dtype=np.float64),
        rate.astype(_precision(learning, dtype)),
        highest.astype(np.int64),
        fraction,
        *(shift.astype(np.int64) for shift in shifts),
    )


def _starts(sizes):
    return np.cumsum([0, *sizes]).astype(np.int64)


def _precision(learning, dtype):
    """In what precision NengoLoihi multiplies with learning rates: it depends on their type."""
    if np.issubdtype(dtype, np.integer):
        return dtype
    one = np.ones(1, dtype)
    return np.result_type(dtype, *(synapse.learning_rate * one for synapse in learning))


def _numbers(synapse, is_integer):
    """Rate of learning, largest weight, factor of its fraction, and the three shifts."""
    if not is_integer:
        return synapse.learning_rate, 0, 0, 0, 0, 0
    exponent, n_bits = synapse.synapse_cfg.real_weight_exp, synapse.synapse_cfg.shift_bits
    return (
        synapse._lr_int,
        2 ** (8 - n_bits) - 1,
        2.0 ** (-LEARN_FRAC - n_bits),
        LEARN_FRAC + synapse._lr_exp - learn_overflow_bits(n_factors=2),
        LEARN_FRAC - exponent,
        exponent + n_bits,
    )


def _tags(sources, number, n_sources, place):
    """For each source, the axons at synapses that learn."""
    parts = [np.zeros((2, 0), dtype=np.int64)]
    for source in sources:
        for axon in source.axons:
            if axon.target in number:
                neurons, axon_idx, _ = source.spikes(axon)
                neurons = neurons + source.first
                neurons = place[neurons] if source.first < len(place) else neurons
                parts.append(np.stack([neurons, number[axon.target] + axon_idx]))
    neurons, tag = np.concatenate(parts, axis=1)
    order = np.argsort(neurons, kind="stable")
    return np.searchsorted(neurons[order], np.arange(n_sources + 1)), tag[order]
