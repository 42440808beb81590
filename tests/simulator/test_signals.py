"""What is written to `sim.signals` has the effect that it has in `nengo.Simulator`."""

import pickle

import nengo
import numpy as np
import pytest
import scipy.sparse
from nengo.builder.signal import Signal

import nengo_softlif as nsl

STEPS = 24


class Squared(nengo.neurons.NeuronType):
    """Neurons without a kernel."""

    def gain_bias(self, max_rates, intercepts):
        return np.full(len(max_rates), 2.0), np.linspace(-1, 1, len(max_rates))

    def max_rates_intercepts(self, gain, bias):
        return gain, bias

    def rates(self, x, gain, bias):
        return np.maximum(self.current(x, gain, bias), 0) ** 2

    def step(self, dt, J, output):
        output[...] = np.maximum(J, 0) ** 2


def decoded():
    """Encoders, decoders, biases; constant and changing input; a recurrent connection."""
    with nengo.Network(seed=1) as net:
        net.node = nengo.Node([0.5, -0.3])
        a, b = nengo.Ensemble(20, 2), nengo.Ensemble(15, 1, neuron_type=nengo.AdaptiveLIF())
        nengo.Connection(net.node, a, transform=[[0.5, 0.2], [0, 1]])
        nengo.Connection(nengo.Node(np.sin), a[0], synapse=None)
        nengo.Connection(a, a, synapse=nengo.Alpha(0.01), transform=0.5)
        nengo.Connection(a, b, function=np.prod)
        net.probes_of = [nengo.Probe(b, synapse=0.01), nengo.Probe(a.neurons), nengo.Probe(b[:1])]
    return net


def weighted():
    """Dense and sparse weights between neurons; gains, all equal or not."""
    rng = np.random.RandomState(0)
    sparse = scipy.sparse.csr_matrix(rng.randn(30, 20) * (rng.uniform(size=(30, 20)) < 0.1))
    entries = nengo.Sparse((30, 20), indices=[[0, 1], [4, 2], [7, 19]], init=[1.0, 2, 3])
    with nengo.Network(seed=2) as net:
        net.node = nengo.Node([1.0])
        a = nengo.Ensemble(20, 1)
        b = nengo.Ensemble(30, 1, gain=np.ones(30), bias=np.zeros(30))
        c = nengo.Ensemble(30, 1)
        nengo.Connection(net.node, a, synapse=None)
        for to in (b, c):
            for transform in (rng.randn(30, 20) * 0.01, nengo.Sparse((30, 20), init=sparse * 0.01)):
                nengo.Connection(a.neurons, to.neurons, transform=transform)
        nengo.Connection(a.neurons, b.neurons, transform=entries)
        nengo.Connection(a.neurons[:5], c.neurons[:5], transform=0.1)
        nengo.Connection(net.node, c.neurons, transform=np.ones((30, 1)), synapse=None)
        net.probes_of = [nengo.Probe(e.neurons, "voltage") for e in (b, c)]
    return net


def convolved():
    """Convolutions whose weights are next to gains that are all equal, and transposed ones."""
    first = nengo.Convolution(4, (6, 6, 1), kernel_size=(3, 3))
    second = nengo.Convolution(8, first.output_shape, kernel_size=(3, 3), strides=(2, 2))
    back = nengo.ConvolutionTranspose(2, second.output_shape, kernel_size=(2, 2))
    with nengo.Network(seed=3) as net:
        net.config[nengo.Ensemble].gain = nengo.dists.Choice([2.0])
        net.config[nengo.Ensemble].bias = nengo.dists.Choice([1.0])
        net.node = nengo.Node(np.linspace(-1, 1, 36))
        sizes = [c.output_shape.size for c in (first, second, back)]
        a, b, c = (nengo.Ensemble(n, 1).neurons for n in sizes)
        nengo.Connection(net.node, a, transform=first)
        nengo.Connection(a, b, transform=second, synapse=None)
        nengo.Connection(b, c, transform=back)
        net.probes_of = [nengo.Probe(b), nengo.Probe(c, "input")]
    return net


def learned():
    """Learning rules: what they change is no constant."""
    with nengo.Network(seed=4) as net:
        net.node = nengo.Node([0.5])
        a, b, error = nengo.Ensemble(12, 1), nengo.Ensemble(10, 1), nengo.Node(size_in=1)
        nengo.Connection(net.node, a, learning_rule_type=nengo.Voja())
        conn = nengo.Connection(a, b, learning_rule_type=nengo.PES(1e-2))
        nengo.Connection(b, error)
        nengo.Connection(error, conn.learning_rule)
        nengo.Connection(
            a.neurons, b.neurons, transform=np.full((10, 12), 1e-3), learning_rule_type=nengo.BCM()
        )
        net.probes_of = [nengo.Probe(b, synapse=0.01), nengo.Probe(conn, "weights")]
    return net


