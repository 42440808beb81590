"""The compiled emulator does what NengoLoihi's does, to the last bit and in every step."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from nengo.exceptions import BuildError, SimulationError
from nengo_loihi.block import Axon, LoihiBlock, Synapse
from nengo_loihi.builder import Model
from nengo_loihi.builder.discretize import discretize_model
from nengo_loihi.emulator import EmulatorInterface
from nengo_loihi.inputs import SpikeInput
from nengo_loihi.probe import LoihiProbe

from nengo_softlif.loihi.emulator.chip import CompiledEmulator
from tests.loihi.random_models import build, kinds

N_STEPS = 40


def learning_errors(model, t):
    """Errors that a host would send in a step."""
    rng = np.random.RandomState(t)
    return [
        (synapse, t, rng.uniform(-2, 2, size=block.n_neurons // 2))
        for block in model.blocks
        for synapse in block.synapses
        if synapse.learning
    ]


def run(emulator_class, kind):
    """Run step by step; returns all states, probed values and warnings."""
    model = build(kind)
    states = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        emulator = emulator_class(model, seed=kind.seed)
        emulator.strict = emulator.compartment.strict = emulator.synapses.strict = False
        for t in range(1, N_STEPS + 1):
            if kind.learning and t % 3:
                emulator.host2chip([], learning_errors(model, t))
            emulator.step()
            state = emulator.compartment
            states.append([state.current.copy(), state.voltage.copy(), state.spiked.copy()])
        probed = [emulator.collect_probe_output(probe) for probe in model.probes]
    messages = {str(w.message) for w in caught if w.category is UserWarning}
    return states, probed, messages


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=40, deadline=None)
@given(kind=kinds)
def test_random_models_are_the_same_to_the_last_bit(kind):
    states, probed, messages = run(CompiledEmulator, kind)
    their_states, their_probed, their_messages = run(EmulatorInterface, kind)
    for t, (ours, theirs) in enumerate(zip(states, their_states, strict=True), start=1):
        for a, b in zip(ours, theirs, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b, err_msg=f"step {t}")
    for ours, theirs in zip(probed, their_probed, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
    assert messages == their_messages


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=15, deadline=None)
@given(kind=kinds)
def test_many_steps_in_one_call_are_the_same_as_one_by_one(kind):
    outputs = []
    for pieces in ([1] * N_STEPS, [N_STEPS], [7, 30, 3]):
        model = build(kind)
        emulator = CompiledEmulator(model, seed=kind.seed)
        emulator.strict = False
        emulator.host2chip([], learning_errors(model, 1))
        for n_steps in pieces:
            emulator.run_steps(n_steps)
        outputs.append([emulator.collect_probe_output(probe) for probe in model.probes])
    for output in outputs[1:]:
        for a, b in zip(output, outputs[0], strict=True):
            np.testing.assert_array_equal(a, b)


def model_of_one_neuron(n_axons, weight=1.0):
    """All axons spike in every step, onto one neuron."""
    model = Model()
    spike_input = SpikeInput(n_axons)
    for t in range(1, 20):
        spike_input.add_spikes(t, np.arange(n_axons), permanent=True)
    model.add_input(spike_input)
    block = LoihiBlock(1)
    block.compartment.configure_relu()
    block.compartment.configure_filter(0.1)
    model.add_block(block)
    synapse = Synapse(n_axons)
    synapse.set_weights(np.full((n_axons, 1), weight))
    block.add_synapse(synapse)
    axon = Axon(n_axons)
    axon.target = synapse
    spike_input.add_axon(axon)
    model.add_probe(LoihiProbe(target=block, key="voltage"))
    discretize_model(model)
    return model


@pytest.mark.parametrize("n_axons, where", [(100, "current"), (1000, "q0")])
def test_numbers_that_do_not_fit_end_a_strict_run_and_are_warned_of_otherwise(n_axons, where):
    for emulator_class in (EmulatorInterface, CompiledEmulator):
        emulator = emulator_class(model_of_one_neuron(n_axons))
        with pytest.raises(SimulationError, match=f"Overflow in {where}"):
            emulator.run_steps(15)
    outputs = []
    for emulator_class in (EmulatorInterface, CompiledEmulator):
        emulator = emulator_class(model_of_one_neuron(n_axons))
        emulator.strict = emulator.compartment.strict = False
        with pytest.warns(UserWarning, match=f"Overflow in {where}"):
            emulator.run_steps(15)
        (probe,) = emulator.probes.probes
        outputs.append(emulator.collect_probe_output(probe))
    np.testing.assert_array_equal(*outputs)


def test_a_model_that_can_not_run_is_refused_when_it_is_built():
    model = model_of_one_neuron(3)
    model.add_probe(LoihiProbe(target=next(iter(model.blocks)), key="weighted"))
    with pytest.raises(BuildError, match="'weighted'"):
        CompiledEmulator(model)

    model = model_of_one_neuron(3)
    (spike_input,) = model.inputs
    spike_input.axons[0].set_compartment_axon_map(np.array([0, 1, 3]))
    with pytest.raises(BuildError, match="number 3 of the 3 axons"):
        CompiledEmulator(model)


def test_an_interrupted_run_goes_on_where_it_stopped(monkeypatch):
    from nengo_softlif.loihi.emulator.chip import interface

    monkeypatch.setattr(interface, "_MAX_NUMBERS", 8)  # a few steps in a call
    whole = CompiledEmulator(model_of_one_neuron(3))
    whole.run_steps(15)

    emulator = CompiledEmulator(model_of_one_neuron(3))
    calls = []

    def interrupt(*args, strict):
        calls.append(run_kernel(*args, strict=strict))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return calls[-1]

    run_kernel = interface.run
    monkeypatch.setattr(interface, "run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        emulator.run_steps(15)
    emulator.run_steps(0)
    assert 0 < emulator.t < 15
    emulator.run_steps(15 - emulator.t)
    (probe,), (same,) = emulator.probes.probes, whole.probes.probes
    np.testing.assert_array_equal(
        emulator.collect_probe_output(probe), whole.collect_probe_output(same)
    )
