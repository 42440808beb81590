"""Passthrough nodes between any two linear transforms are merged into one connection.

NengoLoihi can leave out a passthrough node (pooling, flattening, concatenation) only between
Dense transforms. Here the two linear maps are composed exactly, and a convolution stays a
convolution wherever possible, since its weights are stored once for all places of the image.
"""

import nengo
import numpy as np
from nengo.ensemble import Neurons
from nengo_loihi.passthrough import Cluster, ClusterError, PassthroughSplit, base_obj

from nengo_softlif.functional.composition import compose
from nengo_softlif.functional.linear import IndexMap
from nengo_softlif.loihi.extensions.transforms import describe, to_transform

__all__ = ["LinearCluster", "LinearPassthroughSplit", "merge_transforms"]


def merge_transforms(
    first, second, *, n_in, n_mid, first_slice, second_slice, dense=False, shared=True
):
    """Merge two transforms, and the node between them, into one.

    Parameters
    ----------
    first, second : nengo.transforms.Transform
        Of the connections into and out of the node.
    n_in, n_mid : int
        Number of inputs of the first transform, and size of the node.
    first_slice, second_slice : slice or list of int
        The elements of the node that the first connection writes, and that the second reads.
    dense : bool
        Whether the result has to be a Dense.
    shared : bool
        Whether the result may be a Convolution.

    Returns
    -------
    transform : nengo.transforms.Transform
        Equal, to rounding, to the two in sequence.
    """
    elements = np.arange(n_mid)
    written, read = elements[first_slice], elements[second_slice]
    position = np.full(n_mid, -1)
    position[read] = np.arange(len(read))
    before = describe(first, n_in)
    after = describe(second, len(read))
    merged = compose(after, IndexMap(position[written], len(read)), before)
    return to_transform(merged, dense=dense, shared=shared)


class LinearCluster(Cluster):
    """Connected passthrough nodes, with any linear transforms between them."""

    def merge_transforms(self, node, sizes, transforms, slices):
        """Merge transforms in front of and behind a node; called by `Cluster`."""
        return merge_transforms(
            *transforms,
            n_in=sizes[0],
            n_mid=node.size_in,
            first_slice=slices[0],
            second_slice=slices[1],
        )

    def generate_conns(self):
        """Generate the connections that take the place of the nodes."""
        outputs = {}
        for conn in self.conns_in | self.conns_mid | self.conns_out:
            outputs.setdefault(conn.pre_obj, set()).add(conn)

        for conn in self.conns_in:
            paths = self.generate_from(conn.post_obj, outputs)
            for k, (pre_slice, transform, synapse, post) in enumerate(paths):
                merged = merge_transforms(
                    conn.transform,
                    transform,
                    n_in=conn.size_mid,
                    n_mid=conn.post_obj.size_in,
                    first_slice=conn.post_slice,
                    second_slice=pre_slice,
                    # decoded values travel through decoder weights, which are dense
                    dense=not isinstance(conn.pre_obj, Neurons),
                    shared=_may_share_weights(post),
                )
                if _is_zero(merged):
                    continue
                yield nengo.Connection(
                    conn.pre,
                    post,
                    function=conn.function,
                    eval_points=conn.eval_points,
                    scale_eval_points=conn.scale_eval_points,
                    synapse=self.merge_synapses(conn.synapse, synapse),
                    transform=merged,
                    add_to_container=False,
                    label=None if conn.label is None else f"{conn.label}_{k}",
                )


def _may_share_weights(post):
    """Whether a convolution to ``post`` is one for the chip: the gains scale its weights."""
    post = post.obj if isinstance(post, nengo.base.ObjView) else post
    if not isinstance(post, Neurons):
        return True
    gain = post.ensemble.gain
    if isinstance(gain, nengo.dists.Choice):
        gain = gain.options
    return isinstance(gain, np.ndarray) and bool(np.all(gain == gain.flat[0]))


def _is_zero(transform):
    weights = transform.init
    return weights.nnz == 0 if isinstance(transform, nengo.Sparse) else not np.any(weights)


class LinearPassthroughSplit(PassthroughSplit):
    """Finds the passthrough nodes to leave out, also behind spiking neurons on the host.

    Spikes can cross to the chip, filtered values can't without being encoded in spikes again.
    So a node between neurons on the host and neurons on the chip is merged into the weights on
    the chip.
    """

    def _find_clusters(self):
        linear = {}
        found = super()._find_clusters()
        for node, cluster in found.items():
            if cluster not in linear:
                linear[cluster] = LinearCluster(node)
                linear[cluster].merge_with(cluster)
        return {node: linear[cluster] for node, cluster in found.items()}

    def _split_cluster(self, cluster):
        if self._passes_spikes_from_host_to_chip(cluster):
            try:
                merged = list(cluster.generate_conns())
            except ClusterError:  # a loop, which can't be merged
                merged = None
            if merged is not None:
                self._already_split.add(cluster)
                self.to_remove.update(cluster.objs - cluster.probed_objs)
                self.to_remove.update(cluster.conns_in | cluster.conns_mid | cluster.conns_out)
                self.to_add.update(merged)
                return
        super()._split_cluster(cluster)

    def _passes_spikes_from_host_to_chip(self, cluster):
        inputs_spike = all(
            isinstance(conn.pre_obj, Neurons) and conn.pre_obj.ensemble.neuron_type.spiking
            for conn in cluster.conns_in
        )
        into_chip = any(self._on_chip(base_obj(conn.post)) for conn in cluster.conns_out)
        return bool(cluster.conns_in) and inputs_spike and into_chip
