"""Synapses without weights."""

from __future__ import annotations

from nengo_loihi.block import Synapse

__all__ = ["idx_bits", "install"]

_idx_bits = Synapse.idx_bits


def idx_bits(synapse: Synapse) -> int:
    """Code of the number of bits for an index; that of 0 bits if there are no weights at all.

    A sparse matrix that is all zero has no highest index. NengoLoihi takes the logarithm of zero.

    Parameters
    ----------
    synapse : nengo_loihi.block.Synapse

    Returns
    -------
    code : int
        Place in ``SynapseConfig.INDEX_BITS_MAP``, or -1 for too many bits.
    """
    return 0 if synapse.max_ind() < 0 else _idx_bits(synapse)


def install() -> None:
    """Have synapses ask `idx_bits`. May be called again."""
    Synapse.idx_bits = idx_bits
