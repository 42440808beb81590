"""`nengo_softlif.Simulator` takes the place of `nengo.Simulator`."""

import configparser
import inspect
import logging
import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import nengo
import numpy as np
import pytest
from nengo.exceptions import SimulatorClosed

import nengo_softlif as nsl


def network(seed=0):
    with nengo.Network(seed=seed) as net:
        net.node = nengo.Node(lambda t: np.sin(30 * t))
        net.ens = nengo.Ensemble(40, 1)
        nengo.Connection(net.node, net.ens)
        nengo.Connection(nengo.Node(nengo.processes.WhiteNoise()), net.ens)
        net.probe = nengo.Probe(net.ens.neurons)
    return net


def simulator(net=None, **options):
    return nsl.Simulator(net or network(), progress_bar=False, **options)


def test_signatures_are_the_same():
    for name in (
        "__init__",
        "run",
        "run_steps",
        "step",
        "reset",
        "clear_probes",
        "trange",
        "close",
    ):
        ours, theirs = (
            [(p.name, p.default) for p in inspect.signature(getattr(cls, name)).parameters.values()]
            for cls in (nsl.Simulator, nengo.Simulator)
        )
        assert ours == theirs, name


def test_it_is_registered_as_a_backend():
    config = configparser.ConfigParser()
    config.read(Path(nsl.__file__).parents[1] / "setup.cfg")
    entry = config["options.entry_points"]["nengo.backends"].strip()
    assert entry == "compiled = nengo_softlif:Simulator"
    assert issubclass(nsl.Simulator, nengo.Simulator)


def test_ways_to_advance_give_the_same():
    with simulator() as a, simulator() as b, simulator() as c:
        a.run(0.02)
        b.run_steps(20)
        for _ in range(20):
            c.step()
        for sim in (b, c):
            np.testing.assert_array_equal(a.data[a.model.probes[0]], sim.data[sim.model.probes[0]])
        for sim in (a, b, c):
            assert sim.n_steps == 20 and isinstance(sim.n_steps, int)
            assert sim.time == pytest.approx(0.02) and sim.dt == 0.001
            np.testing.assert_allclose(sim.trange(), np.arange(1, 21) * 0.001)


def test_no_time_and_negative_time():
    with simulator() as sim, nengo.Simulator(network(), progress_bar=False) as theirs:
        for each in (sim, theirs):
            with pytest.warns(UserWarning):
                each.run(0)
            assert each.n_steps == 0
            with pytest.raises(nengo.exceptions.ValidationError):
                each.run(-1)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, -0.1, "0.1", None, True, [0.1, 0.2]])
def test_times_that_are_none(bad):
    with simulator() as sim:
        with pytest.raises(
            nengo.exceptions.ValidationError, match="time_in_seconds: must be a time in seconds"
        ):
            sim.run(bad)
        assert sim.n_steps == 0


@pytest.mark.parametrize("time", [0.003, np.float32(0.003), np.array(0.003), Fraction(3, 1000)])
def test_times_of_any_type_that_nengo_takes(time):
    with simulator() as sim, nengo.Simulator(network(), progress_bar=False) as theirs:
        for each in (sim, theirs):
            each.run(time)
            assert each.n_steps == 3


def test_reset_starts_again_and_a_seed_changes_what_is_random():
    net = network()
    with simulator(net, seed=3) as sim:
        sim.run_steps(30)
        first = sim.data[net.probe].copy()
        sim.reset()
        assert sim.n_steps == 0 and len(sim.data[net.probe]) == 0
        sim.run_steps(30)
        np.testing.assert_array_equal(sim.data[net.probe], first)
        sim.reset(seed=4)
        sim.run_steps(30)
        assert np.any(sim.data[net.probe] != first)


def test_clear_probes_keeps_the_state():
    net = network()
    with simulator(net) as sim, simulator(net) as whole:
        sim.run_steps(10)
        sim.clear_probes()
        sim.run_steps(10)
        whole.run_steps(20)
        np.testing.assert_array_equal(sim.data[net.probe], whole.data[net.probe][10:])
        assert sim.n_steps == 20


def test_two_simulators_of_a_network_do_not_meet():
    net = network()
    with simulator(net) as a, simulator(net) as b:
        for _ in range(5):
            a.run_steps(2)
            b.run_steps(4)
        np.testing.assert_array_equal(b.data[net.probe][:10], a.data[net.probe])


