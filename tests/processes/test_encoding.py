"""Samples as spikes in a node, the same on every simulator."""

import nengo
import numpy as np
import pytest
from nengo.exceptions import ValidationError

import nengo_softlif as nsl

DT = 0.001
SAMPLES = np.random.default_rng(0).uniform(0, 1, (3, 2, 2))
ENCODINGS = [
    nsl.RegularSpikes(300),
    nsl.BernoulliSpikes(300),
    nsl.PoissonSpikes(300),
    nsl.ConstantCurrent(300),
    nsl.LatencySpikes(),
]


def present(encoding, **options):
    return nsl.PresentEncoded(SAMPLES, 0.02, encoding, **{"seed": 5, **options})


@pytest.fixture(scope="module")
def network():
    with nengo.Network(seed=0) as net:
        net.probes_of = [nengo.Probe(nengo.Node(present(encoding))) for encoding in ENCODINGS]
    return net


def simulators():
    yield pytest.param(nengo.Simulator, id="nengo")
    yield pytest.param(nsl.Simulator, id="compiled")

    def nengo_dl(net, **options):
        return pytest.importorskip("nengo_dl").Simulator(net, **options)

    yield pytest.param(nengo_dl, id="nengo_dl")


@pytest.mark.parametrize("simulator", simulators())
def test_nodes_show_items_one_after_the_other(simulator, network):
    with simulator(network, dt=DT, progress_bar=False) as sim:
        sim.run_steps(90)
        found = [np.reshape(sim.data[probe], (90, 4)) for probe in network.probes_of]
    for encoding, values in zip(ENCODINGS, found, strict=True):
        expected = present(encoding).run_steps(90, dt=DT)
        np.testing.assert_allclose(values, expected, rtol=1e-6)


# Largest error of the spike count that a value x makes in n steps, of a rate code with the rate f
# in spikes a step. Random counts may be off by five standard deviations.
LARGEST_ERRORS = {
    nsl.RegularSpikes: lambda x, n, f: 0.5,
    nsl.BernoulliSpikes: lambda x, n, f: 5 * np.sqrt(n * x * f * (1 - x * f)),
    nsl.PoissonSpikes: lambda x, n, f: 5 * np.sqrt(n * x * f),
    nsl.ConstantCurrent: lambda x, n, f: 1e-6,
}


@pytest.mark.parametrize("encoding", ENCODINGS[:4])
def test_the_mean_is_the_sample(encoding):
    n_steps, rate = 20_000, encoding.max_rate * DT
    shown = nsl.PresentEncoded(SAMPLES, n_steps * DT, encoding, seed=1)
    values = shown.run_steps(2 * n_steps, dt=DT)
    for sample, charges in zip(SAMPLES[:2], np.split(values * DT, 2), strict=True):
        x = sample.ravel()
        counts = charges.sum(axis=0) / encoding.amplitude
        errors = np.abs(counts - n_steps * x * rate)
        assert (errors <= LARGEST_ERRORS[type(encoding)](x, n_steps, rate)).all()


def test_items_come_again_with_other_random_spikes():
    shown = present(nsl.BernoulliSpikes(900)).run_steps(120, dt=DT)
    assert (shown[:60] != shown[60:]).any()
    regular = present(nsl.RegularSpikes(900)).run_steps(120, dt=DT)
    np.testing.assert_array_equal(regular[:60], regular[60:])


def test_populations_on_loihi_get_the_spikes():
    nengo_loihi = pytest.importorskip("nengo_loihi")
    with nengo.Network(seed=0) as net:
        nengo_loihi.add_params(net)
        shown = nengo.Node(present(nsl.RegularSpikes(300)))
        first, second = (
            nengo.Ensemble(
                4,
                1,
                neuron_type=nsl.SpikingLinearResetLIF(tau_rc=0.01, leak=False),
                gain=np.ones(4),
                bias=np.zeros(4),
            )
            for _ in range(2)
        )
        net.config[first].on_chip = False
        nengo.Connection(shown, first.neurons, synapse=None)
        nengo.Connection(first.neurons, second.neurons, synapse=None, transform=0.01)
        probe = nengo.Probe(first.neurons)
    with nengo.Simulator(net, dt=DT, progress_bar=False) as sim:
        sim.run_steps(60)
        expected = sim.data[probe]
    with nsl.loihi.Simulator(net, dt=DT, progress_bar=False) as sim:
        sim.run_steps(60)
        np.testing.assert_array_equal(sim.data[probe], expected)
    assert expected.any()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((SAMPLES[0, 0], 0.1, nsl.RegularSpikes(10)), r"inputs: .*x\[np.newaxis\]"),
        ((SAMPLES - 1, 0.1, nsl.RegularSpikes(10)), "inputs: .*must be from 0 to 1 to encode"),
        ((SAMPLES, 0, nsl.RegularSpikes(10)), "presentation_time"),
        (("ab", 0.1, nsl.RegularSpikes(10)), "inputs: .*must be a number .got 'ab'"),
        ((SAMPLES, 0.1, "regular"), "encoding: Must be an encoding"),
    ],
)
def test_wrong_parameters_are_refused(arguments, message):
    with pytest.raises(ValidationError, match=message):
        nsl.PresentEncoded(*arguments)


def test_presentations_of_no_whole_number_of_steps_are_refused():
    with pytest.raises(ValidationError, match=r"integer number of steps of dt = 0.001 s .*0.0015"):
        nsl.PresentEncoded(SAMPLES, 0.0015, nsl.RegularSpikes(10)).run_steps(1, dt=DT)


def test_presentations_shorter_than_a_step_are_refused():
    with pytest.raises(ValidationError, match=r"at least one step of dt = 0.001 s"):
        nsl.PresentEncoded(SAMPLES, 1e-5, nsl.RegularSpikes(10)).run_steps(1, dt=DT)
