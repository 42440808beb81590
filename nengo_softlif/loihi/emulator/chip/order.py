"""In which order compartments are kept: as in the network, before it was split over cores."""

import numpy as np

__all__ = ["find_order"]


def find_order(blocks, block_comp_map):
    """Find the order in which parts of one population are neighbors again.

    NengoLoihi numbers the compartments of one core after those of another. If each core has some
    channels of an image, the channels of a pixel are far apart, and so are the targets of a spike.

    Parameters
    ----------
    blocks : list of nengo_loihi.block.LoihiBlock
    block_comp_map : dict of LoihiBlock to sequence of int
        Which compartments of a population are in the parts it was split into.

    Returns
    -------
    order : (n_compartments,) ndarray
        NengoLoihi's numbers of the compartments, in our order.
    """
    populations = []
    for block in blocks:
        indices = block_comp_map.get(block)
        indices = np.arange(block.n_neurons) if indices is None else np.array(list(indices))
        if 0 in indices:  # the first part of another one
            populations.append([])
        populations[-1].append(indices)
    populations = [np.concatenate(parts) for parts in populations]
    first = np.cumsum([0, *map(len, populations)])[:-1]
    return np.concatenate([n + np.argsort(p) for n, p in zip(first, populations, strict=True)])