def test_a_model_that_was_built_before():
    net = network()
    model = nengo.builder.Model(dt=0.002)
    model.build(net)
    with simulator(net) as _, nsl.Simulator(None, model=model, progress_bar=False) as sim:
        sim.run_steps(5)
        assert sim.dt == 0.002 and sim.data[net.probe].shape == (5, 40)


def test_a_model_to_build_into():
    net = network()
    model = nengo.builder.Model(dt=0.001)
    with nsl.Simulator(net, model=model, progress_bar=False) as sim:
        assert sim.model is model
        sim.run_steps(2)


def test_a_network_with_nothing_in_it():
    with simulator(nengo.Network()) as sim:
        sim.run_steps(10)
        assert sim.n_steps == 10 and sim.time == pytest.approx(0.01)


def test_data_and_signals():
    net = network()
    with simulator(net) as sim, nengo.Simulator(net, progress_bar=False) as theirs:
        np.testing.assert_array_equal(sim.data[net.ens].encoders, theirs.data[net.ens].encoders)
        assert set(sim.data) == set(theirs.data)
        sim.run_steps(3)
        spikes = sim.signals[sim.model.sig[net.ens.neurons]["out"]]
        np.testing.assert_array_equal(spikes, sim.data[net.probe][-1])
        with pytest.raises(KeyError):
            sim.data[nengo.Network()]


def test_pickling():
    """A copy goes on where the simulator was."""
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(20, 1)
        nengo.Connection(nengo.Node([0.5]), ens)
        probe = nengo.Probe(ens)
    with simulator(net) as sim, simulator(net) as whole:
        sim.run_steps(10)
        whole.run_steps(20)
        copy = pickle.loads(pickle.dumps(sim))
        with copy:
            copied = copy.model.probes[0]
            np.testing.assert_array_equal(copy.data[copied], sim.data[probe])
            assert copy.n_steps == 10
            copy.run_steps(10)
            np.testing.assert_array_equal(copy.data[copied], whole.data[probe])


def test_single_precision(single_precision):
    net = network()
    with simulator(net) as sim, nengo.Simulator(net, progress_bar=False) as theirs:
        for each in (sim, theirs):
            each.run_steps(20)
            assert each.data[net.probe].dtype == np.float32
        assert sim.signals[sim.model.sig[net.ens.neurons]["out"]].dtype == np.float32


def test_what_runs_in_python_is_said_once(caplog):
    class Odd(nengo.RectifiedLinear):
        pass

    with nengo.Network(seed=0) as net:
        nengo.Ensemble(5, 1, neuron_type=Odd(), gain=np.ones(5), bias=np.ones(5))
        nengo.Node(lambda t: t)
    with caplog.at_level(logging.INFO, logger="nengo_softlif"), simulator(net):
        pass
    messages = [r.message for r in caplog.records if "Python" in r.message]
    assert len(messages) == 1 and "Odd (1 x)" in messages[0]


def test_closed():
    net = network()
    sim = simulator(net)
    sim.run_steps(3)
    sim.close()
    sim.close()
    assert sim.closed and sim.data[net.probe].shape == (3, 40)
    for use in (sim.step, sim.reset, lambda: sim.run(0.1), lambda: sim.run_steps(2)):
        with pytest.raises(SimulatorClosed):
            use()
    with pytest.raises(SimulatorClosed):
        sim.run_batch({net.node: [[1.0]]}, 3)


def test_what_cannot_be_built_is_refused_as_by_nengo():
    with pytest.raises(nengo.exceptions.BuildError, match=r"must be a nengo.Network \(got a str\)"):
        simulator("net")


def test_a_wrapper_of_a_network_is_refused_with_the_name_of_its_network():
    class Wrapper:
        net = network()

    with pytest.raises(nengo.exceptions.BuildError, match=r"got a Wrapper\).*use spiking\.net"):
        simulator(Wrapper())


def test_an_unclosed_simulator_warns():
    sim = simulator()
    with pytest.warns(ResourceWarning, match="while open"):
        del sim


