"""Neuron types on the emulator, against the neurons in Nengo and their rate curves."""

import nengo
import nengo_loihi
import numpy as np
import pytest
from nengo.exceptions import BuildError

import nengo_softlif as nsl
from nengo_softlif.functional import linear_reset_lif_rate
from nengo_softlif.loihi.extensions import linear_reset
from tests.loihi.networks import AT_REST

SECONDS = 1.0
J = np.linspace(-1, 4, 41)


def run_bias(neuron_type, J, target, seconds=SECONDS, **probe):
    """Drive neurons by their bias alone; returns what the probe recorded, and the simulator."""
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(
            len(J), 1, neuron_type=neuron_type, gain=np.ones(len(J)), bias=J, label="driven"
        )
        probe = nengo.Probe(ens.neurons, **probe)
    with nengo_loihi.Simulator(net, target=target) as sim:
        sim.run(seconds)
    return sim.data[probe], sim


@pytest.mark.parametrize("target", ["sim", "simreal"])
@pytest.mark.parametrize(
    "neuron_type",
    [
        nsl.SpikingLinearResetLIF(initial_state=AT_REST),
        nsl.SpikingLinearResetLIF(tau_rc=0.05, amplitude=0.5, initial_state=AT_REST),
        nsl.SpikingLinearResetLIF(leak=False, initial_state=AT_REST),
        nsl.SpikingLinearResetLIF(leak=False, tau_rc=0.005, min_voltage=0, initial_state=AT_REST),
    ],
    ids=str,
)
def test_linear_reset_fires_as_in_nengo_at_the_rate_of_its_curve(neuron_type, target):
    data, sim = run_bias(neuron_type, J, target)
    height = neuron_type.amplitude / 0.001
    assert np.all(np.isclose(data, 0) | np.isclose(data, height))
    with nengo.Simulator(sim.network, progress_bar=False) as reference:
        reference.run(SECONDS)
    # at the threshold the last bit of the bias decides
    clear = np.abs(J - neuron_type.threshold) > 0.01
    counts, expected = (
        np.sum(s.data[sim.network.probes[0]] > 0, axis=0)[clear] for s in (sim, reference)
    )
    assert np.all(np.abs(counts - expected) <= 1)
    # the curve averages over the phase of the spike in its step, where a leaky neuron may lock in
    curve = linear_reset_lif_rate(J, tau_rc=neuron_type.tau_rc, leak=neuron_type.leak, dt=0.001)
    assert np.all(np.abs(counts / SECONDS - curve[clear]) <= 1 / SECONDS + 0.03 * curve[clear])


def test_without_leak_no_charge_is_lost():
    """In float mode the count of spikes is the integral of the current, to one spike."""
    neuron_type = nsl.SpikingLinearResetLIF(leak=False, tau_rc=0.01, initial_state=AT_REST)
    currents = np.array([0.31, 1.7, 4.9, 9.9])
    data, _ = run_bias(neuron_type, currents, "simreal")
    counts = (data > 0).sum(axis=0)
    assert np.all(np.abs(counts - currents / 0.01 * SECONDS) <= 1)


def test_at_most_one_spike_a_step():
    neuron_type = nsl.SpikingLinearResetLIF(leak=False, tau_rc=0.001, initial_state=AT_REST)
    for target in ("sim", "simreal"):
        data, _ = run_bias(neuron_type, np.array([1.5, 2.5]), target, seconds=0.1)
        assert (data > 0).sum(axis=0).tolist() == [100, 100]


def test_same_spikes_as_in_nengo_when_numbers_are_exact():
    """Powers of two are exact in float32 and float64: not one spike may differ."""
    neuron_type = nsl.SpikingLinearResetLIF(
        leak=False, tau_rc=0.016, min_voltage=-0.5, initial_state=AT_REST
    )
    currents = np.array([-1.0, 0.25, 1.0, 3.0, 5.5, 14.0])
    data, sim = run_bias(neuron_type, currents, "simreal", seconds=0.2)
    net = sim.network
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run(0.2)
    np.testing.assert_array_equal(data > 0, reference.data[net.probes[0]] > 0)


@pytest.mark.parametrize("leak", [True, False])
@pytest.mark.parametrize("target", ["sim", "simreal"])
@pytest.mark.parametrize("min_voltage", [0, -3, -np.inf])
def test_inhibition_is_remembered_down_to_min_voltage(min_voltage, target, leak):
    neuron_type = nsl.SpikingLinearResetLIF(
        leak=leak, min_voltage=min_voltage, initial_state=AT_REST
    )
    currents = np.array([-100.0, 1.0])
    voltage, sim = run_bias(neuron_type, currents, target, seconds=0.1, attr="voltage")
    threshold = 1 if leak else 0.02 / 0.001
    if target == "sim":
        (block,) = sim.model.blocks
        threshold = threshold * block.discretize_info["v_scale"]
    lowest = voltage[:, 0].min() / threshold
    if min_voltage == -np.inf:
        # the chip stops at 23 bits, long after what a network would reach
        assert lowest < -3
    elif target == "sim" and min_voltage < 0:
        # vmin is a power of two on the chip
        assert min_voltage * np.sqrt(2) * 1.01 < lowest < min_voltage / np.sqrt(2) / 1.01
    else:
        assert lowest == pytest.approx(min_voltage, abs=1e-6)


def test_overshoot_survives_a_spike():
    neuron_type = nsl.SpikingLinearResetLIF(leak=False, tau_rc=0.001, initial_state=AT_REST)
    voltage, _ = run_bias(neuron_type, np.array([0.75]), "simreal", seconds=0.004, attr="voltage")
    np.testing.assert_allclose(voltage[:, 0], [0.75, 0.5, 0.25, 0.0], atol=1e-6)


