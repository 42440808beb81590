"""Learning rules do what they do in `nengo.Simulator`: the same weights in every step."""

import nengo
import numpy as np
import pytest

from tests.simulator.comparing import assert_parity, in_python


def base():
    net = nengo.Network(seed=5)
    with net:
        net.stimulus = nengo.Node(lambda t: [np.sin(40 * t), np.cos(40 * t)])
        net.pre = nengo.Ensemble(40, 2)
        net.post = nengo.Ensemble(30, 2)
        nengo.Connection(net.stimulus, net.pre)
    return net


def check(net, learned, variables):
    with net:
        nengo.Probe(net.post.neurons)
        nengo.Probe(net.post, synapse=0.01)
        for variable in variables:
            nengo.Probe(learned, variable)
            nengo.Probe(learned, variable, sample_every=0.007)
    sim = assert_parity(net, steps=150, tolerance=1e-8)
    values = sim.data[net.all_probes[2]]
    assert not np.allclose(values[-1], values[0])
    assert not any(name.startswith("Sim") and name != "SimPyFunc" for name in in_python(sim))


@pytest.mark.parametrize("solver", [nengo.solvers.LstsqL2(), nengo.solvers.LstsqL2(weights=True)])
def test_pes(solver):
    net = base()
    with net:
        error = nengo.Node(size_in=2)
        conn = nengo.Connection(
            net.pre, net.post, solver=solver, learning_rule_type=nengo.PES(3e-3)
        )
        nengo.Connection(net.post, error)
        nengo.Connection(net.stimulus, error, transform=-1)
        nengo.Connection(error, conn.learning_rule)
    check(net, conn, ["weights"])


def test_pes_from_neurons_with_a_filter_of_its_own():
    net = base()
    with net:
        rule = nengo.PES(1e-3, pre_synapse=nengo.Alpha(0.01))
        transform = np.zeros((1, 40))
        conn = nengo.Connection(
            net.pre.neurons, net.post[1], transform=transform, learning_rule_type=rule
        )
        nengo.Connection(net.stimulus[0], conn.learning_rule)
    check(net, conn, ["weights"])


@pytest.mark.parametrize(
    "rule", [nengo.BCM(1e-8), nengo.Oja(1e-5), [nengo.BCM(1e-9), nengo.Oja(1e-5)]], ids=str
)
def test_bcm_and_oja(rule):
    net = base()
    with net:
        conn = nengo.Connection(
            net.pre, net.post, solver=nengo.solvers.LstsqL2(weights=True), learning_rule_type=rule
        )
    check(net, conn, ["weights"])


@pytest.mark.parametrize("post_synapse", [None, 0.01])
def test_voja(post_synapse):
    net = base()
    with net:
        rule = nengo.Voja(learning_rate=0.1, post_synapse=post_synapse)
        conn = nengo.Connection(net.stimulus, net.post, learning_rule_type=rule)
        gate = nengo.Node(lambda t: 0.0 if t < 0.05 else -0.5)
        nengo.Connection(gate, conn.learning_rule)
    check(net, conn.learning_rule, ["scaled_encoders"])


@pytest.mark.parametrize("pre_synapse", [None, nengo.Lowpass(0.005)])
def test_rls(pre_synapse):
    net = base()
    with net:
        rule = nengo.RLS(1e-3, pre_synapse=pre_synapse)
        transform = np.zeros((2, 40))
        conn = nengo.Connection(
            net.pre.neurons, net.post, transform=transform, learning_rule_type=rule
        )
        nengo.Connection(net.stimulus, conn.learning_rule)
        nengo.Probe(conn.learning_rule, "inv_gamma")
    check(net, conn, ["weights"])


def test_rls_and_pes_together():
    net = base()
    with net:
        rules = {"a": nengo.RLS(1e-3), "b": nengo.PES(1e-3)}
        conn = nengo.Connection(net.pre, net.post, learning_rule_type=rules)
        for rule in conn.learning_rule.values():
            nengo.Connection(net.stimulus, rule)
    check(net, conn, ["weights"])
