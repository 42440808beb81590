"""Neurons without a kernel are stepped together, and give what they give one by one."""

import nengo
import numpy as np
import pytest
from nengo.dists import Uniform

import nengo_softlif as nsl
from tests.simulator.comparing import assert_parity


class Leaky(nengo.neurons.NeuronType):
    """Spikes, with two states and a parameter; counts its steps."""

    spiking = True
    state = {"voltage": Uniform(low=0, high=1), "trace": Uniform(low=0, high=0)}
    leak = nengo.params.NumberParam("leak")
    steps = 0

    def __init__(self, leak=0.1, factor=1.0, note=None):
        super().__init__()
        self.note = note
        self.leak = leak
        self.factor = factor  # which nengo's equality of neuron types does not look at

    def gain_bias(self, max_rates, intercepts):
        return np.full(len(max_rates), 2.0), np.linspace(0, 2, len(max_rates))

    def max_rates_intercepts(self, gain, bias):
        return gain, bias

    def rates(self, x, gain, bias):
        return np.maximum(self.current(x, gain, bias), 0)

    def step(self, dt, J, output, voltage, trace):
        Leaky.steps += 1
        voltage += self.factor * 0.1 * J - self.leak * voltage
        output[...] = (voltage > 1) / dt
        trace[...] = 0.9 * trace + output * dt
        voltage[output > 0] -= 1


def steps_a_step(net, **options):
    """How often `Leaky.step` is called in a step of our simulator, which agrees with Nengo."""
    assert_parity(net, steps=40, **options)
    Leaky.steps = 0
    with nsl.Simulator(net, progress_bar=False, **options) as sim:
        sim.run_steps(5)
    return Leaky.steps / 5


def ensembles(*types):
    with nengo.Network(seed=0) as net:
        node = nengo.Node(np.sin)
        made = [nengo.Ensemble(5 + i, 1, neuron_type=t) for i, t in enumerate(types)]
        for ens in made:
            nengo.Connection(node, ens, synapse=None)
            nengo.Probe(ens.neurons)
            nengo.Probe(ens.neurons, "voltage")
            nengo.Probe(ens.neurons[1:4], "trace")
    return net, made


def test_equal_types_are_one_group():
    net, _ = ensembles(*[Leaky() for _ in range(4)])
    assert steps_a_step(net) == 1


def test_without_optimization_each_is_stepped_alone():
    net, _ = ensembles(*[Leaky() for _ in range(4)])
    assert steps_a_step(net, optimize=False) == 4


def test_types_of_other_parameters_or_attributes_are_groups_of_their_own():
    net, _ = ensembles(Leaky(), Leaky(leak=0.2), Leaky(), Leaky(factor=0.5), Leaky(leak=0.2))
    assert steps_a_step(net) == 3


def test_attributes_without_a_truth_are_not_grouped():
    net, _ = ensembles(Leaky(note=np.ones(2)), Leaky(note=np.ones(2)))
    assert steps_a_step(net) == 2


def test_neurons_that_depend_on_each_other_within_a_step_are_not_grouped():
    net, (a, b, c, d) = ensembles(Leaky(), Leaky(), Leaky(), Leaky())
    with net:
        nengo.Connection(a, b, synapse=None)
        nengo.Connection(b, c, synapse=None)
        nengo.Connection(d, d, synapse=0.01)
        nengo.Connection(c, a, synapse=0.01)
    assert steps_a_step(net) == 3


def test_groups_of_kinds_that_alternate():
    """Two types, each of which feeds the other: contracting groups must not make a circle."""
    net, made = ensembles(Leaky(), Leaky(leak=0.2), Leaky(leak=0.2), Leaky())
    with net:
        nengo.Connection(made[0], made[1], synapse=None)
        nengo.Connection(made[2], made[3], synapse=None)
    assert steps_a_step(net) == 4


def test_groups_in_batches():
    net, _ = ensembles(*[Leaky() for _ in range(3)])
    (node,) = net.nodes
    with nsl.Simulator(net, seed=0, progress_bar=False) as sim:
        values = sim.run_batch({node: [[0.5], [-0.2]]}, 30)
    node.output = [-0.2]
    with nengo.Simulator(net, seed=0, progress_bar=False, optimize=False) as reference:
        reference.run_steps(30)
    for probe in net.probes:
        np.testing.assert_allclose(values[probe][1], reference.data[probe], atol=1e-12)


@pytest.mark.parametrize("n", [2, 30])
def test_an_array_of_ensembles(n):
    with nengo.Network(seed=0) as net:
        arrays = [nengo.networks.EnsembleArray(6, n, neuron_type=Leaky(), seed=i) for i in range(2)]
        nengo.Connection(nengo.Node(np.linspace(-1, 1, n)), arrays[0].input)
        nengo.Connection(arrays[0].output, arrays[1].input)
        nengo.Probe(arrays[1].output, synapse=0.01)
    assert steps_a_step(net) == 1
