"""Refuses max pooling of spikes, which the chip has nothing for."""

from nengo.exceptions import BuildError
from nengo_loihi import splitter
from nengo_loihi.splitter import HostChipSplit

from nengo_softlif.processes import SpikingMaxPool

__all__ = ["PoolingHostChipSplit", "install"]


class PoolingHostChipSplit(HostChipSplit):
    """Places objects on host or chip, all but nodes that pool spikes."""

    def _place_nodes(self, network):
        for node in network.all_nodes:
            if isinstance(node.output, SpikingMaxPool):
                raise BuildError(
                    f"{node}: Loihi has no max pooling of spikes (SpikingMaxPool): it would "
                    "have to know in every step which neuron of a window leads. Convert with "
                    'max_pool="average", best after training with average pooling, or train '
                    "with a strided convolution in the place of the pooling."
                )
        super()._place_nodes(network)


def install():
    """Have NengoLoihi use this class. May be called again."""
    splitter.HostChipSplit = PoolingHostChipSplit
