"""Bad input, interruption and changes: named, and the state stays usable."""

import signal
import threading

import nengo
import numpy as np
import psutil
import pytest
from nengo.exceptions import SignalError, SimulationError

import nengo_softlif as nsl


def network(output=(0.5,), **options):
    with nengo.Network(seed=0) as net:
        net.node = nengo.Node(output, label="input")
        net.ens = nengo.Ensemble(40, 1, **options)
        nengo.Connection(net.node, net.ens, synapse=None)
        net.probe = nengo.Probe(net.ens.neurons)
        net.sampled = nengo.Probe(net.ens, sample_every=0.002)
    return net


def simulator(net, **options):
    return nsl.Simulator(net, progress_bar=False, **options)


def assert_consistent(sim, net):
    assert len(sim.data[net.probe]) == sim.n_steps == len(sim.trange())
    assert len(sim.data[net.sampled]) == sim.n_steps // 2


class Stopping:
    """A node function that raises once, in a given call."""

    def __init__(self, call, error):
        self.calls, self.call, self.error = 0, call, error

    def __call__(self, t):
        self.calls += 1
        if self.calls == self.call:
            raise self.error
        return np.sin(30 * t)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError()])
@pytest.mark.parametrize("step", [1, 8])
def test_an_error_in_a_node_function_leaves_a_state_that_goes_on(error, step):
    function = Stopping(10**9, error)
    net = network(function)
    with simulator(net) as sim:
        function.calls, function.call = 0, step
        with pytest.raises(type(error)):
            sim.run_steps(20)
        assert sim.n_steps == step - 1
        assert_consistent(sim, net)
        sim.run_steps(20 - sim.n_steps)
        assert_consistent(sim, net)
        with simulator(net) as whole:
            whole.run_steps(20)
            np.testing.assert_array_equal(sim.data[net.probe], whole.data[net.probe])
            np.testing.assert_array_equal(sim.data[net.sampled], whole.data[net.sampled])


@pytest.fixture
def ctrl_c():
    """Python's own handler, which a process started in the background does not have."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("in_python", [False, True])
def test_ctrl_c_in_a_long_run(in_python):
    net = network(np.sin if in_python else (0.5,))
    with simulator(net) as sim:
        interrupt = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
        interrupt.start()
        with pytest.raises(KeyboardInterrupt):
            sim.run_steps(10**7)
        interrupt.join()
        assert_consistent(sim, net)
        done = sim.n_steps
        assert 0 < done < 10**7
        sim.run_steps(50)
        assert_consistent(sim, net)
        with simulator(net) as whole:
            whole.run_steps(done + 50)
            np.testing.assert_array_equal(sim.data[net.probe], whole.data[net.probe])


@pytest.mark.usefixtures("ctrl_c")
def test_a_second_ctrl_c_is_heard_in_the_middle_of_a_step():
    """A node function that hangs can be left."""

    def hang(t):
        if t > 0.0045:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            raise AssertionError("not interrupted")
        return t

    net = network(hang)
    usual = signal.getsignal(signal.SIGINT)
    with simulator(net) as sim:
        with pytest.raises(KeyboardInterrupt):
            sim.run_steps(10)
        assert sim.n_steps == 4
        assert_consistent(sim, net)
    assert signal.getsignal(signal.SIGINT) is usual


def test_an_error_within_a_batch_leaves_it_usable():
    function = Stopping(10**9, KeyboardInterrupt())
    net = network()
    with net:
        nengo.Connection(nengo.Node(function), net.ens)
    with simulator(net) as sim:
        expected = sim.run_batch({net.node: [[0.1], [0.2]]}, 10)
        function.calls, function.call = 0, 15
        with pytest.raises(KeyboardInterrupt):
            sim.run_batch({net.node: [[0.1], [0.2]]}, 10)
        again = sim.run_batch({net.node: [[0.1], [0.2]]}, 10)
        np.testing.assert_array_equal(again[net.probe], expected[net.probe])


def test_nan_weights_are_named_when_building():
    net = network()
    with net:
        nengo.Connection(
            net.ens.neurons, net.ens.neurons, transform=np.full((40, 40), np.nan), synapse=None
        )
    with pytest.raises(SignalError, match=r"weights.*contains NaNs"):
        simulator(net)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_node_that_returns_something_else_than_numbers_is_named(bad):
    net = network(lambda t: bad if t > 0.0045 else 0.0)
    with simulator(net) as sim, nengo.Simulator(net, progress_bar=False) as theirs:
        for each in (sim, theirs):
            with pytest.raises(SimulationError, match="non-finite"):
                each.run_steps(10)
        sim.reset()
        sim.run_steps(4)
        assert_consistent(sim, net)


def test_numbers_that_become_nan_name_the_signal():
    with nengo.Network() as net:
        a = nengo.Node([1e200])
        b, c = (nengo.Node(size_in=1, label=name) for name in "bc")
        nengo.Connection(a, b, transform=1e200, synapse=0.01)
        nengo.Connection(b, c, transform=0, synapse=None)
    with simulator(net) as sim, pytest.raises(SimulationError, match=r"weighted.*became NaN"):
        sim.run_steps(10)


def test_operators_that_were_added_after_building():
    net = network()
    with simulator(net) as sim:
        sim.run_steps(2)
        sim.model.add_op(nengo.builder.operator.Reset(nengo.builder.Signal(np.zeros(1))))
        for use in (sim.step, lambda: sim.run_batch({net.node: [[0.0]]}, 2)):
            with pytest.raises(SimulationError, match="build a new Simulator"):
                use()


def test_objects_that_were_added_to_the_network_after_building():
    net = network()
    with simulator(net) as sim:
        sim.run_steps(2)
        with net:
            nengo.Node([1.0])
        with pytest.warns(UserWarning, match="no effect on this simulator"):
            sim.run_steps(2)
        assert_consistent(sim, net)


def available(monkeypatch, n_bytes):
    memory = psutil.virtual_memory()._replace(available=n_bytes)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)


def test_probes_that_do_not_fit_are_refused_with_their_size(monkeypatch):
    with nengo.Network() as net:
        large = nengo.Node(size_in=10**6)
        probe = nengo.Probe(large)
        sampled = nengo.Probe(large, sample_every=1.0)
    available(monkeypatch, 2**33)
    with simulator(net) as sim:
        with pytest.raises(SimulationError, match=r"10000 steps would take 74.* GiB.*sample_every"):
            sim.run_steps(10_000)
        assert sim.n_steps == 0
        sim.run_steps(2)
        assert sim.data[probe].shape == (2, 10**6)
        assert len(sim.data[sampled]) == 0


def test_batches_that_do_not_fit_are_refused_with_their_size(monkeypatch):
    net = network()
    with simulator(net) as sim:
        available(monkeypatch, 2**24)
        with pytest.raises(SimulationError, match=r"kept of 1000 samples would take 0\.6 GiB"):
            sim.run_batch({net.node: np.zeros((1000, 1))}, 2000)
        summed = [net.probe, net.sampled]
        sim.run_batch({net.node: np.zeros((2, 1))}, 2000, accumulated=summed)


def test_what_was_recorded_is_kept_when_memory_is_short(monkeypatch):
    net = network()
    with simulator(net) as sim:
        sim.run_steps(5)
        available(monkeypatch, 0)
        with pytest.raises(SimulationError, match="GiB"):
            sim.run_steps(10**9)
        sim.run_steps(5)
        assert_consistent(sim, net)