def test_run_calls_the_step_of_a_subclass():
    class Counting(nsl.Simulator):
        calls = 0

        def step(self):
            self.calls += 1
            super().step()

    net = network()
    with Counting(net, progress_bar=False) as sim, simulator(net) as usual:
        sim.run(0.03)
        sim.step()
        usual.run_steps(31)
        assert sim.calls == sim.n_steps == 31
        for probe in net.all_probes:
            np.testing.assert_array_equal(sim.data[probe], usual.data[probe])


def test_single_steps_are_those_of_a_run():
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(20, 2)
        nengo.Connection(nengo.Node(lambda t: [np.sin(30 * t), 0.5]), ens)
        nengo.Connection(ens[0], ens[1], synapse=0.01)
        for every in (None, 0.002, 0.0035):
            nengo.Probe(ens, synapse=0.01, sample_every=every)
            nengo.Probe(ens[::-1], sample_every=every)
            nengo.Probe(ens.neurons[3:9:2], "voltage", sample_every=every)
    with simulator(net) as sim, simulator(net) as usual:
        for _ in range(13):
            sim.step()
        sim.run_steps(20)
        sim.step()
        usual.run_steps(34)
        for probe in net.all_probes:
            np.testing.assert_array_equal(sim.data[probe], usual.data[probe])


def test_the_generator_is_where_nengo_s_is():
    """Code of others draws from ``sim.rng`` after the processes have taken their seeds."""
    with nengo.Network(seed=0) as net:
        nengo.Node(nengo.processes.WhiteNoise())
        nengo.Connection(nengo.Node([1.0]), nengo.Ensemble(9, 1), synapse=nengo.Alpha(0.01))
        net.probe = nengo.Probe(net.all_nodes[0])
    with (
        nengo.Simulator(net, seed=3, progress_bar=False, optimize=False) as reference,
        nsl.Simulator(net, seed=3, progress_bar=False) as sim,
    ):
        for seed in (None, 8):
            assert sim.rng.randint(2**31) == reference.rng.randint(2**31)
            sim.reset(seed=seed)
            reference.reset(seed=seed)


def test_all_public_attributes_of_nengo_s_simulator_are_there():
    net = network()
    with nengo.Simulator(net, progress_bar=False) as reference, simulator(net) as sim:
        missing = {n for n in dir(reference) if not n.startswith("_")} - set(dir(sim))
    assert not missing


def test_two_threads_can_not_run_one_simulator_at_once():
    within, leave = threading.Event(), threading.Event()

    def function(t):
        if t > 0.0015:
            within.set()
            assert leave.wait(60)
        return t

    with nengo.Network(seed=0) as net:
        probe = nengo.Probe(nengo.Node(function))
    with simulator(net) as sim, ThreadPoolExecutor(1) as pool:
        task = pool.submit(sim.run_steps, 3)
        assert within.wait(60)
        for call in (sim.step, sim.reset, lambda: sim.run_steps(2)):
            with pytest.raises(nengo.exceptions.SimulationError, match=r"running already.*each"):
                call()
        leave.set()
        task.result()
        sim.step()
        np.testing.assert_allclose(sim.data[probe][:, 0], [0.001, 0.002, 0.003, 0.004])


def test_simulators_of_one_network_run_side_by_side():
    net = network()
    with simulator(net) as sim:
        sim.run_steps(30)

    def run(_):
        with nsl.Simulator(net, seed=sim.seed, progress_bar=False) as other:
            other.run_steps(30)
        return other

    with ThreadPoolExecutor(4) as pool:
        for other in pool.map(run, range(8)):
            for probe in net.all_probes:
                np.testing.assert_array_equal(other.data[probe], sim.data[probe])


def test_without_numba_s_compiler_an_error_names_the_variable():
    code = (
        "import nengo, nengo_softlif as nsl\n"
        "with nengo.Network() as net: nengo.Ensemble(5, 1)\n"
        "nsl.Simulator(net)"
    )
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=env, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "BackendError" in done.stderr and "NUMBA_DISABLE_JIT=1 turns off" in done.stderr


def test_public_attributes_are_those_of_nengo():
    with nengo.Network() as net:
        nengo.Probe(nengo.Node(1.0))
    with nengo.Simulator(net, progress_bar=False) as reference:
        expected = {name for name in dir(reference) if not name.startswith("_")}
    with nsl.Simulator(net, progress_bar=False) as sim:
        assert not [name for name in expected if not hasattr(sim, name)]
