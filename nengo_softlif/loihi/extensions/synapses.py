"""Synapses without weights, and those that NengoLoihi's validation fails on."""

from __future__ import annotations

from nengo.exceptions import BuildError
from nengo_loihi.block import Synapse
from nengo_loihi.builder import validate

__all__ = ["idx_bits", "install", "validate_synapse"]

_validate_synapse = validate.validate_synapse
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


def validate_synapse(synapse: Synapse) -> None:
    """Check a synapse against the limits of the chip, as NengoLoihi does.

    NengoLoihi raises an AttributeError in place of its message about axons of ``pop_type`` 16.

    Parameters
    ----------
    synapse : nengo_loihi.block.Synapse

    Raises
    ------
    nengo.exceptions.BuildError
        If an axon of ``pop_type`` 16 begins between every fourth compartment.
    AssertionError
        If another rule of NengoLoihi does not hold.
    """
    bases = synapse.axon_compartment_bases
    if synapse.pop_type == 16 and bases is not None:
        wrong = [int(base) for base in bases if base >= 0 and base % 4]
        if wrong:
            raise BuildError(
                f"{synapse}: an axon of pop_type 16 begins at every fourth compartment of a core "
                f"(got {wrong[0]}). Use pop_type 32 for the connection, or a multiple of 4 "
                "channels on a core."
            )
    _validate_synapse(synapse)


def install() -> None:
    """Have NengoLoihi ask `idx_bits` and `validate_synapse`. May be called again."""
    Synapse.idx_bits = idx_bits
    validate.validate_synapse = validate_synapse
