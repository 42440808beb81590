"""A Nengo network written by hand is evaluated like a converted one."""

import itertools

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import DatasetError, ParameterError
from nengo_softlif.loihi.fit.check import _Names


@pytest.fixture
def parts():
    with nengo.Network(seed=0) as net:
        seen = nengo.Node([0, 0])
        larger = nengo.Node(size_in=2)
        for i in range(2):
            ens = nengo.Ensemble(40, 1, neuron_type=nsl.SpikingLIF(), label="half")
            nengo.Connection(seen[i], ens)
            nengo.Connection(ens, larger[i])
    return net, seen, larger


LABELS = [
    ["a", "a 3", "a"],
    ["a", "a", "a", "a"],
    ["a", "a 2", "a"],
    ["a 2", "a", "a 2", "a"],
    [None] * 2,
]


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("neuron_types", [(nsl.SpikingLIF(),), (nsl.SpikingLIF(), nengo.Direct())])
def test_every_ensemble_has_a_name_of_its_own(labels, neuron_types):
    """However labels and numbers meet; `nengo_softlif.loihi.check` uses the names too."""
    with nengo.Network(seed=0) as net:
        seen, result = nengo.Node([0]), nengo.Node(size_in=1)
        for label, neuron_type in zip(labels, itertools.cycle(neuron_types), strict=False):
            ens = nengo.Ensemble(5, 1, label=label, neuron_type=neuron_type)
            nengo.Connection(seen, ens)
            nengo.Connection(ens, result)
    network = nsl.wrap(net, input=seen, output=result)
    names = [layer.name for layer in network.layers]
    assert len(set(names)) == len(names)
    for layer in network.layers:
        assert layer.name.startswith(layer.neurons.ensemble.label or "ensemble")
    checked = _Names(net, network.layers).ensembles
    assert len(set(checked.values())) == len(labels)
    assert [checked[layer.neurons.ensemble] for layer in network.layers] == names


@pytest.mark.parametrize("backend", nsl.backends.names())
def test_the_larger_input_wins(parts, backend):
    net, seen, larger = parts
    x = np.array([[0.9, -0.5], [-0.8, 0.3], [0.1, 0.9]])
    network = nsl.wrap(net, input=seen, output=larger)
    result = nsl.evaluate(network, x, x.argmax(axis=1), backend=backend, progress=False)
    assert result.accuracy == 1
    assert list(result.firing_rates) == ["half", "half 2"]
    assert all(rates.mean > 10 for rates in result.firing_rates.values())


def test_bad_parts_are_named(parts):
    net, seen, larger = parts
    with pytest.raises(ParameterError, match=r"output must be a nengo.Node of the network"):
        nsl.wrap(net, input=seen, output=net.all_ensembles[0])
    with pytest.raises(ParameterError, match=r"a node without inputs of its own \(got size_in=2\)"):
        nsl.wrap(net, input=larger, output=larger)
    with pytest.raises(DatasetError, match=r"samples must have shape \(2,\)"):
        network = nsl.wrap(net, input=seen, output=larger)
        nsl.evaluate(network, np.ones((1, 3)), [0])


def test_several_inputs_and_outputs():
    with nengo.Network(seed=0) as net:
        inputs = {name: nengo.Node(np.zeros(n)) for name, n in (("a", 1), ("b", 2))}
        outputs = {name: nengo.Node(size_in=2) for name in ("sum", "copy")}
        nengo.Connection(inputs["a"], outputs["sum"], transform=[[1], [1]], synapse=None)
        nengo.Connection(inputs["b"], outputs["sum"], synapse=None)
        nengo.Connection(inputs["b"], outputs["copy"], synapse=None)
    network = nsl.wrap(net, input=inputs, output=outputs)
    x = {"a": [[1.0], [2.0]], "b": [[0.1, 0.2], [0.3, 0.4]]}
    found = nsl.predict(network, x, progress=False)
    np.testing.assert_allclose(found.outputs["sum"], [[1.1, 1.2], [2.3, 2.4]], rtol=1e-6)
    np.testing.assert_allclose(found.outputs["copy"], x["b"], rtol=1e-6)
    assert repr(network) == "<WrappedNetwork: a, b -> sum, copy, 0 neurons in 0 ensembles>"
    with pytest.raises(ParameterError, match=r"2 outputs \('sum', 'copy'\)"):
        _ = network.output
    with pytest.raises(ParameterError, match="at least one node"):
        nsl.wrap(net, input={}, output=outputs)