def test_blocks_split_over_cores_keep_the_kind_of_reset():
    n = 2500
    currents = np.linspace(-1, 4, n)
    neuron_type = nsl.SpikingLinearResetLIF(leak=False, initial_state=AT_REST)
    data, sim = run_bias(neuron_type, currents, "sim", seconds=0.2)
    assert len(sim.model.blocks) == 3
    assert all(block.compartment.subtracts_threshold for block in sim.model.blocks)
    counts = (data > 0).sum(axis=0)
    expected = np.maximum(currents, 0) / 0.02 * 0.2
    assert np.all(np.abs(counts - expected) <= 1 + 0.02 * expected)


def test_kinds_of_reset_live_side_by_side():
    """Ensembles of LIF, linear-reset and NengoLoihi's own neurons in one emulator."""
    types = [
        nsl.SpikingLinearResetLIF(leak=False, initial_state=AT_REST),
        nsl.SpikingLIF(initial_state=AT_REST),
        nsl.SpikingLinearResetLIF(initial_state=AT_REST),
        nengo_loihi.neurons.LoihiLIF(),
    ]
    currents = np.linspace(1.3, 3, 10)
    with nengo.Network(seed=0) as net:
        probes = []
        for neuron_type in types:
            ens = nengo.Ensemble(10, 1, neuron_type=neuron_type, gain=np.ones(10), bias=currents)
            probes.append(nengo.Probe(ens.neurons))
    with nengo_loihi.Simulator(net) as sim:
        sim.run(0.3)
    for probe, neuron_type in zip(probes, types, strict=True):
        alone, _ = run_bias(neuron_type, currents, "sim", seconds=0.3)
        np.testing.assert_array_equal(sim.data[probe], alone)
    np.testing.assert_array_equal(sim.data[probes[1]], sim.data[probes[3]])


@pytest.mark.parametrize("target", ["sim", "simreal"])
def test_lif_fires_at_the_rate_of_its_curve_rounded_to_steps(target):
    neuron_type = nsl.SpikingLIF(
        sigma=0.1, noise=nsl.GaussianRateNoise(10.0), initial_state=AT_REST
    )
    data, _ = run_bias(neuron_type, J, target)
    rates = (data > 0).sum(axis=0) / SECONDS
    expected = nengo_loihi.neurons.loihi_rates(
        neuron_type, np.zeros(1), np.ones(len(J)), J, dt=0.001
    )[0]
    clear = np.abs(J - 1) > 0.06
    assert np.all(np.abs(rates - expected)[clear] <= (1 / SECONDS + 0.08 * expected)[clear])


@pytest.mark.parametrize("leak", [True, False])
def test_decoded_connections_between_linear_reset_ensembles(leak):
    """Decoders are solved with the curve of the emulator."""
    with nengo.Network(seed=3) as net:
        node = nengo.Node([0.6])
        neuron_type = nsl.SpikingLinearResetLIF(leak=leak, initial_state=AT_REST)
        a = nengo.Ensemble(100, 1, neuron_type=neuron_type, max_rates=nengo.dists.Uniform(80, 120))
        b = nengo.Ensemble(100, 1, neuron_type=neuron_type, max_rates=nengo.dists.Uniform(80, 120))
        nengo.Connection(node, a)
        nengo.Connection(a, b)
        probe = nengo.Probe(b, synapse=0.05)
    with nengo_loihi.Simulator(net) as sim:
        sim.run(0.5)
    assert abs(sim.data[probe][300:].mean() - 0.6) < 0.1


def test_neurons_on_the_host_run_as_in_nengo():
    with nengo.Network(seed=0) as net:
        nengo_loihi.add_params(net)
        probes = []
        for neuron_type in (nsl.SoftLIFRate(), nsl.SpikingLIF(), nsl.SpikingLinearResetLIF()):
            ens = nengo.Ensemble(9, 1, neuron_type=neuron_type, gain=np.ones(9), bias=np.arange(9))
            net.config[ens].on_chip = False
            probes.append(nengo.Probe(ens.neurons))
        nengo.Ensemble(1, 1)  # there has to be something on the chip
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run(0.1)
    with nengo_loihi.Simulator(net) as sim:
        sim.run(0.1)
    for probe in probes:
        np.testing.assert_array_equal(sim.data[probe], reference.data[probe])


@pytest.mark.parametrize(
    "neuron_type, instead",
    [(nsl.SoftLIFRate(), "SpikingLIF"), (nsl.LinearResetLIFRate(), "SpikingLinearResetLIF")],
)
def test_rate_neurons_are_refused_with_the_spiking_ones_named(neuron_type, instead):
    with pytest.raises(
        BuildError, match=rf"(?s)driven.*nengo_softlif\.{instead},.*on_chip = False"
    ):
        run_bias(neuron_type, J, "sim")


def test_linear_reset_is_refused_on_the_chip(monkeypatch):
    monkeypatch.setattr(nengo_loihi.simulator, "HAS_NXSDK", True)
    with pytest.raises(
        BuildError, match=r"(?s)driven.*subtract.*nengo_softlif\.SpikingLIF.*target='sim'"
    ):
        run_bias(nsl.SpikingLinearResetLIF(initial_state=AT_REST), J, "loihi")


def test_other_neurons_pass_the_check_for_the_chip(monkeypatch):
    _, sim = run_bias(nsl.SpikingLIF(initial_state=AT_REST), J, "sim", seconds=0.001)
    passed = []
    monkeypatch.setattr(linear_reset, "HardwareInterface", passed.append)
    linear_reset.hardware_interface(sim.model)
    assert passed == [sim.model]
