"""Advice on networks for Loihi, and on their comparison with the Keras model."""

import keras
import nengo
import nengo_loihi
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.layers import SoftLIF
from nengo_softlif.loihi.emulator.chip import CompiledEmulator
from nengo_softlif.loihi.extensions import linear_reset
from tests.hints.following import SHORT, Advice, follow, sequential
from tests.loihi.networks import convolution, new_network
from tests.loihi.test_emulator import model_of_one_neuron

L = keras.layers
SIMULATORS = (nengo_loihi.Simulator, nsl.loihi.Simulator)
RNG = np.random.RandomState(0)


def pair(transform=1.0, *, n_pre=4, n_post=4, host=(), conn=None, pre=None, post=None):
    """Two populations on the chip; ``host`` has the places of those that are put on the host."""
    with new_network() as net:
        first = nengo.Ensemble(n_pre, 1, label="first", bias=np.full(n_pre, 2.0))
        second = nengo.Ensemble(n_post, 1, label="second", bias=np.full(n_post, 1.5))
        for ens, options in ((first, pre), (second, post)):
            for name, value in (options or {}).items():
                setattr(ens, name, value)
        options = {"transform": transform, "synapse": 0.005, **(conn or {})}
        net.conn = nengo.Connection(first.neurons, second.neurons, **options)
        for k in host:
            net.config[(first, second)[k]].on_chip = False
        net.probe = nengo.Probe(second.neurons)
    return net


def runs(net, steps=30, **options):
    """Whether a network runs on both emulators, with equal spikes."""
    data = []
    for make in SIMULATORS:
        with make(net, seed=1, progress_bar=False, **options) as sim:
            sim.run_steps(steps)
            data.append(np.array(sim.data[net.probe]))
    return np.array_equal(*data)


def test_neurons_and_synapses():
    alpha = {"synapse": nengo.Alpha(0.005)}
    rate = {"neuron_type": nsl.SoftLIFRate()}
    long = nsl.SpikingLinearResetLIF(tau_rc=10.0)
    short = nsl.SpikingLinearResetLIF(tau_rc=1.0)
    for advice in [
        Advice(
            "Use a nengo.Lowpass or None for connections into neurons on the chip (RecurrentLIF "
            "with delay=1), or put the ensemble on the host with\n"
            "  net.config[ensemble].on_chip = False",
            lambda: runs(pair(conn=alpha)),
            lambda: (
                runs(pair(conn={"synapse": nengo.Lowpass(0.005)}))
                and runs(pair(conn={"synapse": None}))
                and runs(pair(conn=alpha, host=[1]))
            ),
        ),
        Advice(
            "which trains in the same way, or put the ensemble on the host with\n"
            "  net.config[ensemble].on_chip = False",
            lambda: runs(pair(post=rate)),
            lambda: (
                runs(pair(post={"neuron_type": nsl.SpikingLIF()}))
                and runs(pair(post=rate, host=[1]))
            ),
        ),
        Advice(
            "Use a shorter tau_rc, or no leak.",
            lambda: runs(pair(post={"neuron_type": long})),
            lambda: (
                runs(pair(post={"neuron_type": short}))
                and runs(pair(post={"neuron_type": nsl.SpikingLinearResetLIF(leak=False)}))
            ),
        ),
    ]:
        follow(advice)


def test_neurons_that_the_chip_itself_lacks(monkeypatch):
    """The chip is not at hand: a network that it takes is one that gets as far as to it."""
    monkeypatch.setattr(linear_reset, "HardwareInterface", lambda model: "chip")

    def for_chip(neuron_type, host=()):
        net = pair(post={"neuron_type": neuron_type}, host=host)
        with nengo_loihi.Simulator(net, target="sim") as sim:
            return linear_reset.hardware_interface(sim.model) == "chip"

    follow(
        Advice(
            "Use nengo_softlif.SpikingLIF, or SpikingDiscreteLIF with reset='zero', for this "
            "ensemble, put it on the host with net.config[ensemble].on_chip = False, or simulate "
            "with target='sim'.",
            lambda: for_chip(nsl.SpikingLinearResetLIF()),
            lambda: (
                for_chip(nsl.SpikingLIF())
                and for_chip(nsl.SpikingDiscreteLIF(reset="zero"))
                and for_chip(nsl.SpikingLinearResetLIF(), host=[1])
                and runs(pair(post={"neuron_type": nsl.SpikingLinearResetLIF()}), target="sim")
            ),
        )
    )


def decoded(transform, from_neurons=False):
    with nengo.Network(seed=0) as net:
        nsl.networks.enable_extensions(net)
        ens, node = nengo.Ensemble(9, 9), nengo.Node(size_in=9)
        pre = ens.neurons if from_neurons else ens
        nengo.Connection(pre, node, transform=transform, synapse=0.01)
        net.probe = nengo.Probe(node)
    return net


