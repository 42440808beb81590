"""Errors in Python code of a network: as they were raised, with the object and the time."""

import traceback

import nengo
import numpy as np
import pytest
from nengo.exceptions import SimulationError, ValidationError

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError, add_note

FAILING = 5  # step


class OwnError(Exception):
    """Of a user's code."""


def failing(t, x=None):
    if round(t / 0.001) == FAILING:
        raise OwnError("mine")
    return t


class FailingProcess(nengo.Process):
    def make_step(self, shape_in, shape_out, dt, rng, state):
        return failing


class FailingAtOnce(nengo.Process):
    def make_step(self, shape_in, shape_out, dt, rng, state):
        raise OwnError("at once")


class FailingNeurons(nengo.neurons.NeuronType):
    def max_rates_intercepts(self, gain, bias):
        return np.ones_like(gain), np.zeros_like(gain)

    def step(self, dt, J, output):
        raise OwnError("neurons")


class FailingFilter(nengo.synapses.Synapse):
    def make_state(self, shape_in, shape_out, dt, dtype=None, y0=0):
        return {}

    def make_step(self, shape_in, shape_out, dt, rng, state):
        return failing


def network(output=failing, **options):
    with nengo.Network(seed=0) as net:
        net.given = nengo.Node([0.0], label="given")
        net.bad = nengo.Node(output, size_out=1, label="bad", **options)
        net.out = nengo.Node(size_in=1)
        nengo.Connection(net.bad, net.out, synapse=None)
        net.probe = nengo.Probe(net.out)
    return net


def simulator(net):
    return nsl.Simulator(net, progress_bar=False)


def steps(net):
    with simulator(net) as sim:
        for _ in range(10):
            sim.step()


def run(net):
    with simulator(net) as sim:
        sim.run(0.01)


def run_steps(net):
    with simulator(net) as sim:
        sim.run_steps(10)


def run_batch(net):
    with simulator(net) as sim:
        sim.run_batch({net.given: np.zeros((3, 1))}, 10)


def predict(net):
    network = nsl.wrap(net, input=net.given, output=net.out)
    shown = nsl.Presentation(time=0.01)
    nsl.predict(network, [[0.0]] * 3, presentation=shown, progress=False)


def evaluate(net):
    network = nsl.wrap(net, input=net.given, output=net.out)
    shown = nsl.Presentation(time=0.01)
    nsl.evaluate(network, [[0.0]] * 3, [0, 1, 0], presentation=shown, progress=False)


@pytest.mark.parametrize("call", [steps, run, run_steps, run_batch, predict, evaluate])
@pytest.mark.parametrize("in_every_step", [False, True])
def test_the_error_of_a_node_is_its_own_and_names_node_and_time(call, in_every_step):
    net = network(failing)
    if in_every_step:  # with a node that depends on others, no longer a source of constants
        with net:
            relay = nengo.Node(lambda t, x: x, size_in=1)
            nengo.Connection(net.out, relay, synapse=None)
    with pytest.raises(OwnError) as error:
        call(net)
    assert str(error.value) == "mine"
    assert error.value.__notes__ == ["raised by <Node 'bad'> at t = 0.005 s"]
    assert "in failing" in "".join(traceback.format_tb(error.tb))


@pytest.mark.parametrize("value", [None, np.nan, "a", [1, 2, 3]])
@pytest.mark.parametrize("call", [steps, run_steps, run_batch])
def test_outputs_that_nengo_refuses_name_the_node_too(value, call):
    net = network(lambda t: value if t > 0.0045 else 0.0)
    with pytest.raises(SimulationError, match="Function '<lambda>' returned") as error:
        call(net)
    assert error.value.__notes__ == ["raised by <Node 'bad'> at t = 0.005 s"]


def test_other_objects():
    with nengo.Network(seed=0) as net:
        process = nengo.Node(FailingProcess(default_size_in=0, default_size_out=1), label="process")
    expect(net, process, "t = 0.005 s")
    with nengo.Network(seed=0) as net:
        node = nengo.Node(FailingAtOnce(default_size_in=0, default_size_out=1), label="node")
    expect(net, node, "before the first step")
    neurons = {"gain": np.ones(3), "bias": np.ones(3), "neuron_type": FailingNeurons()}
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(3, 1, encoders=np.ones((3, 1)), **neurons)
    expect(net, ens, "t = 0.001 s")
    with nengo.Network(seed=0) as net:
        pre, post = nengo.Node([1.0]), nengo.Node(size_in=1)
        conn = nengo.Connection(pre, post, synapse=FailingFilter(default_size_in=1))
    expect(net, conn, "t = 0.005 s")


def expect(net, owner, when):
    with pytest.raises(OwnError) as error:
        run_steps(net)
    (note,) = error.value.__notes__
    assert note.startswith(f"raised by {owner}") and note.endswith(when)


def test_neurons_that_are_stepped_together_are_all_named():
    neurons = {"gain": np.ones(3), "bias": np.ones(3), "neuron_type": FailingNeurons()}
    with nengo.Network(seed=0) as net:
        for label in ("a", "b"):
            nengo.Ensemble(3, 1, label=label, encoders=np.ones((3, 1)), **neurons)
    with pytest.raises(OwnError) as error:
        run_steps(net)
    assert '"a"' in error.value.__notes__[0] or "'a'" in error.value.__notes__[0]
    assert " or " in error.value.__notes__[0]


@pytest.mark.parametrize("dt", [0, -0.001, np.nan, np.inf, "0.001", None, True])
def test_time_steps_that_are_none(dt, recwarn):
    with pytest.raises(ValidationError, match="dt must be a time in seconds greater than 0"):
        simulator_of_step(dt)
    assert not recwarn.list


def simulator_of_step(dt):
    return nsl.Simulator(network(), dt=dt, progress_bar=False)


def test_optimize_is_a_truth_value():
    with pytest.raises(ParameterError, match="optimize must be True or False"):
        nsl.Simulator(network(), optimize="no", progress_bar=False)


def test_python_3_10_shows_a_note_as_the_cause(monkeypatch):
    monkeypatch.setattr("nengo_softlif.errors.sys.version_info", (3, 10))
    error = ValueError("wrong")
    add_note(error, "in step 3")
    assert error.__notes__ == ["in step 3"] and str(error.__cause__) == "in step 3"
    add_note(error, "of a run")
    assert error.__notes__ == ["in step 3", "of a run"] and str(error.__cause__) == "in step 3"
