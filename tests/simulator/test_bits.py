"""In double precision, kernels without exp and log give Nengo's numbers to the last bit.

All arrays are compared exactly. Each current arrives by a copy, so that no sum of products, whose
order may differ, comes before the neurons.
"""

import nengo
import numpy as np
import pytest

from nengo_softlif.neurons import LinearResetLIFRate, SpikingLinearResetLIF
from tests.simulator.comparing import assert_parity, in_python

N = 70


def driven(neuron_type, low, high):
    """Neurons whose currents, another one each, are drawn anew in every step."""
    with nengo.Network(seed=0) as net:
        rng = np.random.RandomState(1)
        currents = rng.uniform(low, high, (400, N))
        stimulus = nengo.Node(lambda t: currents[round(t / 0.001) % 400], size_out=N)
        ones, zeros = np.ones(N), np.zeros(N)
        ens = nengo.Ensemble(N, 1, neuron_type=neuron_type, gain=ones, bias=zeros)
        nengo.Connection(stimulus, ens.neurons, synapse=None)
        nengo.Probe(ens.neurons)
        for state in ens.neurons.probeable[2:]:
            nengo.Probe(ens.neurons, state)
    return net


@pytest.mark.parametrize(
    ("neuron_type", "low", "high"),
    [
        (nengo.RectifiedLinear(amplitude=0.3), -1, 300),
        (nengo.SpikingRectifiedLinear(amplitude=0.3), -100, 3000),
        (nengo.RegularSpiking(nengo.RectifiedLinear(0.7), amplitude=0.3), -100, 3000),
        (nengo.PoissonSpiking(nengo.RectifiedLinear(0.7), amplitude=0.3), -100, 3000),
        (nengo.StochasticSpiking(nengo.RectifiedLinear(0.7), amplitude=0.3), -100, 3000),
        (nengo.Izhikevich(), -40, 50),  # Nengo clips at -30
        (nengo.Izhikevich(reset_voltage=-55, reset_recovery=4), 0, 20),
        (nengo.Izhikevich(reset_voltage=-50, reset_recovery=2), 0, 20),
        (nengo.Izhikevich(tau_recovery=0.1), 0, 20),
        (nengo.Izhikevich(coupling=0.25), 0, 20),
        (SpikingLinearResetLIF(amplitude=0.3), -1, 5),
        (SpikingLinearResetLIF(leak=False, tau_rc=0.3, min_voltage=-2, amplitude=0.7), -100, 300),
        (LinearResetLIFRate(leak=False, tau_rc=0.3, amplitude=0.7), -1, 300),
    ],
    ids=str,
)
@pytest.mark.parametrize("dt", [0.001, 0.0007])
def test_outputs_and_states_of_neurons(neuron_type, low, high, dt):
    sim = assert_parity(driven(neuron_type, low, high), steps=2000, dt=dt, tolerance=0)
    assert set(in_python(sim)) <= {"SimPyFunc", "TimeUpdate"}
    assert sim.data[sim.model.probes[0]].any()


@pytest.mark.parametrize("rule", [nengo.BCM(1e-8), nengo.Oja(1e-5, beta=0.7)], ids=str)
def test_learned_weights(rule):
    net = driven(nengo.SpikingRectifiedLinear(), -100, 300)
    (pre,) = net.ensembles
    with net:
        # what learns fires as its bias says, so that the order of its input's sum is no matter
        gain, bias = np.full(5, 1e-30), np.linspace(50, 300, 5)
        post = nengo.Ensemble(
            5, 1, neuron_type=nengo.SpikingRectifiedLinear(), gain=gain, bias=bias
        )
        conn = nengo.Connection(
            pre.neurons, post.neurons, transform=np.full((5, N), 1e-30), learning_rule_type=rule
        )
        nengo.Probe(conn, "weights")
    sim = assert_parity(net, steps=300, tolerance=0)
    weights = sim.data[net.all_probes[-1]]
    assert not np.allclose(weights[-1], weights[0], atol=0)