def decoded_pair(transform):
    with nengo.Network(seed=0) as net:
        first, second = (nengo.Ensemble(20, 4) for _ in range(2))
        nengo.Connection(first, second, transform=transform)
        net.probe = nengo.Probe(second.neurons)
    return net


class Halved(nengo.transforms.Transform):
    """A transform of one's own, which Nengo builds but nobody merges."""

    def __init__(self, n):
        super().__init__()
        self.n = n

    size_in = size_out = property(lambda self: self.n)

    def sample(self, rng=np.random):
        return self.matrix.sample(rng)

    @property
    def matrix(self):
        return nengo.Dense((self.n, self.n), init=np.eye(self.n) / 2)


def build_halved(model, transform, *args, **kwargs):
    return model.build(transform.matrix, *args, **kwargs)


def through_node(first, remove=True):
    """Spikes through a passthrough node: merged, or on the host."""
    with new_network() as net:
        pre, post = (nengo.Ensemble(6, 1, bias=np.full(6, b)) for b in (2.0, 0.5))
        node = nengo.Node(size_in=6)
        nengo.Connection(pre.neurons, node, transform=first, synapse=None)
        nengo.Connection(node, post.neurons, synapse=0.01)
        net.probe = nengo.Probe(post.neurons)
    return runs(net, remove_passthrough=remove)


def test_connections(monkeypatch):
    monkeypatch.setitem(nengo.builder.Builder.builders, Halved, build_halved)
    sparse = nengo.Sparse((9, 9), indices=[[0, 1]], init=[1.0])
    random = nengo.Dense((6, 6), init=nengo.dists.Uniform(0, 1))
    vector = np.full(6, 0.5)
    image = convolution(RNG, (2, 2, 1), 1, 1)
    for advice in [
        Advice(
            "Connect from the neurons of the ensemble, or use a Dense transform.",
            lambda: runs(decoded(sparse)),
            lambda: (
                runs(decoded(sparse, from_neurons=True))
                and runs(decoded(nengo.Dense((9, 9), init=sparse.sample().toarray())))
            ),
        ),
        Advice(
            "Connect the neurons of the ensembles, or use a Dense transform.",
            lambda: runs(decoded_pair(image)),
            lambda: runs(pair(image)) and runs(decoded_pair(np.ones((4, 4)))),
        ),
        Advice(
            "can't take spikes off the chip. Write it as a matrix, np.diag(transform).",
            lambda: runs(decoded(np.ones(9), from_neurons=True)),
            lambda: runs(decoded(np.diag(np.ones(9)), from_neurons=True)),
        ),
        Advice(
            "Use an array, or set `remove_passthrough=False`.",
            lambda: through_node(random),
            lambda: through_node(np.ones((6, 6)) / 6) and through_node(random, remove=False),
        ),
        Advice(
            "Use Dense, Sparse, Convolution or ConvolutionTranspose, or set "
            "`remove_passthrough=False`.",
            lambda: through_node(Halved(6)),
            lambda: through_node(Halved(6).matrix) and through_node(Halved(6), remove=False),
        ),
        Advice(
            "a passthrough node can't be merged with a transform of shape",
            lambda: through_node(vector),
            lambda: through_node(np.diag(vector)),
        ),
    ]:
        follow(advice)


def pooled(max_pool, *, strides=None):
    pool = L.Conv2D(2, 2, strides=strides) if strides else L.MaxPooling2D(2)
    layers = [L.Conv2D(2, 2), SoftLIF(), pool, L.Conv2D(2, 1), SoftLIF(), L.Flatten(), L.Dense(2)]
    spiking = nsl.convert(sequential(*layers, shape=(5, 5, 1)), max_pool=max_pool)
    x = RNG.uniform(size=(2, 5, 5, 1))
    return len(nsl.predict(spiking, x, backend="loihi", **SHORT).output) == 2


def test_max_pooling():
    follow(
        Advice(
            'Convert with max_pool="average", best after training with average pooling, or train '
            "with a strided convolution in the place of the pooling.",
            lambda: pooled("spiking"),
            lambda: pooled("average") and pooled("spiking", strides=2),
        )
    )


def in_batch(precompute=None, *, one_by_one=False, learns=False):
    with nengo.Network(seed=0) as net:
        stimulus = nengo.Node([0.5])
        pre, post = nengo.Ensemble(20, 1), nengo.Node(size_in=1)
        nengo.Connection(stimulus, pre)
        learned = nengo.Connection(
            pre, post, learning_rule_type=nengo.PES() if learns else None, synapse=0.01
        )
        if learns:
            nengo.Connection(nengo.Node(0.1), learned.learning_rule)
        probe = nengo.Probe(post)
    with nsl.loihi.Simulator(net, precompute=precompute, progress_bar=False) as sim:
        if not one_by_one:
            return sim.run_batch({stimulus: [[0.5], [0.5]]}, 20)[probe].shape == (2, 20, 1)
        found = []
        for _ in range(2):
            sim.reset()
            sim.run_steps(20)
            found.append(sim.data[probe].copy())
        return np.array_equal(*found)


