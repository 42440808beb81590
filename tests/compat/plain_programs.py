"""Programs that have nothing to do with this package, and all that can be seen of them.

Run by `test_plain_programs` in processes with and without `nengo_softlif`.
"""

import hashlib
import json
import warnings

import nengo
import numpy as np
from nengo.utils.filter_design import expm

# its lock, if another process holds it, makes warnings of their own
nengo.rc.set("decoder_cache", "enabled", "False")

RNG = np.random.RandomState(3)
KERNEL = RNG.uniform(-0.2, 1, size=(3, 3, 1, 4))
NEXT_KERNEL = RNG.uniform(-0.1, 0.3, size=(5, 5, 4, 60))
KERNELS = [RNG.uniform(size=(2, 2, 4, 4)) for _ in range(2)]
BIAS = RNG.uniform(0, 100, size=144)
INPUT = RNG.uniform(size=6 * 6 * 4)


def observe(program):
    """Run a program; returns its result, or error, and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = program()
        except Exception as error:
            result = [type(error).__name__, str(error)]
    seen = [(w.category.__name__, str(w.message), w.filename, w.lineno) for w in caught]
    return {"result": result, "warnings": seen}


def filtered_vector():
    """Raises on NumPy 2.4."""
    return nengo.Lowpass(0.01).filt(np.ones(20)).tolist()


def large_matrix_exponential():
    """Raises on NumPy 2."""
    return float(expm(np.eye(300)).sum())


def nengo_network():
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(30, 1)
        nengo.Connection(nengo.Node(0.5), ens)
        probe = nengo.Probe(ens, synapse=nengo.LinearFilter([1, 0.5], [1, -0.5], analog=False))
    with nengo.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(50)
    return sim.data[probe].tolist()


NENGO = (filtered_vector, large_matrix_exponential, nengo_network)


def on_loihi(net, n_steps=60, **kwargs):
    """All that can be seen of a simulation: blocks, use of cores, connections, probes."""
    import nengo_loihi

    with nengo_loihi.Simulator(net, seed=1, **kwargs) as sim:
        sim.run_steps(n_steps)
        compartments = sim.sims["emulator"].compartment
    split = sim.model.split
    parts = (split, split.passthrough, split.hostchip, compartments)
    return {
        "contents": _contents(sim.model),
        "blocks": [list(map(str, b.utilization().values())) for b in sim.model.blocks],
        "classes": [type(part).__name__ for part in parts],
        "merged": sorted(repr(c.transform) for c in split.passthrough.to_add),
        "data": [np.asarray(sim.data[probe]).tolist() for probe in net.all_probes],
    }


def _contents(model):
    """Synapses, axons and probes of all cores, with every number in them."""
    synapses = {s: k for k, s in enumerate(s for block in model.blocks for s in block.synapses)}
    rows = [
        [
            [np.asarray(a).tolist() for a in (*s.weights, *s.indices)],
            s.pop_type,
            vars(s.synapse_cfg),
        ]
        for s in synapses
    ]
    axons = [
        [synapses[a.target], a.n_axons, _plain(a.compartment_map), _plain(a.compartment_atoms)]
        for sender in (*model.inputs, *model.blocks)
        for a in sender.axons
    ]
    numbers = {block: k for k, block in enumerate(model.blocks)}
    probes = [
        [[numbers[b] for b in p.target], list(map(_plain, p.slice)), _plain(p.reindexing)]
        for p in model.probes
    ]
    text = json.dumps([rows, axons, probes], default=int)
    return hashlib.sha256(text.encode()).hexdigest(), len(rows), len(axons)


def _plain(value):
    return str(value) if isinstance(value, slice) else np.asarray(value).tolist()


def several_cores():
    """Dense, sparse and scalar weights between parts of populations, and probes of some neurons."""
    import nengo_loihi

    rng = np.random.RandomState(0)
    dense = rng.normal(0, 0.05, size=(60, 60))
    indices = np.stack(np.nonzero(dense > 0.05), axis=1)
    sparse = nengo.Sparse((60, 60), indices=indices, init=dense[dense > 0.05])
    with nengo.Network(seed=0) as net:
        nengo_loihi.add_params(net)
        first, second = (nengo.Ensemble(60, 1, bias=np.linspace(0, 3, 60)) for _ in range(2))
        first.gain = second.gain = np.ones(60)
        for ens, size in ((first, 25), (second, 20)):
            net.config[ens].block_shape = nengo_loihi.BlockShape((size,), (60,))
        for transform in (dense, sparse, 0.1):
            nengo.Connection(first.neurons, second.neurons, transform=transform)
        nengo.Connection(second, first)
        for part in (slice(None), slice(5, 50, 3), [1, 2, 40]):
            nengo.Probe(second.neurons[part])
        nengo.Probe(second.neurons[[1, 2, 40]], synapse=0.01)
    return on_loihi(net)


def decoded(target="sim"):
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(50, 2)
        nengo.Connection(nengo.Node([0.5, -0.3]), ens)
        other = nengo.Ensemble(1100, 1)
        nengo.Connection(ens, other, function=lambda x: x[0] * x[1])
        nengo.Probe(other, synapse=0.02)
    return on_loihi(net, target=target)


def decoded_in_floats():
    return decoded("simreal")


def convolutional_network():
    """Two convolutions, of which the second takes several cores; no passthrough nodes."""
    import nengo_loihi

    with nengo.Network(seed=0) as net:
        nengo_loihi.add_params(net)
        net.config[nengo.Ensemble].gain = nengo.dists.Choice([1])
        net.config[nengo.Ensemble].bias = nengo.dists.Choice([0])
        first = nengo.Convolution(4, (12, 12, 1), init=KERNEL)
        second = nengo.Convolution(60, first.output_shape, kernel_size=(5, 5), init=NEXT_KERNEL)
        image = nengo.Ensemble(144, 1, bias=BIAS, neuron_type=nengo.SpikingRectifiedLinear())
        net.config[image].on_chip = False
        layers = [nengo.Ensemble(t.size_out, 1) for t in (first, second)]
        nengo.Connection(image.neurons, layers[0].neurons, transform=first, synapse=0.005)
        nengo.Connection(layers[0].neurons, layers[1].neurons, transform=second, synapse=0.005)
        # what NengoLoihi leaves to Nengo: a convolution with groups on the host
        pooled = nengo.Node(size_in=36)
        pool = nengo.Convolution(
            1, (12, 12, 1), kernel_size=(2, 2), strides=(2, 2), init=np.ones((2, 2, 1, 1))
        )
        nengo.Connection(image.neurons, pooled, transform=pool)
        for layer in layers:
            nengo.Probe(layer.neurons)
        nengo.Probe(pooled)
    return net


def convolutions():
    return on_loihi(convolutional_network(), 20)


def passthrough_nodes():
    with nengo.Network(seed=2) as net:
        pre, post = nengo.Ensemble(40, 2), nengo.Ensemble(40, 2)
        nodes = [nengo.Node(size_in=2) for _ in range(2)]
        nengo.Connection(pre, nodes[0])
        nengo.Connection(nodes[0], nodes[1], transform=[[0, 1], [1, 0]], synapse=None)
        nengo.Connection(nodes[1], post)
        nengo.Probe(post.neurons)
    return on_loihi(net)


def learning():
    with nengo.Network(seed=2) as net:
        stimulus = nengo.Node(lambda t: np.sin(30 * t))
        pre, post = nengo.Ensemble(40, 1), nengo.Node(size_in=1)
        nengo.Connection(stimulus, pre)
        rule = nengo.PES(learning_rate=2e-3)
        learned = nengo.Connection(pre, post, function=lambda x: 0, learning_rule_type=rule)
        error = nengo.Node(size_in=1)
        nengo.Connection(post, error)
        nengo.Connection(stimulus, error, transform=-1)
        nengo.Connection(error, learned.learning_rule)
        nengo.Probe(post, synapse=0.01)
    return on_loihi(net)


def refused_synapse():
    with nengo.Network(seed=2) as net:
        pre, post = nengo.Ensemble(40, 2), nengo.Ensemble(40, 2)
        nengo.Connection(pre.neurons, post.neurons, synapse=nengo.Alpha(0.01))
    return on_loihi(net)


LOIHI = (
    decoded,
    decoded_in_floats,
    convolutions,
    passthrough_nodes,
    learning,
    refused_synapse,
    several_cores,
)


def merged_operators():
    """Two convolutions that read one signal, and two processes."""
    import nengo_dl

    with nengo.Network(seed=0) as net:
        node = nengo.Node(INPUT)
        for kernel in KERNELS:
            transform = nengo.Convolution(
                4, (6, 6, 4), kernel_size=(2, 2), strides=(2, 2), init=kernel
            )
            target = nengo.Node(size_in=transform.size_out)
            nengo.Connection(node, target, transform=transform, synapse=None)
            nengo.Probe(target)
        ens = nengo.Ensemble(20, 1, neuron_type=nengo.LIF())
        nengo.Connection(node[0], ens)
        for tau in (0.005, 0.01):
            nengo.Probe(ens, synapse=tau)
    with nengo_dl.Simulator(net, progress_bar=False, seed=0) as sim:
        sim.run_steps(10)
        plan = [(type(ops[0]).__name__, len(ops)) for ops in sim.tensor_graph.plan]
    return {"plan": plan, "data": [sim.data[probe].tolist() for probe in net.all_probes]}


NENGO_DL = (merged_operators,)


def observe_all(programs):
    """Observe programs by their names."""
    return {program.__name__: observe(program) for program in programs}
