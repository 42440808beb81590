"""The spiking neurons, step by step and on average."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.functional import linear_reset_lif_rate
from tests.neurons.conftest import AT_REST


def run(neuron_type, J, seconds):
    """Drive neurons with constant currents; returns spikes (n_steps, n) and voltages."""
    J = np.asarray(J, dtype=float)
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(len(J), 1, neuron_type=neuron_type, gain=np.ones(len(J)), bias=J)
        spikes = nengo.Probe(ens.neurons)
        voltage = nengo.Probe(ens.neurons, "voltage")
    with nengo.Simulator(net, progress_bar=False) as sim:
        sim.run(seconds)
    return sim.data[spikes], sim.data[voltage]


def test_lif_steps_exactly_as_nengos():
    J = np.linspace(-1, 5, 25)
    for options in ({}, {"tau_rc": 0.05, "tau_ref": 0.0035, "amplitude": 0.2, "min_voltage": -1}):
        ours = run(nsl.SpikingLIF(sigma=0.5, noise=nsl.GaussianRateNoise(20.0), **options), J, 0.3)
        nengos = run(nengo.LIF(**options), J, 0.3)
        for a, b in zip(ours, nengos, strict=True):
            np.testing.assert_array_equal(a, b)


def test_lif_rates_are_the_hard_curve():
    x = np.linspace(-1, 3, 17)
    ours, nengos = (cls().rates(x, [1.0], [0.5]) for cls in (nsl.SpikingLIF, nengo.LIF))
    np.testing.assert_array_equal(ours, nengos)


def test_linear_reset_counts_follow_the_rate_curve(linear_reset):
    J = np.linspace(-1, 4, 31)
    spikes, _ = run(linear_reset, J, 2.0)
    height = linear_reset.amplitude / 0.001
    assert np.all(np.isclose(spikes, 0) | np.isclose(spikes, height))
    rates = (spikes > 0).sum(axis=0) / 2.0
    curve = linear_reset_lif_rate(J, tau_rc=linear_reset.tau_rc, leak=linear_reset.leak, dt=0.001)
    # one spike; and a leaky neuron may lock its spikes to the steps, by up to half a step
    locking = 0.0005 * curve**2 if linear_reset.leak else 0
    assert np.all(np.abs(rates - curve) <= 1 / 2.0 + locking)


def test_linear_reset_loses_no_charge_without_leak():
    J = np.array([0.13, 1.01, 3.7, 12.0])
    spikes, voltage = run(nsl.SpikingLinearResetLIF(leak=False, initial_state=AT_REST), J, 0.7)
    charge = J / 0.02 * 0.7
    np.testing.assert_allclose((spikes > 0).sum(axis=0) + voltage[-1], charge, rtol=1e-9)


def test_linear_reset_keeps_signed_charge_too():
    """Inhibition first: the same charge as in any other order."""
    neuron_type = nsl.SpikingLinearResetLIF(tau_rc=0.001, leak=False, initial_state=AT_REST)
    voltage, output = np.zeros(1), np.zeros(1)
    counts = []
    for current in [-2.25, 1.0, 1.0, 1.0, 0.5]:
        neuron_type.step(dt=0.001, J=np.array([current]), output=output, voltage=voltage)
        counts.append(int(output[0] > 0))
    assert counts == [0, 0, 0, 0, 1]
    assert voltage[0] == 0.25


@pytest.mark.parametrize("leak", [True, False])
def test_linear_reset_stops_at_min_voltage(leak):
    neuron_type = nsl.SpikingLinearResetLIF(leak=leak, min_voltage=-0.5, initial_state=AT_REST)
    _, voltage = run(neuron_type, [-10.0, -1000.0], 0.1)
    np.testing.assert_array_equal(voltage[-1], -0.5)
    _, unbounded = run(nsl.SpikingLinearResetLIF(leak=leak, initial_state=AT_REST), [-10.0], 0.1)
    assert unbounded[-1, 0] < -9


def test_linear_reset_spikes_at_most_once_a_step_and_catches_up():
    neuron_type = nsl.SpikingLinearResetLIF(tau_rc=0.001, leak=False, initial_state=AT_REST)
    voltage, output = np.zeros(1), np.zeros(1)
    spikes = []
    for current in [3.0, 0.0, 0.0, 0.0]:
        neuron_type.step(dt=0.001, J=np.array([current]), output=output, voltage=voltage)
        spikes.append(output[0])
    assert spikes == [1000, 1000, 1000, 0]


def test_a_spike_at_exactly_the_threshold():
    neuron_type = nsl.SpikingLinearResetLIF(tau_rc=0.001, leak=False)
    voltage, output = np.zeros(1), np.zeros(1)
    neuron_type.step(dt=0.001, J=np.ones(1), output=output, voltage=voltage)
    assert output[0] == 1000 and voltage[0] == 0
