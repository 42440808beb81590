"""`nengo_softlif.Simulator` takes the place of `nengo.Simulator`."""

import configparser
import inspect
import logging
import pickle
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
    with pytest.raises(nengo.exceptions.BuildError, match="Cannot build object of type 'str'"):
        simulator("net")


def test_an_unclosed_simulator_warns():
    sim = simulator()
    with pytest.warns(ResourceWarning, match="while open"):
        del sim
