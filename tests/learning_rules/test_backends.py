"""Learning rules for spikes on NengoDL and Loihi, and weights that run away."""

import nengo
import numpy as np
import pytest
from nengo.exceptions import BuildError, SimulationError

import nengo_softlif as nsl
from nengo_softlif.learning_rules import STDP, GatedSTDP, ProbabilisticSTDP, RewardSTDP, TripletSTDP
from nengo_softlif.neurons import StochasticWinner

N_STEPS = 100


def network(rule, **kind):
    """Five neurons that drive three, with probes of spikes and weights."""
    with nengo.Network(seed=0) as net:
        a = nengo.Ensemble(
            5, 1, neuron_type=nengo.LIF(), gain=np.ones(5), bias=np.linspace(1.5, 4, 5)
        )
        kind = {"neuron_type": nengo.LIF(), "bias": np.linspace(1.2, 2, 3), **kind}
        b = nengo.Ensemble(3, 1, gain=np.ones(3), **kind)
        net.connection = nengo.Connection(
            a.neurons, b.neurons, transform=np.full((3, 5), 0.5), learning_rule_type=rule
        )
        if isinstance(rule, (GatedSTDP, RewardSTDP)):
            reward = nengo.Node(lambda t: 5.0 if t > 0.05 else 0.0)
            nengo.Connection(reward, net.connection.learning_rule, synapse=None)
        net.spikes = nengo.Probe(b.neurons)
        net.weights = nengo.Probe(net.connection, "weights", sample_every=0.01)
    return net


@pytest.mark.parametrize(
    "rule",
    [
        STDP(),
        STDP(weight_exponent=1, pairing="nearest"),
        TripletSTDP(),
        RewardSTDP(),
        GatedSTDP(),
        STDP(frozen=True),
    ],
    ids=str,
)
def test_nengo_dl(rule):
    """The same spikes and weights as on nengo, for each sample of a batch."""
    nengo_dl = pytest.importorskip("nengo_dl")
    net = network(rule)
    with nengo.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(N_STEPS)
        spikes, weights = sim.data[net.spikes], sim.data[net.weights]
    assert np.ptp(weights) > 0 or rule.frozen
    with nengo_dl.Simulator(net, minibatch_size=2, progress_bar=False) as sim:
        sim.run_steps(N_STEPS)
        for sample in range(2):
            np.testing.assert_allclose(sim.data[net.spikes][sample], spikes, rtol=1e-5)
            np.testing.assert_allclose(sim.data[net.weights][sample], weights, rtol=1e-4)


def test_probabilistic_stdp_on_nengo_dl():
    """The same rule and the same chances: weights to the output that fires most are the same."""
    nengo_dl = pytest.importorskip("nengo_dl")
    kind = {"neuron_type": StochasticWinner(1000, 0.01)}
    net = network(ProbabilisticSTDP(0.02), **kind, bias=np.zeros(3))
    found = []
    for simulator in (nengo.Simulator, nengo_dl.Simulator):
        with simulator(net, progress_bar=False) as sim:
            sim.run_steps(1500)
            spikes, weights = (np.squeeze(sim.data[p]) for p in (net.spikes, net.weights))
        assert (spikes.sum(axis=1) == 1000).all()
        found.append((spikes.mean(axis=0), weights[-50:].mean(axis=0)))
    (reference, learnt), (rates, same) = found
    np.testing.assert_allclose(rates, reference, atol=50)
    np.testing.assert_allclose(same[2], learnt[2], rtol=1e-3)


@pytest.mark.parametrize(
    "rule", [STDP(), TripletSTDP(), GatedSTDP(), RewardSTDP(), ProbabilisticSTDP()], ids=str
)
def test_loihi_has_none_of_them(rule):
    kind = {"neuron_type": StochasticWinner()} if isinstance(rule, ProbabilisticSTDP) else {}
    with pytest.raises(BuildError, match=f"NengoLoihi has no {type(rule).__name__} on the chip"):
        nsl.loihi.Simulator(network(rule, **kind), progress_bar=False)


@pytest.mark.parametrize("simulator", [nengo.Simulator, nsl.Simulator])
def test_weights_that_run_away(simulator):
    net = network(STDP(learning_rate=1e308, bounds=(-np.inf, np.inf)))
    with (
        pytest.raises(
            SimulationError, match=r"(?s)Connection.*weights ran away until t = 0\.\d+ s"
        ),
        simulator(net, progress_bar=False) as sim,
    ):
        sim.run_steps(1000)
