"""Neurons of the spike response model in Nengo, beside their exact spike times."""

import nengo
import numpy as np
import pytest
from nengo.exceptions import ValidationError

import nengo_softlif as nsl
from nengo_softlif.functional import ResponseKernels, align, spike_list
from nengo_softlif.learning_rules.spike_times import SpikeResponseLayer
from nengo_softlif.processes import SpikeResponse

DT, N_STEPS = 1e-4, 1500
KINDS = pytest.mark.parametrize(
    "kernels",
    (ResponseKernels(tau=0.007), ResponseKernels(tau=0.01, tau_s=0.003, reset=1.2)),
    ids=("alpha", "exponentials"),
)


def problem(kernels, own_delays=False):
    rng = np.random.default_rng(1)
    weights = rng.normal(0.15, 0.3, size=(12, 3, 4))
    shape = weights.shape if own_delays else (3,)
    delays = DT * rng.integers(0, 60, size=shape)
    steps = rng.integers(1, 1200, size=(1, 12, 2))
    return SpikeResponseLayer(weights, delays, kernels), steps


def run(process, steps, simulator=nengo.Simulator):
    """Times of output spikes by neuron."""
    spikes = np.zeros((N_STEPS + 1, 12))
    for i, one in enumerate(steps[0]):
        spikes[one, i] = 1 / DT
    with nengo.Network() as net:
        inputs = nengo.Node(lambda t: spikes[min(round(t / DT), N_STEPS)], size_out=12)
        neurons = nengo.Node(process)
        nengo.Connection(inputs, neurons, synapse=None)
        probe = nengo.Probe(neurons)
    with simulator(net, dt=DT, progress_bar=False) as sim:
        sim.run_steps(N_STEPS)
    assert set(np.unique(sim.data[probe]).round(6)) <= {0, round(1 / DT, 6)}
    return [sim.trange()[train > 0] for train in sim.data[probe].T]


@KINDS
@pytest.mark.parametrize("own_delays", (False, True))
def test_spikes_are_those_of_the_layer_within_steps(kernels, own_delays):
    layer, steps = problem(kernels, own_delays)
    exact = layer.spike_times(DT * steps, duration=DT * N_STEPS)[0]
    found = run(SpikeResponse(layer.weights, layer.delays, layer.kernels), steps)
    assert np.isfinite(exact).sum() > 10
    late, unpaired = [], 0
    for train, (expected,) in zip(found, spike_list(exact[:, np.newaxis]), strict=True):
        assert -DT / 10 < train[0] - expected[0] < 1.1 * DT
        paired = align(train, expected, cost=1 / (20 * DT))
        late.extend(train[paired.moved[:, 0]] - expected[paired.moved[:, 1]])
        unpaired += len(paired.removed) + len(paired.inserted)
    # where a potential hardly reaches the threshold, it may do so much later, or not at all
    assert np.median(np.abs(late)) < 3 * DT and unpaired <= 0.05 * len(late)


def test_the_compiled_simulator_has_the_same_spikes():
    layer, steps = problem(ResponseKernels())
    process = SpikeResponse(layer.weights, layer.delays, layer.kernels)
    for train, expected in zip(
        run(process, steps, nsl.Simulator), run(process, steps), strict=True
    ):
        np.testing.assert_allclose(train, expected, rtol=0, atol=DT / 10)


@pytest.mark.parametrize(
    "call, match",
    [
        (lambda: SpikeResponse([[[1]]], [0, 0], ResponseKernels()), r"delays: must have the shape"),
        (lambda: SpikeResponse([[[1]]], [-0.01], ResponseKernels()), "delays: must be 0 or more"),
        (lambda: SpikeResponse([[[1]]], [0.01], 0.007), "kernels: must be kernels, such as"),
    ],
)
def test_bad_arguments(call, match):
    with pytest.raises(ValidationError, match=match):
        call()


def test_sizes_of_the_node():
    with nengo.Network() as net:
        nengo.Node(SpikeResponse([[[1.0]]], [0.0], ResponseKernels()), size_in=2)
    with pytest.raises(ValidationError, match="size_in=1"):
        nengo.Simulator(net, progress_bar=False)