def in_python():
    """Neurons without a kernel, one after the other and side by side; rates that are hoisted."""
    with nengo.Network(seed=5) as net:
        net.node = nengo.Node([0.5])
        a, b, c = (nengo.Ensemble(n, 1, neuron_type=Squared()) for n in (6, 7, 8))
        rates = nengo.Ensemble(9, 1, neuron_type=nengo.LIFRate())
        nengo.Connection(net.node, a, synapse=None)
        nengo.Connection(net.node, rates, synapse=None)
        nengo.Connection(rates, b, synapse=None)
        nengo.Connection(a, c, synapse=None)
        net.probes_of = [nengo.Probe(e.neurons) for e in (a, b, c)]
    return net


def signals_of(sim):
    """Base signals of floating-point numbers, in the order in which the model was built."""
    signals = [s.base for op in sim.model.operators for s in op.all_signals]
    clock = (sim.model.step, sim.model.time)
    return [s for s in dict.fromkeys(signals) if s.dtype.kind == "f" and s not in clock]


def choices_of(sim):
    """Lists of signals that are written to together: each constant alone, all others at once."""
    written = {s.base for op in sim.model.operators for s in [*op.sets, *op.incs, *op.updates]}
    signals = signals_of(sim)
    return [[s] for s in signals if s not in written] + [[s for s in signals if s in written]]


def write(sim, signals, seed=0):
    for signal in signals:
        array = sim.signals[signal]
        array = array.data if signal.sparse else array
        was = array.flags.writeable
        array.setflags(write=True)
        # of the same size and with other zeros, so that another kernel may suit
        array[...] = array * np.random.RandomState(seed).choice([-0.5, 0, 1], array.shape) + 0.01
        array.setflags(write=was)


def probed(sim, net):
    return [np.array(sim.data[probe]) for probe in net.probes_of]


def assert_same(values, expected, what=""):
    for one, other in zip(values, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9, err_msg=str(what))


NETWORKS = pytest.mark.parametrize("make", [decoded, weighted, convolved, learned, in_python])


def built(make, kind, **options):
    """A simulator with a network of its own, since Nengo writes to the arrays of transforms."""
    net = make()
    sim = kind(net, seed=0, progress_bar=False, **options)
    return net, sim, choices_of(sim)


