"""Processes without input do what they do in `nengo.Simulator`, with the same random numbers."""

import nengo
import numpy as np
import pytest
from nengo.dists import Choice, Exponential, Gaussian, Uniform
from nengo.processes import BrownNoise, FilteredNoise, WhiteNoise, WhiteSignal

import nengo_softlif as nsl
from tests.simulator.comparing import assert_parity, in_python

COMPILED = [
    WhiteNoise(),
    WhiteNoise(Gaussian(0.3, 2), scale=False, seed=4),
    WhiteNoise(Uniform(-1, 3)),
    FilteredNoise(),
    FilteredNoise(nengo.Alpha(0.01), dist=Uniform(-2, 1), scale=False),
    FilteredNoise(nengo.LinearFilter([1], [1e-6, 3e-4, 0.03, 1]), seed=2),
    FilteredNoise(nengo.Triangle(0.01)),
    BrownNoise(),
    WhiteSignal(period=0.04, high=100),
    WhiteSignal(period=0.0411, high=100, y0=0),
    WhiteSignal(period=3, high=5, rms=2.0, seed=3),
]


def playing(process, size, *, as_noise=False):
    """A node with a process, another one with a seed of its own, and neurons that get both."""
    with nengo.Network(seed=2) as net:
        node = nengo.Node(process, size_out=size)
        nengo.Probe(node)
        other = nengo.Node(WhiteSignal(0.1, 30), size_out=1)
        nengo.Probe(other)
        ens = nengo.Ensemble(30, size, noise=process if as_noise else None)
        nengo.Connection(node, ens, synapse=None)
        nengo.Connection(other, ens[0], synapse=None)
        nengo.Probe(ens.neurons, "input")
    return net


# NumPy's logarithm may be another one than the compiler's
ROUNDING = 1e-13


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("dt", [0.001, 0.0007])
@pytest.mark.parametrize("process", COMPILED, ids=str)
def test_the_same_numbers_in_every_step(process, dt, size):
    sim = assert_parity(playing(process, size), steps=150, dt=dt, tolerance=ROUNDING)
    assert not sim.plan.python


@pytest.mark.parametrize(
    "process", [WhiteNoise(Uniform(-1, 3)), WhiteSignal(0.04, 100), WhiteSignal(0.033, 90, y0=0.2)]
)
def test_to_the_last_bit_without_a_logarithm(process):
    with nengo.Network(seed=0) as net:
        nengo.Probe(nengo.Node(process, size_out=3))
    assert_parity(net, steps=300, tolerance=0)


@pytest.mark.parametrize("process", COMPILED, ids=str)
def test_noise_of_ensembles_is_added_to_their_currents(process):
    sim = assert_parity(playing(process, 2, as_noise=True), steps=60)
    assert not sim.plan.python


@pytest.mark.parametrize("process", COMPILED, ids=str)
def test_a_reset_and_each_sample_of_a_batch_start_from_the_same_seed(process):
    net = playing(process, 2)
    probe = net.probes[0]
    with nengo.Network() as outer:
        outer.add(net)
        given = nengo.Node([0.0])
    with nsl.Simulator(outer, seed=5, progress_bar=False) as sim:
        sim.run_steps(25)
        first = sim.data[probe].copy()
        sim.reset()
        sim.run_steps(25)
        np.testing.assert_array_equal(sim.data[probe], first)
        batch = sim.run_batch({given: [[0.0], [1.0], [2.0]]}, n_steps=25)[probe]
        np.testing.assert_array_equal(batch, np.stack([first] * 3))
        sim.reset(seed=6)
        sim.run_steps(25)
        assert (process.seed is None) == (not np.array_equal(sim.data[probe], first))


@pytest.mark.parametrize(
    "process",
    [
        WhiteNoise(Exponential(1.0)),
        WhiteNoise(Choice([[-1, 1], [2, 0]])),
        WhiteNoise(Uniform(0, 9, integer=True)),
        FilteredNoise(dist=Choice([[1, 2], [3, 4]])),
    ],
    ids=str,
)
def test_other_distributions_run_in_python(process):
    sim = assert_parity(playing(process, 2), steps=40)
    assert type(process).__name__ in in_python(sim)


def test_in_single_precision(single_precision):
    for process in COMPILED:
        assert_parity(playing(process, 3), steps=60, tolerance=1e-4)
