"""Advice on what holds weights that learn: simulators, layers, labels."""

import nengo
import nengo_dl
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.analysis import classify_by_neurons
from nengo_softlif.functional.siegert_table import SiegertTable
from nengo_softlif.learning_rules import STDP, WeightNormalization
from nengo_softlif.learning_rules.spike_times import ReSuMe, SpikeResponseLayer
from nengo_softlif.networks import BeliefNetwork, DiehlCook, FeatureLayer, learned_weights
from tests.hints.following import Advice, follow


def connected(rule, n=3):
    with nengo.Network(seed=0) as net:
        a, b = (nengo.Ensemble(n, 1, neuron_type=nengo.LIF()) for _ in "ab")
        net.connection = nengo.Connection(
            a.neurons, b.neurons, transform=np.full((n, n), 0.1), learning_rule_type=rule
        )
    return net


def normalized_in(simulator, net, other=None):
    normalize = WeightNormalization(net.connection, total=1.5)
    with simulator(net if other is None else other, progress_bar=False) as sim:
        normalize(sim)
        return np.allclose(learned_weights(sim, net.connection), 0.5)


def read_in_nengo_dl(by_probe):
    net = connected(STDP())
    with net:
        weights = nengo.Probe(net.connection, "weights")
    with nengo_dl.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(1)
        found = sim.data[weights][-1] if by_probe else learned_weights(sim, net.connection)
    return found.shape == (3, 3)


def shown_in(build):
    network = DiehlCook(4, 3, seed=0)
    with nsl.Simulator(build(network), progress_bar=False) as sim:
        return network.present(sim, np.full(4, 100.0), 0.05).shape == (3,)


def test_simulators():
    for advice in [
        Advice(
            "; give it learning_rule_type=nengo_softlif.learning_rules.STDP(), for instance",
            lambda: normalized_in(nsl.Simulator, connected(None)),
            lambda: normalized_in(nsl.Simulator, connected(nsl.learning_rules.STDP())),
        ),
        Advice(
            "; give one of these two, of that network",
            lambda: normalized_in(nsl.Simulator, connected(STDP()), connected(STDP())),
            lambda: (
                normalized_in(nsl.Simulator, connected(STDP()))
                and normalized_in(nengo.Simulator, connected(STDP()))
            ),
        ),
        Advice(
            "; with NengoDL read the weights with sim.data[nengo.Probe(connection, 'weights')]",
            lambda: read_in_nengo_dl(False),
            lambda: read_in_nengo_dl(True),
        ),
        Advice(
            "; build one of these two with it",
            lambda: shown_in(lambda network: connected(None)),
            lambda: shown_in(lambda network: network),
        ),
    ]:
        follow(advice)


def test_shapes():
    layer = SpikeResponseLayer(np.ones((3, 2)))
    trains = [[[0.1]] * 3], [[[0.12]] * 2]
    pair, units = (np.ones((4, 3)), np.zeros(3)), SiegertTable(100.0)
    maps = np.full((5, 5, 2), 0.5)
    for advice in [
        Advice(
            "; give the layer that is to learn, since",
            lambda: ReSuMe().fit([layer, layer], *trains, duration=0.2, epochs=1),
            lambda: len(ReSuMe().fit(layer, *trains, duration=0.2, epochs=1).distances) == 2,
        ),
        Advice(
            "; give a row for each input",
            lambda: SpikeResponseLayer([1.0, 2.0]),
            lambda: SpikeResponseLayer([[1.0], [2.0]]).n_inputs == 2,
        ),
        Advice(
            "; make one as in SiegertTable(100.0)",
            lambda: BeliefNetwork([pair], 100.0),
            lambda: len(BeliefNetwork([pair], units).layers) == 1,
        ),
        Advice(
            "; put the two in parentheses, as in [(weights, bias)]",
            lambda: BeliefNetwork(pair, units),
            lambda: len(BeliefNetwork([pair], units).layers) == 1,
        ),
        Advice(
            "; add an axis for the maps, as in weights[..., np.newaxis]",
            lambda: FeatureLayer(maps, threshold=1),
            lambda: "1 maps of 5 x 5 x 2" in repr(FeatureLayer(maps[..., np.newaxis], 1)),
        ),
        Advice(
            "; give those that label_neurons found for these neurons",
            lambda: classify_by_neurons(np.ones((4, 3)), [0, 1]),
            lambda: (
                classify_by_neurons(
                    np.ones((4, 3)), nsl.analysis.label_neurons(np.eye(3), [0, 1, 1])
                ).shape
                == (4,)
            ),
        ),
    ]:
        follow(advice)
