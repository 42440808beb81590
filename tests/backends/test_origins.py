"""Errors in Python code of a network: every backend raises them with the object and the time."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from tests.simulator.test_origins import FailingAtOnce, FailingNeurons, OwnError

STEP = 5


def failing(t, x=None):
    if round(t / 0.001) == STEP:
        raise OwnError("mine")
    return t


def with_node():
    return nengo.Node(failing, label="bad")


def with_node_that_reads():
    node = nengo.Node(failing, size_in=1, label="bad")
    nengo.Connection(nengo.Node([0.5]), node)
    return node


class FailingProcess(nengo.Process):
    def make_step(self, shape_in, shape_out, dt, rng, state):
        return lambda t: np.full(shape_out, failing(t))  # NengoDL wants arrays


def with_process():
    return nengo.Node(FailingProcess(default_size_in=0, default_size_out=1), label="bad")


def with_neurons():
    ens = nengo.Ensemble(
        3,
        1,
        gain=np.ones(3),
        bias=np.ones(3),
        encoders=np.ones((3, 1)),
        neuron_type=FailingNeurons(),
        label="bad",
    )
    return ens.neurons[:1]


def with_function():
    def inverse(x):
        if x > 0.4:
            raise OwnError("mine")
        return x

    direct = nengo.Ensemble(3, 1, neuron_type=nengo.Direct(), label="bad")
    nengo.Connection(nengo.Node([0.5]), direct, synapse=None)
    node = nengo.Node(size_in=1)
    nengo.Connection(direct, node, function=inverse, synapse=None)
    return node


def predicted(make, backend):
    with nengo.Network(seed=0) as net:
        given, out = nengo.Node([0.0]), nengo.Node(size_in=1)
        nengo.Connection(nengo.Node(lambda t: t, label="good"), out, synapse=None)
        nengo.Connection(make(), out, synapse=None)
    network = nsl.wrap(net, input=given, output=out)
    shown = nsl.Presentation(time=0.01)
    nsl.predict(network, [[0.0]] * 3, backend=backend, presentation=shown, progress=False)


@pytest.mark.parametrize("backend", ["compiled", "nengo", "nengo_dl"])
@pytest.mark.parametrize(
    ("make", "step"),
    [
        (with_node, STEP),
        (with_node_that_reads, STEP),
        (with_process, STEP),
        (with_neurons, 1),
        (with_function, 1),
    ],
)
def test_errors_name_object_and_time(make, step, backend):
    with pytest.raises(OwnError) as error:
        predicted(make, backend)
    (note,) = error.value.__notes__
    assert note.startswith("raised by <") and "'bad'" in note and "'good'" not in note
    assert note.endswith(f"at t = {step / 1000} s")


def test_nengo_names_all_neurons_that_its_optimizer_has_merged():
    def two():
        nengo.Ensemble(
            3,
            1,
            gain=np.ones(3),
            bias=np.ones(3),
            encoders=np.ones((3, 1)),
            neuron_type=FailingNeurons(),
            label="other",
        )
        return with_neurons()

    with pytest.raises(OwnError) as error:
        predicted(two, "nengo")
    (note,) = error.value.__notes__
    assert "<Ensemble 'other'>" in note and "<Ensemble 'bad'>" in note


def test_nengo_names_a_process_that_fails_while_it_is_built():
    def at_once():
        return nengo.Node(FailingAtOnce(default_size_in=0, default_size_out=1), label="bad")

    with pytest.raises(OwnError) as error:
        predicted(at_once, "nengo")
    assert error.value.__notes__ == ["raised by <Node 'bad'> before the first step"]


def test_nengo_dl_goes_on_after_an_error():
    class Once:
        armed = True

        def __call__(self, t, x):
            if Once.armed and round(t / 0.001) == STEP:
                Once.armed = False
                raise OwnError("once")
            return x

    with nengo.Network(seed=0) as net:
        given, node = nengo.Node([0.0]), nengo.Node(Once(), size_in=1)
        nengo.Connection(given, node, synapse=None)
    network = nsl.wrap(net, input=given, output=node)
    options = {
        "backend": "nengo_dl",
        "presentation": nsl.Presentation(time=0.01),
        "progress": False,
    }
    with pytest.raises(OwnError):
        nsl.predict(network, [[0.5]], **options)
    assert nsl.predict(network, [[0.5]], **options).output == 0.5
