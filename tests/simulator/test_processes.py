"""Processes without input do what they do in `nengo.Simulator`, with the same random numbers."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nengo.dists import Choice, Exponential, Gaussian, Uniform
from nengo.processes import (
    BrownNoise,
    FilteredNoise,
    Piecewise,
    PresentInput,
    WhiteNoise,
    WhiteSignal,
)

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
        still = nengo.Node([0.0])
    with nsl.Simulator(outer, seed=5, progress_bar=False) as sim:
        sim.run_steps(25)
        first = sim.data[probe].copy()
        sim.reset()
        sim.run_steps(25)
        np.testing.assert_array_equal(sim.data[probe], first)
        batch = sim.run_batch({still: [[0.0], [1.0], [2.0]]}, n_steps=25)[probe]
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


IMAGES = np.random.RandomState(0).uniform(-1, 1, (5, 3))
HELD = [
    PresentInput(IMAGES, presentation_time=0.01),
    PresentInput(IMAGES, presentation_time=0.0137),
    PresentInput(IMAGES, presentation_time=0.001),
    PresentInput(IMAGES, presentation_time=0.0004),
    PresentInput(IMAGES, presentation_time=10.0),
    Piecewise({0.0: [1, 2, 3], 0.02: [0, 0, 1], 0.0215: [5, 4, 0], 0.0995: [1, 1, 1]}),
    Piecewise({0.0305: [1, 2, 3], 0.031: [0, 0, 1], -1: [2, 2, 2]}),
    Piecewise({0.05: [1, 2, 3]}),
]


@pytest.mark.parametrize("dt", [0.001, 0.0007, 0.003])
@pytest.mark.parametrize("process", HELD, ids=range(len(HELD)))
def test_what_holds_for_many_steps_changes_when_nengo_says(process, dt):
    with nengo.Network(seed=0) as net:
        node = nengo.Node(process)
        nengo.Probe(node)
        ens = nengo.Ensemble(30, 3)
        nengo.Connection(node, ens, synapse=None)
        nengo.Probe(ens.neurons, "input")
    sim = assert_parity(net, steps=200, dt=dt, tolerance=1e-12)
    assert not sim.plan.steps_in_python
    # and in a step of Python, or without optimization
    assert_parity(net, steps=100, dt=dt, tolerance=1e-12, optimize=False)
    with net:
        nengo.Connection(nengo.Node(np.sin), ens[0])
    sim = assert_parity(net, steps=100, dt=dt, tolerance=1e-12)
    assert sim.plan.steps_in_python


@settings(max_examples=30, deadline=None)
@given(
    time=st.floats(0.0003, 0.05),
    dt=st.sampled_from([0.001, 0.0003, 0.0101, 1 / 3]),
    piecewise=st.booleans(),
)
def test_no_change_is_missed(time, dt, piecewise):
    times = [0, time, 2 * time, 7 * time]
    if piecewise:
        process = Piecewise({t: float(i) for i, t in enumerate(times)})
    else:
        process = PresentInput([[1.0], [2.0], [3.0]], time)
    with nengo.Network() as net:
        nengo.Probe(nengo.Node(process))
    sim = assert_parity(net, steps=200, dt=dt, tolerance=0)
    assert not sim.plan.steps_in_python


def test_images_that_hold_are_convolved_once_each():
    with nengo.Network(seed=0) as net:
        node = nengo.Node(HELD[0])
        layer = nengo.Node(size_in=70)
        nengo.Connection(node, layer, synapse=None, transform=np.ones((70, 3)))
        ens = nengo.Ensemble(70, 1)
        nengo.Connection(layer, ens.neurons, synapse=None)
        nengo.Probe(ens.neurons, "input")
    sim = assert_parity(net)
    dense = {i.kernel.name for i in sim.plan.hoisted_program.instructions}
    assert "multiply_few" in dense


def test_steps_one_by_one_and_batches_follow_a_held_process():
    with nengo.Network(seed=0) as net:
        still = nengo.Node([0.0])
        probe = nengo.Probe(nengo.Node(HELD[1]))
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run_steps(60)
    with nsl.Simulator(net, progress_bar=False) as sim:
        for _ in range(60):
            sim.step()
        np.testing.assert_array_equal(sim.data[probe], reference.data[probe])
        sim.reset()
        sim.run_steps(60)
        np.testing.assert_array_equal(sim.data[probe], reference.data[probe])
        batch = sim.run_batch({still: np.zeros((3, 1))}, 60, threads=2)[probe]
        np.testing.assert_array_equal(batch, np.stack([reference.data[probe]] * 3))


@pytest.mark.parametrize(
    "process",
    [Piecewise({0: 1, 0.02: np.sin}), Piecewise({0: 1, 0.05: 3, 0.06: 2}, "linear")],
    ids=["function", "linear"],
)
def test_what_changes_in_every_step_runs_in_every_step(process):
    with nengo.Network() as net:
        nengo.Probe(nengo.Node(process))
    sim = assert_parity(net, steps=100, tolerance=0)
    assert sim.plan.steps_in_python
