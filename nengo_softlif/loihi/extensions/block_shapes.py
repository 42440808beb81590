"""Split populations into the fewest blocks that fit the cores of the chip."""

from itertools import product
from math import ceil, prod

import nengo
import numpy as np
from nengo.ensemble import Neurons
from nengo.exceptions import BuildError, NengoException
from nengo_loihi.builder import network as loihi_network
from nengo_loihi.builder.builder import ValidationLevel
from nengo_loihi.builder.split_blocks import split_model as _split_model
from nengo_loihi.config import BlockShape

from nengo_softlif.loihi.demand import BlockDemand, compartments_of_parts
from nengo_softlif.loihi.extensions.discrete_lif import fraction_bits
from nengo_softlif.loihi.extensions.neurons import subtracts_threshold
from nengo_softlif.loihi.extensions.split import is_extended
from nengo_softlif.loihi.limits import RESOURCES

__all__ = ["as_block_shape", "choose_block_shapes", "install", "split_model"]


def split_model(model):
    """Split the blocks of a model; our rules choose the shapes if the network needs them.

    By ours a block without a shape gets the one with the fewest parts. NengoLoihi cuts such a
    block into equal parts of a line. Those of a convolution then share few inputs and store many
    kernels twice. It goes on to do so for networks that are not built with our extensions, unless
    a part would be too large for its core.

    Parameters
    ----------
    model : nengo_loihi.builder.Model
        With all blocks built; changed in place.

    Returns
    -------
    block_map : dict of LoihiBlock to dict of LoihiBlock to list of int
        The parts of each block, each with its compartments in the block.
    """
    for block, shape in model.block_shapes.items():
        model.block_shapes[block] = as_block_shape(block, shape)
    is_validated = model.validation_level is not ValidationLevel.NONE
    if is_extended(model) or (is_validated and not _lines_fit(model)):
        choose_block_shapes(model)
    block_map = _split_model(model)
    for block, parts in block_map.items():
        for part in parts:
            part.compartment.subtracts_threshold = subtracts_threshold(block.compartment)
            part.compartment.fraction_bits = fraction_bits(block.compartment)
    return block_map


def _lines_fit(model):
    """Whether the cores hold the parts that NengoLoihi makes of blocks without a shape."""
    given = {block: shape for block, shape in model.block_shapes.items() if shape is not None}
    shapes = {block: given.get(block) or _line_of_nengo_loihi(block) for block in model.blocks}
    if all(shape.n_splits == 1 for shape in shapes.values()):
        return True
    needs = _Needs(model.blocks, shapes)
    for block in shapes.keys() - given.keys():
        demand = BlockDemand(block)
        if not (_input_fits(demand, shapes[block]) and _output_fits(demand, shapes[block], needs)):
            return False
    return True


def _line_of_nengo_loihi(block):
    n_parts = max(ceil(needed / limit) for needed, limit in block.utilization().values())
    return BlockShape((ceil(block.n_neurons / n_parts),), (block.n_neurons,))


def as_block_shape(block, shape):
    """Return the shape that was given for a block as NengoLoihi needs it.

    Parameters
    ----------
    block : nengo_loihi.block.LoihiBlock
    shape : nengo_loihi.BlockShape, (tuple of int, tuple of int) or None
        Converted networks have the shapes of a part and of all, so that they don't need NengoLoihi.

    Returns
    -------
    block_shape : nengo_loihi.BlockShape or None

    Raises
    ------
    nengo.exceptions.BuildError
        If it does not fit the number of neurons.
    """
    if shape is None or isinstance(shape, BlockShape):
        made = shape
    else:
        try:
            with np.errstate(all="ignore"):  # a size of 0 is refused below
                made = BlockShape(*shape)
        except (NengoException, TypeError, ValueError) as error:
            raise _wrong_shape(block, shape) from error
    if made is not None and (made.ensemble_size != block.n_neurons or min(made.shape) < 1):
        raise _wrong_shape(block, (made.shape, made.ensemble_shape))
    return made


def _wrong_shape(block, shape):
    return BuildError(
        f"{block}: block_shape must be two tuples of equal length, the neurons on a core and in "
        f"all, the latter {block.n_neurons} (got {shape})"
    )


def choose_block_shapes(model):
    """Give every block a shape that has none.

    The parts of a block have to hold their compartments, input axons and synapses, which depends
    on their own shape alone, and their output axons, which depends on the parts of the blocks
    that they send to as well. So output axons are looked at when all blocks have a shape, and
    again whenever one of them has been split further.

    Parameters
    ----------
    model : nengo_loihi.builder.Model
        Its ``block_shapes`` are completed.
    """
    shapes = model.block_shapes
    image_shapes = _image_shapes(model)
    searches = {
        block: _Search(block, image_shapes.get(block, ()))
        for block in model.blocks
        if shapes.get(block) is None
    }
    for block, search in searches.items():
        # where nothing fits, NengoLoihi's validation will say what is too large
        shapes[block] = search.next() or next(_by_line(block.n_neurons))
    needs = _Needs(model.blocks, shapes)
    unsure = list(searches)
    while unsure:
        block = unsure.pop()
        demand = searches[block].demand
        if _output_fits(demand, shapes[block], needs):
            continue
        shape = searches[block].next(lambda s, demand=demand: _output_fits(demand, s, needs))
        if shape is not None:
            shapes[block] = shape
            unsure += needs.senders(block) & set(searches)


