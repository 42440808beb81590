"""Split populations over enough cores that the memory of each suffices."""

from nengo_loihi.block import MAX_IN_AXONS, MAX_SYNAPSE_BITS
from nengo_loihi.builder import split_blocks
from nengo_loihi.config import BlockShape

__all__ = ["split_block"]

_split_block = split_blocks.split_block


def split_block(old_block, block_shapes, **kwargs):
    """Split a block that has no shape given, into as few parts of equal size as fit.

    NengoLoihi makes the number of parts that would fit if axons and weights were divided evenly
    among them. But kernels that several parts use are stored in each.

    Parameters
    ----------
    old_block : nengo_loihi.block.LoihiBlock
    block_shapes : dict of LoihiBlock to BlockShape
        Gets the shape that was found.
    **kwargs
        As for NengoLoihi's function.

    Returns
    -------
    new_blocks : dict of LoihiBlock to list of int
        The parts, each with its compartments in the old block.
    """
    is_given = block_shapes.get(old_block) is not None
    new_blocks = _split_block(old_block, block_shapes, **kwargs)
    if is_given:
        return new_blocks
    n = old_block.n_neurons
    while len(new_blocks) > 1 and not _fit(old_block, new_blocks):
        (size,) = block_shapes[old_block].shape
        if size == 1:
            break  # NengoLoihi's validation will say what is too large
        n_parts = len(new_blocks) + 1
        while -(-n // n_parts) == size:
            n_parts += 1
        block_shapes[old_block] = BlockShape((-(-n // n_parts),), (n,))
        new_blocks = _split_block(old_block, block_shapes, **kwargs)
    if len(new_blocks) > 1:
        # trying has put synapses into the parts: hand out new ones
        new_blocks = _split_block(old_block, block_shapes, **kwargs)
    return new_blocks


def _fit(old_block, new_blocks):
    """Whether every part can hold its axons and weights."""
    for synapse in old_block.synapses:
        split_blocks.split_synapse(old_block, synapse, new_blocks)
    return all(
        sum(synapse.n_axons for synapse in block.synapses) <= MAX_IN_AXONS
        and sum(synapse.bits() for synapse in block.synapses) <= MAX_SYNAPSE_BITS
        for block in new_blocks
    )
