"""BP-STDP: its equations, that it learns, and that its neurons are those of Nengo."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.bp_stdp import (
    hidden_errors,
    integrate_and_fire,
    output_errors,
    window_counts,
)
from nengo_softlif.learning_rules.bp_stdp import BPSTDP


def test_neurons_are_those_of_nengo():
    rng = np.random.default_rng(0)
    currents = rng.normal(0.2, 0.5, size=(1, 60, 5))
    neurons = nsl.SpikingLinearResetLIF(tau_rc=0.001, leak=False, amplitude=0.001)
    output, voltage = np.zeros(5), np.zeros(5)
    for current, spikes in zip(currents[0], integrate_and_fire(currents)[0], strict=True):
        neurons.step(0.001, current, output, voltage=voltage)
        np.testing.assert_array_equal(output, spikes)


def test_counts_of_windows_are_of_all_spikes():
    spikes = np.random.default_rng(0).integers(0, 2, size=(3, 12, 5))
    counts = window_counts(spikes, 4)
    assert counts.shape == (3, 3, 5)
    np.testing.assert_array_equal(counts[:, 1], spikes[:, 4:8].sum(axis=1))


def test_errors():
    """The label is to spike in each window, the others never; silent hidden neurons have none."""
    counts = np.array([[[0, 1, 0], [3, 0, 0], [1, 1, 2]]])
    errors = output_errors(counts, np.array([0]))
    assert errors.tolist() == [[[1, -1, 0], [0, 0, 0], [0, -1, -1]]]
    weights = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    hidden = hidden_errors(errors, weights, np.array([[[1, 0], [1, 1], [0, 2]]]))
    assert hidden.tolist() == [[[-1, 0], [0, 0], [0, -11]]]


@pytest.fixture(scope="module")
def xor():
    """Two pairs of inputs, of which one of each pair spikes; whether it is the same one."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, size=(200, 2))
    rates = np.concatenate([bits, 1 - bits], axis=1)[:, np.newaxis]
    return rng.random((200, 12, 4)) < 0.8 * rates, (bits[:, 0] == bits[:, 1]).astype(int)


def test_learns_what_needs_a_hidden_layer(xor):
    spikes, labels = xor
    rule = BPSTDP((4, 40, 2), learning_rate=0.02)
    for _ in range(150):
        rule.update(spikes, labels)
    assert np.mean(rule.predict(spikes) == labels) > 0.97


def test_a_rate_of_zero_changes_nothing(xor):
    rule = BPSTDP((4, 10, 2), learning_rate=0.0, seed=1)
    before = [w.copy() for w in rule.weights]
    rule.update(*xor)
    for one, other in zip(before, rule.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_restored_state_goes_on_to_the_last_bit(xor, tmp_path):
    whole, first, second = (BPSTDP((4, 10, 2), seed=seed) for seed in (0, 0, 1))
    for _ in range(2):
        whole.update(*xor)
    first.update(*xor)
    np.savez(tmp_path / "state.npz", **first.state())
    first.update(*xor)  # which the stored state does not see
    with np.load(tmp_path / "state.npz") as stored:
        second.restore(stored)
    second.update(*xor)
    for rule in (first, second):
        for one, other in zip(rule.weights, whole.weights, strict=True):
            np.testing.assert_array_equal(one, other)
    assert repr(whole) == "BPSTDP((4, 10, 2), window=4, learning_rate=0.001)"


def test_predictions_are_those_of_a_nengo_network(xor):
    spikes = xor[0][:4].astype(float)
    rule = BPSTDP((4, 10, 2), seed=3)
    neurons = nsl.SpikingLinearResetLIF(
        0.001, leak=False, amplitude=0.001, initial_state={"voltage": nengo.dists.Choice([0])}
    )
    for sample, train in zip(spikes, rule.run(spikes)[-1], strict=True):
        with nengo.Network() as net:
            before = nengo.Node(nengo.processes.PresentInput(sample, 0.001))
            for weights in rule.weights:
                n = weights.shape[1]
                layer = nengo.Ensemble(
                    n, 1, gain=np.ones(n), bias=np.zeros(n), neuron_type=neurons
                ).neurons
                nengo.Connection(before, layer, transform=weights.T, synapse=None)
                before = layer
            probe = nengo.Probe(before)
        with nengo.Simulator(net, progress_bar=False) as sim:
            sim.run_steps(len(sample))
        np.testing.assert_array_equal(sim.data[probe], train)


@pytest.mark.parametrize(
    "call, match",
    [
        (lambda: BPSTDP(5), r"sizes.*give one for each layer"),
        (lambda: BPSTDP((4, 2)).run(np.ones((0, 4, 4))), "of one sample at least"),
        (lambda: BPSTDP((4, 2)).run(np.full((1, 4, 4), np.nan)), "NaN or infinity in it"),
        (lambda: BPSTDP((4, 2)).restore(BPSTDP((4, 3)).state()), r"other shapes of weights0.*make"),
        (lambda: BPSTDP((4,)), "sizes must have the numbers of inputs and of classes"),
        (lambda: BPSTDP((4, 0)), r"sizes\[1\] must be an integer of 1 or more"),
        (lambda: BPSTDP((4, 2), gains=[1, 1]), "gains must have a number for each of 1 layers"),
        (lambda: BPSTDP((4, 2), learning_rate=-1), "learning_rate must be"),
        (lambda: BPSTDP((4, 2)).predict(np.ones((1, 4))), r"spikes must have the shape"),
        (
            lambda: BPSTDP((4, 2)).update(np.ones((1, 6, 4)), [0]),
            "multiple of window=4 steps",
        ),
        (lambda: BPSTDP((4, 2)).update(np.ones((1, 8, 4)), [2]), "labels must hold labels from 0"),
    ],
)
def test_bad_arguments(call, match):
    with pytest.raises(ParameterError, match=match):
        call()