def _input_fits(demand, shape):
    if shape.n_splits == 1:
        return _holds(*demand.whole())
    parts = compartments_of_parts(shape)
    # the middle of an image has the most inputs: look there first
    order = sorted(range(len(parts)), key=lambda k: abs(2 * k - len(parts)))
    return all(_holds(*demand.of_part(parts[k])) for k in order)


def _output_fits(demand, shape, needs):
    limit = RESOURCES["output axons"]
    return all(
        demand.out_axons(part, needs.of_synapse) <= limit for part in compartments_of_parts(shape)
    )


class _Needs:
    """Which axons the parts of all blocks need, for the shapes that they have now."""

    def __init__(self, blocks, shapes):
        self.shapes = shapes
        self.home = {synapse: block for block in blocks for synapse in block.synapses}
        self.demands = {}
        self.known = {}

    def senders(self, block):
        """Blocks with axons to a block."""
        return {
            sender
            for sender in self.shapes
            if any(self.home[axon.target] is block for axon in sender.axons)
        }

    def of_synapse(self, synapse):
        """Axons that each part needs: (n_parts, n_axons) ndarray of bool."""
        block = self.home[synapse]
        shape = self.shapes[block]
        if self.known.get(synapse, (None,))[0] is not shape:
            self.known[synapse] = shape, self._count(block, synapse, shape)
        return self.known[synapse][1]

    def _count(self, block, synapse, shape):
        if shape.n_splits == 1:
            return np.ones((1, synapse.n_axons), dtype=bool)
        if block not in self.demands:
            self.demands[block] = BlockDemand(block)
        demand = self.demands[block].synapses[synapse]
        return np.array([demand.needed(part) for part in compartments_of_parts(shape)])


class _Search:
    """Shapes of a block whose parts hold their compartments and inputs, the fewest parts first."""

    def __init__(self, block, image_shapes):
        self.demand = BlockDemand(block)
        candidates = list(_by_line(block.n_neurons))
        for shape in image_shapes:
            candidates += _by_box(shape)
        candidates.sort(key=_n_parts, reverse=True)
        self.left = candidates
        if self.demand.fan_in.max(initial=0) > RESOURCES["input axons"]:
            self.left = []

    def next(self, is_allowed=lambda shape: True):
        """The next best shape, or None if there is none left."""
        while self.left:
            n_parts = _n_parts(self.left[-1])
            fitting = []
            while self.left and _n_parts(self.left[-1]) == n_parts:
                shape = self.left.pop()
                if is_allowed(shape) and _input_fits(self.demand, shape):
                    fitting.append(shape)
            if fitting:
                # of equally many parts, those that share their inputs best: the least traffic
                best = min(fitting, key=self._in_axons)
                self.left += [shape for shape in fitting if shape is not best]
                return best
        return None

    def _in_axons(self, shape):
        return sum(self.demand.in_axons(part) for part in compartments_of_parts(shape))


def _holds(in_axons, synapse_bits):
    return in_axons <= RESOURCES["input axons"] and synapse_bits <= RESOURCES["synapse bits"]


def _n_parts(shape):
    return int(shape.n_splits)


def _sizes(n):
    """Sizes that cut ``n`` into different numbers of nearly equal parts, the largest first."""
    return sorted({ceil(n / k) for k in range(1, n + 1)}, reverse=True)


def _by_line(n):
    """Shapes of equal parts of a line, the fewest first."""
    for size in _sizes(n):
        if size <= RESOURCES["compartments"]:
            yield BlockShape((size,), (n,))


def _by_box(image_shape):
    """Shapes of equal parts of an image."""
    for sizes in product(*map(_sizes, image_shape)):
        if prod(sizes) <= RESOURCES["compartments"]:
            yield BlockShape(sizes, image_shape)


def _image_shapes(model):
    """Shapes of the images that convolutions write to blocks, or read from them."""
    split = model.split.passthrough
    found = {}
    for conn in {*model.toplevel.all_connections, *split.to_add} - split.to_remove:
        transform = conn.transform
        if isinstance(transform, (nengo.Convolution, nengo.ConvolutionTranspose)):
            for obj, shape in (
                (conn.post, transform.output_shape),
                (conn.pre, transform.input_shape),
            ):
                block = model.objs.get(obj, {}).get("in") if isinstance(obj, Neurons) else None
                if block is not None and shape.size == block.n_neurons:
                    found.setdefault(block, set()).add(shape.shape)
    return {block: sorted(shapes) for block, shapes in found.items()}


def install():
    """Have NengoLoihi ask `split_model`. May be called again."""
    loihi_network.split_model = split_model
