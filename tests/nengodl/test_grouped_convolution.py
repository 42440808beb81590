"""Convolutions with groups that read the same signal."""

import nengo
import nengo_dl
import numpy as np


def test_grouped_convolutions_of_one_signal_are_computed_apart():
    rng = np.random.RandomState(0)
    with nengo.Network() as net:
        node = nengo.Node(rng.uniform(size=36 * 4))
        probes = []
        for groups in (4, 4, 2, 1, 1):
            transform = nengo.Convolution(
                4,
                (6, 6, 4),
                kernel_size=(2, 2),
                strides=(2, 2),
                groups=groups,
                init=rng.uniform(size=(2, 2, 4 // groups, 4)),
            )
            target = nengo.Node(size_in=transform.size_out)
            nengo.Connection(node, target, transform=transform, synapse=None)
            probes.append(nengo.Probe(target))
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run_steps(1)
    with nengo_dl.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(1)
        merged = [len(ops) for ops in sim.tensor_graph.plan if hasattr(ops[0], "conv")]
    assert sorted(merged) == [1, 1, 1, 2]
    for probe in probes:
        np.testing.assert_allclose(sim.data[probe], reference.data[probe], rtol=1e-5)