def learned_on_loihi(rule, solver=None, *, neurons=False, on_chip=None):
    with nengo.Network(seed=0) as net:
        nengo_loihi.add_params(net)
        pre, post, reader = (nengo.Ensemble(20, 1) for _ in range(3))
        conn = nengo.Connection(
            pre.neurons if neurons else pre,
            post,
            transform=np.full((1, 20), 0.01) if neurons else 1,
            solver=solver or nengo.solvers.LstsqL2(),
            learning_rule_type=rule,
        )
        if isinstance(rule, nengo.PES):
            nengo.Connection(nengo.Node(0.1), conn.learning_rule)
        nengo.Connection(post, reader)
    net.config[pre].on_chip = net.config[post].on_chip = on_chip
    with nsl.loihi.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(5)
    return nsl.loihi.check(net).fits


def test_learning():
    weights = nengo.solvers.LstsqL2(weights=True)
    for advice in [
        Advice(
            "; give the connection learning_rule_type=nengo.PES(), or",
            lambda: learned_on_loihi([nengo.PES()]),
            lambda: learned_on_loihi(nengo.PES()),
        ),
        Advice(
            "; give the connection a solver with weights=False, or",
            lambda: learned_on_loihi(nengo.PES(), weights),
            lambda: learned_on_loihi(nengo.PES(), nengo.solvers.LstsqL2(weights=False)),
        ),
        Advice(
            "; connect from the ensemble, or",
            lambda: learned_on_loihi(nengo.PES(), neurons=True),
            lambda: learned_on_loihi(nengo.PES(), neurons=False),
        ),
        Advice(
            "put the ensembles at both ends on the host with\n  net.config[ensemble]",
            lambda: learned_on_loihi([nengo.PES(), nengo.PES()]),
            lambda: all(
                learned_on_loihi(*learning, on_chip=False)
                for learning in [
                    ([nengo.PES(), nengo.PES()],),
                    (nengo.PES(),),
                    (nengo.PES(), weights),
                    (nengo.RLS(),),
                    (nengo.Voja(),),
                ]
            ),
        ),
    ]:
        follow(advice)


def reset_again(learns, build_again, target="sim"):
    with nengo.Network(seed=0) as net:
        pre, post = nengo.Ensemble(20, 1), nengo.Node(size_in=1)
        conn = nengo.Connection(pre, post, learning_rule_type=nengo.PES() if learns else None)
        if learns:
            nengo.Connection(nengo.Node(0.1), conn.learning_rule)
        probe = nengo.Probe(post)
    with nengo_loihi.Simulator(net, seed=1) as sim:
        sim.run_steps(20)
        first = sim.data[probe].copy()
        if not build_again:
            if target == "loihi":  # what a simulator on the chip looks like
                sim.target, sim.sims["loihi"] = target, sim.sims.pop("emulator")
            nsl.loihi.reset(sim)
    with nengo_loihi.Simulator(net, seed=1) as sim:
        sim.run_steps(20)
        return np.array_equal(sim.data[probe], first)


def test_runs_of_many_samples():
    for advice in [
        Advice(
            "Leave precompute out, unless connections learn or the chip depends on what the host "
            "makes of its output; else run one sample after the other, with reset().",
            lambda: in_batch(precompute=False),
            lambda: in_batch() and in_batch(learns=True, one_by_one=True),
        ),
        Advice(
            "only the emulator can be reset (target='sim' or 'simreal'). Build a new Simulator.",
            lambda: reset_again(learns=False, build_again=False, target="loihi"),
            lambda: reset_again(learns=False, build_again=True),
        ),
        Advice(
            "learning has overwritten the initial weights. Build a new Simulator.",
            lambda: reset_again(learns=True, build_again=False),
            lambda: reset_again(learns=True, build_again=True),
        ),
    ]:
        follow(advice)


def by_hand(axon_map=(0, 1, 2), atoms=(0, 0, 0)):
    """A model of an input and a block."""
    model = model_of_one_neuron(3)
    (spike_input,) = model.inputs
    spike_input.axons[0].set_compartment_axon_map(np.array(axon_map), atoms=np.array(atoms))
    emulator = CompiledEmulator(model)
    emulator.run_steps(5)
    return emulator.t == 5


def test_models_made_by_hand():
    for advice in [
        Advice(
            "Give it a map to those that there are.",
            lambda: by_hand(axon_map=(0, 1, 3)),
            lambda: by_hand(axon_map=(0, 1, 2)),
        ),
        Advice(
            "Give it atoms below that.",
            lambda: by_hand(atoms=(0, 1, 0)),
            lambda: by_hand(atoms=(0, 0, 0)),
        ),
    ]:
        follow(advice)