@NETWORKS
@pytest.mark.parametrize("optimize", [True, False])
def test_every_signal_can_be_written_before_and_between_runs_and_stays_over_a_reset(make, optimize):
    net, sim, choices = built(make, nsl.Simulator)
    with sim:
        sim.run_steps(STEPS)
        untouched = probed(sim, net)
    effects = 0
    for index in range(len(choices)):
        results = []
        for kind, is_ours in ((nengo.Simulator, False), (nsl.Simulator, True)):
            net, sim, choices = built(make, kind, optimize=optimize and is_ours)
            with sim:
                write(sim, choices[index], seed=1)
                sim.run_steps(STEPS // 2)
                write(sim, choices[index], seed=2)
                sim.run_steps(STEPS // 2)
                results.append(probed(sim, net))
                sim.reset()
                sim.run_steps(STEPS)
                results[-1] += probed(sim, net)
        assert_same(results[1], results[0], choices[index])
        effects += any(map(np.any, map(np.subtract, results[1], 2 * untouched)))
    assert effects >= 3


@NETWORKS
def test_a_batch_starts_from_what_a_reset_leaves(make):
    n_choices = len(built(make, nsl.Simulator)[2])
    for index in range(n_choices):
        net, reference, choices = built(make, nengo.Simulator, optimize=False)
        with reference:
            write(reference, choices[index])
            reference.reset()
            reference.run_steps(STEPS)
            expected = probed(reference, net)
        net, sim, choices = built(make, nsl.Simulator)
        with sim:
            inputs = {net.node: [net.node.output] * 2}
            sim.run_batch(inputs, STEPS)
            write(sim, choices[index])
            values = sim.run_batch(inputs, STEPS)
        assert_same([values[p] for p in net.probes_of], [[e, e] for e in expected], choices[index])


def test_writes_in_a_run():
    """By the function of a node; the order of operators, which optimization changes, matters."""
    results = {}
    for kind, optimize in ((nengo.Simulator, False), (nsl.Simulator, False), (nsl.Simulator, True)):
        edits = {}

        def function(t, x, edits=edits):
            for array, value in edits.get(round(t * 1000), ()):
                array.setflags(write=True)
                array[...] = value

        with nengo.Network(seed=0) as net:
            ens = nengo.Ensemble(30, 1)
            nengo.Connection(nengo.Node([0.8]), ens)
            conn = nengo.Connection(ens, nengo.Node(size_in=1), synapse=0.003)
            spikes, out = nengo.Probe(ens.neurons), nengo.Probe(conn)
            nengo.Connection(ens, nengo.Node(function, size_in=1))
        with kind(net, seed=0, progress_bar=False, optimize=optimize) as sim:
            weights = sim.signals[sim.model.sig[conn]["weights"]]
            edits[20] = [(weights, 2 * weights)]
            edits[30] = [(sim.signals[sim.model.sig[ens.neurons]["bias"]], -1e4)]
            sim.run_steps(60)
            results[kind, optimize] = [sim.data[out], sim.data[spikes]]
    expected = results[nengo.Simulator, False]
    assert_same(results[nsl.Simulator, False], expected)
    decoded, spikes = results[nsl.Simulator, True]
    np.testing.assert_array_equal(spikes[:29], expected[1][:29])
    assert spikes[:29].any() and not spikes[31:].any()
    np.testing.assert_allclose(decoded[:19], expected[0][:19])
    assert np.all(np.abs(decoded[21:25]) > 1.2 * np.abs(decoded[15:19]))


def test_writes_by_assignment():
    net = decoded()
    with nsl.Simulator(net, progress_bar=False) as sim:
        node = sim.model.sig[net.node]["out"]
        array = sim.signals[node]
        sim.signals[node] = [0.1, 0.2]
        np.testing.assert_array_equal(array, [0.1, 0.2])
        bias = sim.model.sig[net.all_ensembles[0].neurons]["bias"]
        with pytest.raises(ValueError, match="read-only"):
            sim.signals[bias] = 0.0
        with pytest.raises(ValueError, match="read-only"):
            sim.signals[bias][0] = 0.0


def test_the_model_of_a_network_and_other_simulators_stay_as_they_are():
    net = decoded()
    with nsl.Simulator(net, progress_bar=False) as sim:
        values = {s: np.array(s.initial_value) for s in signals_of(sim)}
        write(sim, signals_of(sim))
        sim.run_steps(3)
        for signal, value in values.items():
            np.testing.assert_array_equal(signal.initial_value, value)


def test_signals_are_the_mapping_that_nengo_has():
    net = weighted()
    reference = nengo.Simulator(net, progress_bar=False, optimize=False)
    sim = nsl.Simulator(net, progress_bar=False)
    with reference, sim:
        own = set(signals_of(sim))
        assert len(own & set(sim.signals)) == len(own)
        assert set(map(str, reference.signals)) <= set(map(str, sim.signals))
        assert all(signal in sim.signals for signal in own)
        for other in (Signal(np.zeros(1), name="other"), None, "bias"):
            with pytest.raises(KeyError):
                sim.signals[other]
            assert other not in sim.signals
        for signal, value in dict(sim.signals).items():
            assert sim.signals[signal] is value
        assert str(sim.signals).count("\n") >= len(own)


def test_what_was_written_is_pickled():
    net = decoded()
    with nsl.Simulator(net, seed=0, progress_bar=False) as sim:
        sim.run_steps(5)
        write(sim, [s for s in signals_of(sim) if s.readonly])
        copy = pickle.loads(pickle.dumps(sim))
        probes = [copy.model.probes[sim.model.probes.index(p)] for p in net.probes_of]
        sim.run_steps(STEPS)
        copy.run_steps(STEPS)
        for probe, other in zip(net.probes_of, probes, strict=True):
            np.testing.assert_array_equal(sim.data[probe], copy.data[other])
        copy.close()


def test_only_what_was_asked_for_is_compared():
    with nsl.Simulator(decoded(), progress_bar=False) as sim:
        sim.run_steps(3)
        assert not sim.signals.known
        sim.signals[sim.model.sig[sim.model.toplevel.all_ensembles[0]]["encoders"]]
        assert len(sim.signals.known) == 1


def test_signals_after_a_run_are_those_of_nengo():
    with nengo.Network(seed=0) as net:
        u, error = nengo.Node(lambda t: np.sin(20 * t)), nengo.Node(size_in=1)
        a, b = nengo.Ensemble(30, 1), nengo.Ensemble(30, 1)
        nengo.Connection(u, a)
        learned = nengo.Connection(a, b, learning_rule_type=nengo.PES(1e-3))
        nengo.Connection(error, learned.learning_rule)
        nengo.Connection(b, error)
        voja = nengo.Connection(u, b, learning_rule_type=nengo.Voja())
    options = {"progress_bar": False, "seed": 1}
    with (
        nengo.Simulator(net, optimize=False, **options) as reference,
        nsl.Simulator(net, **options) as sim,
    ):
        reference.run(0.1)
        sim.run(0.1)
        rules = learned.learning_rule, voja.learning_rule
        for obj in (u, error, a, b, a.neurons, b.neurons, *net.all_connections, *rules):
            for key, signal in sim.model.sig[obj].items():
                expected = reference.model.sig[obj][key]
                if signal is None or expected not in reference.signals:
                    continue
                np.testing.assert_allclose(
                    sim.signals[signal],
                    reference.signals[expected],
                    atol=1e-9,
                    err_msg=f"{obj} {key}",
                )
