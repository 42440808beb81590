"""How well the integers of the chip stand for the weights and biases of a block."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from math import prod
from typing import NamedTuple

import numpy as np
from nengo_loihi.builder import discretize

from nengo_softlif.loihi.extensions.discrete_lif import fraction_bits

__all__ = ["Precision", "discretize_and_compare"]


class Precision(NamedTuple):
    """What discretization loses.

    Parameters
    ----------
    weight_error, bias_error : float
        Root of the mean square of the error, relative to that of the weights or biases.
    weights_lost : float
        Fraction of the weights that are not zero and become zero.
    """

    weight_error: float = 0.0
    bias_error: float = 0.0
    weights_lost: float = 0.0


def discretize_and_compare(blocks):
    """Discretize blocks as NengoLoihi does, and compare with what they were.

    Parameters
    ----------
    blocks : list of LoihiBlock
        Parts of one population; changed in place.

    Returns
    -------
    precision : Precision

    Raises
    ------
    AssertionError or nengo.exceptions.BuildError
        If thresholds, weights and biases have no common scale with few enough bits.
    """
    weights, biases = _Error(), _Error()
    for block in blocks:
        bias = block.compartment.bias.astype(float)
        is_fixed = fraction_bits(block.compartment) is not None
        with _flat_weights(block.synapses):
            before = [s.weights[0].astype(float) for s in block.synapses]
            largest = [s.max_abs_weight() for s in block.synapses]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of lost bits, which are counted here
                discretize.discretize_block(block)
            info = block.discretize_info
            for synapse, old, top in zip(block.synapses, before, largest, strict=True):
                scale = info["w_scale"] if is_fixed else _scale(synapse, top, info)
                weights.add(old, synapse.weights[0] / scale)
        biases.add(bias, block.compartment.bias / _first(info["b_scale"]))
    return Precision(weights.relative, biases.relative, weights.lost)


@contextmanager
def _flat_weights(synapses):
    """Keep the weights of each synapse in a single row, which takes one call to discretize."""
    shapes = {synapse: [row.shape for row in synapse.weights] for synapse in synapses}
    rows_of_indices = {synapse: synapse.indices for synapse in synapses}
    for synapse in synapses:
        synapse.weights = [np.concatenate([row.ravel() for row in synapse.weights])[np.newaxis]]
        synapse.indices = [np.concatenate([row.ravel() for row in synapse.indices])[np.newaxis]]
    try:
        yield
    finally:
        for synapse in synapses:
            flat, ends = synapse.weights[0][0], np.cumsum([prod(s) for s in shapes[synapse]])
            synapse.indices = rows_of_indices[synapse]
            synapse.weights = [
                flat[end - prod(shape) : end].reshape(shape)
                for shape, end in zip(shapes[synapse], ends.tolist(), strict=True)
            ]


def _scale(synapse, largest, info):
    """Integer that stands for a weight of 1; synapses with small weights use smaller exponents."""
    w_scale, exponent = _first(info["w_scale"]), synapse.synapse_cfg.weight_exp
    if synapse.learning or largest <= 1e-16:
        shift = info["w_exp"] - exponent
    else:
        shift = int(np.floor(np.log2(info["w_max"] / largest)))
    return w_scale * 2.0**shift * synapse.synapse_cfg.scale


def _first(value):
    """Scales are equal for all compartments of a block."""
    return float(np.ravel(value)[0])


class _Error:
    """Running mean square of errors and values."""

    def __init__(self):
        self.errors = self.values = 0.0
        self.n_lost = self.n_used = 0

    def add(self, old, new):
        self.errors += np.sum(np.square(new - old))
        self.values += np.sum(np.square(old))
        self.n_used += np.count_nonzero(old)
        self.n_lost += np.count_nonzero((old != 0) & (new == 0))

    @property
    def relative(self):
        return float(np.sqrt(self.errors / self.values)) if self.values else 0.0

    @property
    def lost(self):
        return self.n_lost / max(self.n_used, 1)
