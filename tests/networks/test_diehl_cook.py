"""The network of Diehl & Cook: homeostasis, rest between samples, learning without labels."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.analysis import classify_by_neurons, label_neurons
from nengo_softlif.errors import ParameterError
from nengo_softlif.networks import DiehlCook

N_INPUTS, N_OUTPUTS = 64, 8


def bars():
    """Firing rates of four images: two of the eight lines of pixels are bright."""
    images = np.zeros((4, 8, 8))
    for k in range(4):
        images[k, 2 * k : 2 * k + 2] = 300.0
    return images.reshape(4, -1)


@pytest.mark.parametrize("simulator", [nengo.Simulator, nsl.Simulator])
def test_thresholds_rise_with_each_spike_and_weights_keep_their_sum(simulator):
    circuit = DiehlCook(N_INPUTS, N_OUTPUTS, seed=0)
    with simulator(circuit, progress_bar=False) as sim:
        counts = sum(circuit.present(sim, rates) for rates in bars())
        rises = circuit.threshold_rises(sim)
        changed = circuit.weights(sim)
        circuit.normalization(sim)
        weights = circuit.weights(sim)
    assert counts.sum() > 10
    np.testing.assert_allclose(rises, 0.05 * counts, rtol=1e-3)  # they fall again in 1e4 s
    np.testing.assert_allclose(weights.sum(axis=1), 0.1 * N_INPUTS)
    assert np.abs(changed - weights).max() > 1e-4  # so that there was something to normalise


def test_simulators_agree():
    results = []
    for simulator in (nengo.Simulator, nsl.Simulator):
        circuit = DiehlCook(N_INPUTS, N_OUTPUTS, seed=0)
        with simulator(circuit, progress_bar=False) as sim:
            counts = [circuit.present(sim, rates) for rates in bars()]
            results.append((counts, circuit.weights(sim)))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    np.testing.assert_allclose(results[0][1], results[1][1], atol=1e-12)


def test_each_sample_starts_from_rest():
    """Outputs that got no input don't fire, whatever was shown before."""
    circuit = DiehlCook(N_INPUTS, N_OUTPUTS, seed=0)
    with nsl.Simulator(circuit, progress_bar=False) as sim:
        assert circuit.present(sim, bars()[0], presentation_time=0.05).sum() > 0
        assert circuit.present(sim, np.zeros(N_INPUTS)).sum() == 0
        sig = sim.model.sig
        assert not sim.signals[sig[circuit.outputs.neurons]["voltage"]].any()
        assert not sim.signals[sig[circuit.connection.learning_rule]["post_trace"]].any()


def test_frozen_networks_learn_nothing():
    weights = np.random.default_rng(0).uniform(0, 0.3, (N_OUTPUTS, N_INPUTS))
    rises = np.linspace(0, 2, N_OUTPUTS)
    circuit = DiehlCook(
        N_INPUTS, N_OUTPUTS, weights=weights, threshold_rises=rises, frozen=True, seed=0
    )
    with nsl.Simulator(circuit, progress_bar=False) as sim:
        assert circuit.present(sim, bars()[0]).sum() > 0
        np.testing.assert_array_equal(circuit.weights(sim), weights)
        np.testing.assert_allclose(circuit.threshold_rises(sim), rises)
        in_batch = sim.run_batch({circuit.stimulus: bars()}, 350, accumulated=[circuit.spikes])
    assert in_batch[circuit.spikes].sum() > 0


def test_raised_thresholds_silence():
    rises = np.where(np.arange(N_OUTPUTS) < 4, 1e6, 0.0)
    circuit = DiehlCook(N_INPUTS, N_OUTPUTS, threshold_rises=rises, frozen=True, seed=0)
    with nsl.Simulator(circuit, progress_bar=False) as sim:
        counts = sum(circuit.present(sim, rates) for rates in bars())
    assert not counts[:4].any() and counts[4:].any()


def test_inhibition_leaves_few_spikes():
    counts = {}
    for inhibition in (0.0, 120.0):
        circuit = DiehlCook(N_INPUTS, N_OUTPUTS, inhibition=inhibition, frozen=True, seed=0)
        with nsl.Simulator(circuit, progress_bar=False) as sim:
            counts[inhibition] = circuit.present(sim, bars()[0]).sum()
    assert 0 < 2 * counts[120.0] < counts[0.0]


def test_it_learns_bars_without_labels():
    """A neuron for each bar: its weights are those of its pixels."""
    circuit = DiehlCook(N_INPUTS, N_OUTPUTS, seed=0)
    order = np.random.default_rng(0).integers(4, size=240)
    with nsl.Simulator(circuit, progress_bar=False) as sim:
        counts = np.array([circuit.present(sim, bars()[k]) for k in order])
        weights = circuit.weights(sim)
    learnt = label_neurons(counts[160:200], order[160:200])
    correct = classify_by_neurons(counts[200:], learnt) == order[200:]
    assert correct.mean() >= 0.9
    for k, rates in enumerate(bars()):
        winner = counts[160:][order[160:] == k].sum(axis=0).argmax()
        fraction = weights[winner][rates > 0].sum() / weights[winner].sum()
        assert fraction > 0.8  # by chance a fourth


def test_bad_arguments_are_named():
    for options, words in (
        ({"weights": np.ones((3, 3))}, r"weights must be of shape \(8, 64\) \(got \(3, 3\)\)"),
        ({"weights": np.full((8, 64), 2.0)}, "weights"),
        ({"threshold_rises": -np.ones(8)}, "threshold_rises"),
        ({"inhibition": -1.0}, "inhibition"),
        ({"frozen": 1}, "frozen"),
    ):
        with pytest.raises(ParameterError, match=words):
            DiehlCook(N_INPUTS, N_OUTPUTS, **options)
    circuit = DiehlCook(N_INPUTS, N_OUTPUTS)
    with nsl.Simulator(circuit, progress_bar=False) as sim:
        with pytest.raises(ParameterError, match="rates"):
            circuit.present(sim, -np.ones(N_INPUTS))
        with pytest.raises(ParameterError, match="rates"):
            circuit.present(sim, np.ones(N_INPUTS - 1))
