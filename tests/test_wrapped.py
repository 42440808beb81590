"""A Nengo network written by hand is evaluated like a converted one."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import DatasetError, SoftLIFError


@pytest.fixture
def parts():
    with nengo.Network(seed=0) as net:
        seen = nengo.Node([0, 0])
        decided = nengo.Node(size_in=2)
        for i in range(2):
            ens = nengo.Ensemble(40, 1, neuron_type=nsl.SpikingLIF(), label="half")
            nengo.Connection(seen[i], ens)
            nengo.Connection(ens, decided[i])
    return net, seen, decided


@pytest.mark.parametrize("backend", nsl.backends.names())
def test_the_larger_input_wins(parts, backend):
    net, seen, decided = parts
    x = np.array([[0.9, -0.5], [-0.8, 0.3], [0.1, 0.9]])
    described = nsl.wrap(net, input=seen, output=decided)
    result = nsl.evaluate(
        described, x, x.argmax(axis=1), backend=backend, presentation_time=0.2, progress=False
    )
    assert result.accuracy == 1
    assert list(result.firing_rates) == ["half", "half 2"]
    assert all(rates.mean > 10 for rates in result.firing_rates.values())


def test_bad_parts_are_named(parts):
    net, seen, decided = parts
    with pytest.raises(SoftLIFError, match=r"output must be a nengo.Node of the network"):
        nsl.wrap(net, input=seen, output=net.all_ensembles[0])
    with pytest.raises(SoftLIFError, match=r"must be a node that takes nothing \(got size_in=2\)"):
        nsl.wrap(net, input=decided, output=decided)
    with pytest.raises(DatasetError, match=r"items must have shape \(2,\)"):
        described = nsl.wrap(net, input=seen, output=decided)
        nsl.evaluate(described, np.ones((1, 3)), [0])
