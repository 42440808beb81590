"""Neuron types run in NengoDL as they do in Nengo."""

import nengo
import nengo_dl
import numpy as np
import pytest
from nengo_dl.neuron_builders import SimNeuronsBuilder

import nengo_softlif as nsl
from tests.nengodl.conftest import build_zoo, neuron_types, run_zoo

SPIKING = ("SpikingLIF", "SpikingLinearResetLIF")
RATE = ("SoftLIFRate", "LinearResetLIFRate")


@pytest.fixture(scope="module", params=["float32", "float64"])
def recorded(request):
    return run_zoo(build_zoo(dtype=request.param), nengo_dl.Simulator, 200)


def assert_same_spikes(actual, expected, neuron_type):
    """Equal, but that rounding may move a spike by one step."""
    height = neuron_type.amplitude / 0.001
    np.testing.assert_allclose(actual[actual > 0], height, rtol=1e-6)
    apart = np.abs(np.cumsum(actual > 0, axis=0) - np.cumsum(expected > 0, axis=0))
    assert apart.max() <= 1
    assert np.mean(apart) < 0.01  # seldom, and for one step only


@pytest.mark.parametrize("name", SPIKING)
def test_spikes_of_merged_ensembles_are_those_of_nengo(recorded, reference, name):
    for neuron_type, actual, expected in zip(
        neuron_types()[name], recorded[name], reference[name], strict=True
    ):
        assert (expected > 0).sum() > 20
        assert_same_spikes(actual, expected, neuron_type)


@pytest.mark.parametrize("name", RATE)
def test_rates_of_merged_ensembles_are_those_of_nengo_without_noise(recorded, reference, name):
    for actual, expected in zip(recorded[name], reference[name], strict=True):
        np.testing.assert_allclose(actual, expected, rtol=2e-5, atol=1e-12)


def test_stateful_runs_with_unrolling_and_inference_only_continue(reference):
    zoo = build_zoo(inference_only=True)
    with nengo_dl.Simulator(zoo.net, progress_bar=False, unroll_simulation=5) as sim:
        sim.run_steps(50)
        first = {name: [sim.data[p][-1] for p in probes] for name, probes in zoo.probes.items()}
        sim.run_steps(150)
        for name in SPIKING:
            for k, probe in enumerate(zoo.probes[name]):
                data = sim.data[probe]
                assert data.shape == (200, len(zoo.J))
                np.testing.assert_array_equal(first[name][k], data[49])
                assert_same_spikes(data, reference[name][k], neuron_types()[name][k])


def test_ensembles_of_one_type_are_merged_whatever_their_parameters():
    with nengo_dl.Simulator(build_zoo().net, progress_bar=False) as sim:
        groups = [
            [type(op.neurons).__name__ for op in ops]
            for ops in sim.tensor_graph.plan
            if type(ops[0]).__name__ == "SimNeurons"
        ]
    assert sorted(groups) == sorted([name] * len(types) for name, types in neuron_types().items())


@pytest.mark.parametrize("name", SPIKING + RATE)
def test_types_have_a_tensorflow_implementation(name):
    builder = SimNeuronsBuilder.TF_NEURON_IMPL[getattr(nsl, name)]
    assert builder.__module__.startswith("nengo_softlif.nengodl")


def test_nengos_own_types_are_left_to_nengo_dl():
    assert SimNeuronsBuilder.TF_NEURON_IMPL[nengo.LIF].__module__.startswith("nengo_dl")
