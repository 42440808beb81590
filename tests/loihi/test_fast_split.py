"""The fast split of synapses and axons is NengoLoihi's."""

import nengo
import nengo_loihi
import numpy as np
import pytest
import scipy.sparse
from nengo_loihi.builder import split_blocks, validate

from nengo_softlif.loihi.extensions import fast_split
from nengo_softlif.loihi.extensions.block_shapes import split_model
from nengo_softlif.loihi.fit.trial import build_on_trial
from tests.loihi.networks import convolution, new_network


def sparse(rng, shape):
    matrix = scipy.sparse.random(*shape, 0.2, format="csr", random_state=rng)
    return nengo.Sparse(shape, init=matrix)


def network(rng, kind):
    """Two populations on several cores each, with a part of the host in front of them."""
    shape, parts = (6, 6, 4), [(3, 4, 4), (4, 2, 3)]
    with new_network() as net:
        host = nengo.Ensemble(144, 1)
        net.config[host].on_chip = False
        first, second = (nengo.Ensemble(144, 2, bias=np.linspace(-1, 2, 144)) for _ in range(2))
        for ens, part in zip((first, second), parts, strict=True):
            net.config[ens].block_shape = nengo_loihi.BlockShape(part, shape)
        for pre, post in ((host, first), (first, second)):
            transform = {
                "dense": rng.uniform(-1, 1, size=(144, 144)),
                "equal": np.ones((144, 144)),
                "sparse": sparse(rng, (144, 144)),
                "scalar": 0.5,
            }.get(kind)
            if kind.startswith("pop"):
                transform = convolution(rng, shape, 4, 3, padding="same")
            conn = nengo.Connection(pre.neurons, post.neurons, transform=transform)
            if kind.startswith("pop"):
                net.config[conn].pop_type = int(kind[3:])
        if kind == "scalar":
            nengo.Connection(nengo.Node([0.5]), first[:1])
            nengo.Connection(first, second, function=np.square)
            nengo.Connection(second.neurons[::2], first.neurons[10:82])
        nengo.Probe(second.neurons, synapse=None)
    return net


def contents(model):
    """All that the split makes: blocks, synapses and axons, as plain values."""
    synapses = {s: k for k, s in enumerate(s for block in model.blocks for s in block.synapses)}

    def of(value):
        return None if value is None else (np.asarray(value).dtype.kind, np.array(value).tolist())

    found = [
        (
            s.label,
            s.n_axons,
            s.pop_type,
            vars(s.synapse_cfg),
            [(w.dtype, w.tolist()) for w in s.weights],
            [(i.dtype, i.tolist()) for i in s.indices],
            of(s.axon_to_weight_map),
            of(s.axon_compartment_bases),
        )
        for s in synapses
    ]
    axons = [
        (a.label, a.n_axons, synapses[a.target], of(a.compartment_map), of(a.compartment_atoms))
        for sender in (*model.inputs, *model.blocks)
        for a in sender.axons
    ]
    return found, axons


@pytest.mark.parametrize("kind", ["dense", "equal", "sparse", "scalar", "pop16", "pop32"])
def test_parts_are_those_of_nengo_loihi(kind, rng, monkeypatch):
    made = []
    net = network(rng, kind)
    for split in (fast_split.split_synapse, fast_split._split_synapse):
        monkeypatch.setattr(split_blocks, "split_synapse", split)
        axon = fast_split.split_axon if not made else fast_split._split_axon
        monkeypatch.setattr(split_blocks, "split_axon", axon)
        trial = build_on_trial(net)
        assert not trial.refusals
        split_model(trial.model)
        assert len(trial.model.blocks) >= 9
        made.append(contents(trial.model))
    assert made[0] == made[1]


def test_an_atom_that_no_population_has_is_refused(rng):
    model = build_on_trial(network(rng, "pop32")).model
    (axon,) = (axon for spike_input in model.inputs for axon in spike_input.axons)
    validate.validate_axon(axon)
    axon.compartment_atoms = axon.compartment_atoms + 1
    with pytest.raises(AssertionError):
        validate.validate_axon(axon)


@pytest.mark.parametrize("kind", ["dense", "sparse", "pop16"])
def test_bits_of_weights_are_counted_as_nengo_loihi_counts_them(rng, kind):
    model = build_on_trial(network(rng, kind)).model
    for synapse in (s for block in model.blocks for s in block.synapses):
        one_by_one = sum(synapse.synapse_cfg.bits_per_axon(w.size) for w in synapse.weights)
        assert synapse.bits() == one_by_one > 0
