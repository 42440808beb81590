"""Every synapse does what it does in `nengo.Simulator`."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.comparing import assert_parity, in_python

SYNAPSES = [
    None,
    nengo.Lowpass(0.005),
    nengo.Lowpass(0),
    nengo.Lowpass(1e-5),
    nengo.Lowpass(10.0),
    nengo.Alpha(0.005),
    nengo.Alpha(0),
    nengo.Alpha(1e-5),
    nengo.LinearFilter([1], [0.02, 1]),
    nengo.LinearFilter([2.5], [1]),  # a gain
    nengo.LinearFilter([0.01, 1], [0.02, 1]),  # with passthrough
    nengo.LinearFilter([1], [1e-4, 0.01, 1]),
    nengo.LinearFilter([0.01, 1], [1e-4, 0.01, 1]),
    nengo.LinearFilter([1e-4, 0, 1], [1e-4, 0.01, 1]),
    nengo.LinearFilter([1], [1e-6, 3e-4, 0.03, 1]),
    nengo.LinearFilter([1], [1e-8, 4e-6, 6e-4, 0.04, 1], method="euler"),
    nengo.LinearFilter([0.1], [1, -0.9], analog=False),
    nengo.LinearFilter([0.5, 0.5], [1, 0, 0], analog=False),
    nengo.LinearFilter([0.2, 0.1, 0.3], [1, -0.5, 0.1], analog=False),
    nengo.Triangle(0.005),
    nengo.Triangle(0.02),
    nengo.Triangle(0.001),
]


def filtered(synapse, width=37):
    with nengo.Network(seed=3) as net:
        spikes = nengo.Ensemble(width, 1, neuron_type=nengo.SpikingRectifiedLinear())
        nengo.Connection(nengo.Node(lambda t: np.cos(50 * t)), spikes, synapse=None)
        node = nengo.Node(size_in=width)
        nengo.Connection(spikes.neurons, node, synapse=synapse)
        nengo.Probe(node)
        nengo.Probe(spikes, synapse=synapse)
    return net


@pytest.mark.parametrize("synapse", SYNAPSES, ids=str)
def test_outputs_agree_in_every_step(synapse):
    sim = assert_parity(filtered(synapse))
    assert set(in_python(sim)) <= {"TimeUpdate", "SimPyFunc"}


@settings(max_examples=15, deadline=None)
@given(
    taus=st.lists(st.floats(0.0015, 0.1), min_size=1, max_size=4, unique=True),
    zeros=st.integers(0, 4),
    width=st.integers(1, 40),
)
def test_any_stable_filter(taus, zeros, width):
    denominator, numerator = np.ones(1), np.ones(1)
    for i, tau in enumerate(taus):
        denominator = np.polymul(denominator, [tau, 1])
        if i < zeros:
            numerator = np.polymul(numerator, [tau / 2, 1])
    synapse = nengo.LinearFilter(numerator, denominator)
    assert_parity(filtered(synapse, width), steps=40, tolerance=1e-7)


def test_single_precision(single_precision):
    for synapse in (nengo.Lowpass(0.005), nengo.Alpha(0.005), nengo.Triangle(0.005)):
        assert_parity(filtered(synapse), steps=30, tolerance=1e-4)
