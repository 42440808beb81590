"""Our simulator is NengoLoihi's, to the last bit, and has what that lacks."""

import nengo
import nengo_loihi
import numpy as np
import pytest
import scipy.sparse
from nengo.exceptions import BuildError, SimulationError, SimulatorClosed, ValidationError

import nengo_softlif as nsl
from tests.loihi.networks import AT_REST, convolution, new_network, pooled_network

N_STEPS = 60


def probe_neurons(net):
    """Probe all that neurons on the chip have."""
    with net:
        for ens in net.all_ensembles:
            if getattr(net.config[ens], "on_chip", True) is not False:
                for what in ("output", "voltage", "input"):
                    nengo.Probe(ens.neurons, what)


def simulate(simulator, net, n_steps=N_STEPS, **kwargs):
    """Return what all probes recorded."""
    with simulator(net, seed=1, **kwargs) as sim:
        sim.run_steps(n_steps)
        assert len(sim.trange()) == sim.n_steps == n_steps
        return [np.array(sim.data[probe]) for probe in net.all_probes]


def assert_same(net, **kwargs):
    theirs = simulate(nengo_loihi.Simulator, net, **{"target": "sim", **kwargs})
    ours = simulate(nsl.loihi.Simulator, net, **kwargs)
    assert any(np.any(data) for data in theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    return ours


def split_convolutions(rng, pop_type, neuron_type):
    """Two convolutions, of which each is split over several blocks."""
    with new_network() as net:
        image = nengo.Node(rng.uniform(0, 6, size=36))
        first = convolution(rng, (6, 6, 1), 4, 3)
        layer0 = nengo.Ensemble(first.size_out, 1)
        net.config[layer0].on_chip = False
        nengo.Connection(image, layer0.neurons, transform=first)
        second = convolution(rng, (4, 4, 4), 8, 3, padding="same", scale=3)
        layer1 = nengo.Ensemble(second.size_out, 1, neuron_type=neuron_type)
        net.config[layer1].block_shape = nengo_loihi.BlockShape((2, 4, 4), (4, 4, 8))
        to_layer1 = nengo.Connection(layer0.neurons, layer1.neurons, transform=second)
        third = convolution(rng, (4, 4, 8), 4, 2, scale=5)
        layer2 = nengo.Ensemble(third.size_out, 1, neuron_type=neuron_type)
        net.config[layer2].block_shape = nengo_loihi.BlockShape((3, 2, 4), (3, 3, 4))
        to_layer2 = nengo.Connection(layer1.neurons, layer2.neurons, transform=third)
        for conn in (to_layer1, to_layer2):
            net.config[conn].pop_type = pop_type
        out = nengo.Node(size_in=3)
        nengo.Connection(layer2.neurons, out, transform=rng.normal(size=(3, 36)))
        nengo.Probe(out)
    probe_neurons(net)
    return net


@pytest.mark.parametrize("target", ["sim", "simreal"])
@pytest.mark.parametrize("pop_type", [16, 32])
def test_convolutions_on_many_cores(rng, pop_type, target):
    neuron_type = nsl.SpikingLIF(amplitude=0.01, initial_state=AT_REST)
    if pop_type == 16:
        neuron_type = nsl.SpikingLinearResetLIF(amplitude=0.01, initial_state=AT_REST)
    net = split_convolutions(rng, pop_type, neuron_type)
    assert_same(net, target=target)


@pytest.mark.filterwarnings("ignore:Model is precomputable")
@pytest.mark.parametrize("precompute", [True, False])
@pytest.mark.parametrize("first_on_chip", [True, False])
def test_pooling_and_what_goes_to_and_from_the_host(rng, first_on_chip, precompute):
    net = pooled_network(rng, first_on_chip=first_on_chip)
    probe_neurons(net)
    assert_same(net, precompute=precompute)


@pytest.mark.parametrize("target", ["sim", "simreal"])
def test_decoded_values_recurrence_and_feedback_through_the_host(target):
    with nengo.Network(seed=3) as net:
        stimulus = nengo.Node(nengo.processes.WhiteSignal(1, high=5, seed=2))
        net.config[nengo.Ensemble].max_rates = nengo.dists.Uniform(100, 200)
        a = nengo.Ensemble(30, 2, neuron_type=nengo.LIF(tau_ref=0.003))
        b = nengo.Ensemble(25, 1, neuron_type=nengo.SpikingRectifiedLinear())
        nengo.Connection(stimulus, a, transform=[[1], [0]])
        nengo.Connection(a, a, synapse=0.05)
        nengo.Connection(a, b, function=lambda x: x[0] * x[1])
        back = nengo.Node(lambda t, x: np.sin(9 * t) - x, size_in=1)
        nengo.Connection(b, back)
        nengo.Connection(back, a, transform=[[0], [1]])
        nengo.Probe(b, synapse=0.01)
        nengo.Probe(back)
    probe_neurons(net)
    assert_same(net, target=target)


def test_the_error_of_a_node_names_node_and_time():
    def failing(t, x):
        return 1 / (t < 0.0045) * x

    with nengo.Network(seed=0) as net:
        pre, node = nengo.Ensemble(10, 1), nengo.Node(failing, size_in=1, label="bad")
        nengo.Connection(pre, node)
    simulator = nsl.loihi.Simulator(net, progress_bar=False)
    with simulator as sim, pytest.raises(ZeroDivisionError) as error:
        sim.run_steps(10)
    assert error.value.__notes__ == ["raised by <Node 'bad'> at t = 0.005 s"]


@pytest.mark.parametrize("error_from", ["node", "its own input", "the host"])
def test_learning_on_the_host_beside_the_chip(error_from):
    def build():
        with nengo.Network(seed=2) as net:
            pre, post, reader = (nengo.Ensemble(30, 1) for _ in range(3))
            learned = nengo.Connection(pre, post, learning_rule_type=nengo.PES(1e-3))
            error = pre if error_from == "its own input" else nengo.Node([0.5])
            nengo.Connection(error, learned.learning_rule)
            nengo.Connection(post, reader)
            net.probe = nengo.Probe(post, synapse=0.01)
        if error_from == "the host":
            nengo_loihi.add_params(net)
            net.config[pre].on_chip = net.config[post].on_chip = False
        return net

    net = build()
    with nsl.loihi.Simulator(net, seed=1, progress_bar=False) as sim:
        sim.run_steps(200)
        taught = sim.data[net.probe]
    if error_from != "its own input":
        assert taught[-1, 0] < -0.2
    if error_from == "the host":  # nothing of what is probed is on the chip
        with nengo.Simulator(build(), progress_bar=False) as sim:
            sim.run_steps(200)
        np.testing.assert_allclose(taught, sim.data[sim.model.toplevel.probe], atol=1e-12)


@pytest.mark.filterwarnings("ignore:Received PES error")
@pytest.mark.parametrize("target", ["sim", "simreal"])
def test_learning_with_errors_from_the_host(target):
    with nengo.Network(seed=2) as net:
        stimulus = nengo.Node(lambda t: np.sin(30 * t))
        pre, post = nengo.Ensemble(40, 1), nengo.Node(size_in=1)
        nengo.Connection(stimulus, pre)
        learned = nengo.Connection(
            pre, post, function=lambda x: 0, learning_rule_type=nengo.PES(learning_rate=2e-3)
        )
        error = nengo.Node(size_in=1)
        nengo.Connection(post, error)
        nengo.Connection(stimulus, error, transform=-1)
        nengo.Connection(error, learned.learning_rule)
        nengo.Probe(post, synapse=0.01)
    probe_neurons(net)
    (data, *_) = assert_same(net, n_steps=200, target=target)
    assert np.abs(data[150:]).max() > 0.1  # from nothing: it has learned
    with nsl.loihi.Simulator(net, target=target, seed=1) as sim:
        sim.run_steps(50)
        sim.reset()
        sim.run_steps(200)
        np.testing.assert_array_equal(sim.data[net.probes[0]], data)


def test_subtracting_neurons_with_decoded_input():
    with nengo.Network(seed=5) as net:
        stimulus = nengo.Node(lambda t: np.cos(20 * t))
        for leak in (True, False):
            neuron_type = nsl.SpikingLinearResetLIF(leak=leak, initial_state=AT_REST)
            ens = nengo.Ensemble(20, 1, neuron_type=neuron_type)
            nengo.Connection(stimulus, ens)
    probe_neurons(net)
    assert_same(net)


def test_reset_repeats_the_run_and_a_seed_makes_another(rng):
    net = pooled_network(rng)
    with nsl.loihi.Simulator(net, seed=1) as sim:
        sim.run_steps(N_STEPS)
        first = [np.array(sim.data[probe]) for probe in net.all_probes]
        nsl.loihi.reset(sim)
        assert sim.time == sim.n_steps == len(sim.data[net.out]) == 0
        sim.run_steps(N_STEPS - 20)
        sim.run_steps(20)
        for probe, data in zip(net.all_probes, first, strict=True):
            np.testing.assert_array_equal(sim.data[probe], data)
        sim.reset(seed=8)
        assert sim.sims["emulator"].seed == 8
    with pytest.raises(SimulatorClosed):
        sim.reset()
    with pytest.raises(SimulatorClosed):
        sim.run(0.1)


@pytest.mark.filterwarnings("ignore:Model is precomputable")
@pytest.mark.parametrize("precompute", [True, False])
def test_an_interrupted_run_can_be_continued(rng, precompute):
    net = pooled_network(rng)
    expected = simulate(nsl.loihi.Simulator, net, precompute=precompute)
    with nsl.loihi.Simulator(net, seed=1, precompute=precompute) as sim:
        emulator = sim.sims["emulator"]
        run_steps = emulator.run_steps

        def interrupt(steps):
            run_steps(steps)
            if emulator.t > 20:
                raise KeyboardInterrupt

        emulator.run_steps = interrupt
        with pytest.raises(KeyboardInterrupt):
            sim.run_steps(N_STEPS)
        del emulator.run_steps
        assert sim.n_steps < N_STEPS
        sim.run_steps(N_STEPS - sim.n_steps)
        for probe, data in zip(net.all_probes, expected, strict=True):
            np.testing.assert_array_equal(sim.data[probe], data)


def test_progress_is_shown_if_asked_for(rng):
    class Bar(nengo.utils.progress.ProgressBar):
        shown = ()

        def update(self, progress):
            self.shown += (progress.progress,)

    net = pooled_network(rng)
    with nsl.loihi.Simulator(net, progress_bar=Bar()) as sim:
        sim.run(0.01)
        assert sim.progress_bar.shown[-1] == 1
        other = Bar()
        sim.run(0.01, progress_bar=other)
        assert other.shown[-1] == 1


def test_only_the_emulated_targets_are_simulated(rng):
    net = pooled_network(rng)
    with pytest.raises(ValidationError, match=r"got 'loihi'.*nengo_loihi\.Simulator"):
        nsl.loihi.Simulator(net, target="loihi")
    with nsl.loihi.Simulator(net) as sim:
        for bad in (-1, np.nan, np.inf, "0.1", None):
            with pytest.raises(ValidationError, match="time_in_seconds: must be a time in seconds"):
                sim.run(bad)
        with pytest.warns(UserWarning, match="0 timesteps"):
            sim.run(1e-6)
        sim.run(0.002)
        assert {"build", "run"} <= set(sim.timers)
        assert sim.target == "sim"


@pytest.mark.parametrize("weight", [1e12, -1e30])
@pytest.mark.parametrize("simulator", [nengo_loihi.Simulator, nsl.loihi.Simulator])
def test_weights_beyond_all_scales_are_an_error_with_words(simulator, weight):
    with new_network() as net:
        a, b = nengo.Ensemble(2, 1), nengo.Ensemble(2, 1, label="b", bias=np.zeros(2))
        nengo.Connection(a.neurons, b.neurons, transform=weight)
    with pytest.raises(nengo.exceptions.BuildError, match=r"find no common scale.*loihi\.check"):
        simulator(net)
    (violation,) = nsl.loihi.check(net).violations
    assert (violation.layer, violation.rule) == ("b", "discretization")


@pytest.mark.parametrize("where", ["dense", "sparse", "bias"])
def test_nan_is_refused_by_name(where):
    weights = np.array([[1.0, 2.0], [np.nan, 4.0]])
    with new_network() as net:
        first, second = nengo.Ensemble(2, 1, label="first"), nengo.Ensemble(2, 1, label="second")
        transform = 1.0
        if where == "dense":
            transform = nengo.Dense((2, 2), init=weights)
        elif where == "sparse":
            transform = nengo.Sparse((2, 2), init=scipy.sparse.csr_matrix(weights))
        else:
            second.bias = weights[:, 0]
        nengo.Connection(first.neurons, second.neurons, transform=transform)
    with pytest.raises(BuildError, match=r"second.*NaN"):
        nsl.loihi.Simulator(net)


def test_what_does_not_fit_into_memory_is_refused_with_its_size(rng):
    with nsl.loihi.Simulator(pooled_network(rng)) as sim:
        with pytest.raises(SimulationError, match=r"10000000000 steps would take [\d,.]+ GiB"):
            sim.run_steps(10**10)
        assert sim.n_steps == 0
        sim.run_steps(2)


@pytest.mark.parametrize("dt", [0, -0.001, "1 ms", np.nan])
def test_a_step_that_is_no_time_is_refused(dt):
    with nengo.Network() as net:
        nengo.Ensemble(3, 1)
    with pytest.raises(ValidationError, match="dt: must be a time in seconds greater than 0"):
        nsl.loihi.Simulator(net, dt=dt)
