"""Lateral inhibition equals the dense matrix without its diagonal, at less cost."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.networks import LateralInhibition

SIMULATORS = [nengo.Simulator, nsl.Simulator]


def ensemble(n):
    """Integrate-and-fire neurons of different currents."""
    kind = nsl.SpikingDiscreteLIF(threshold=1.0, decay=0.99, min_voltage=-3, amplitude=0.001)
    bias = np.linspace(0.1, 0.4, n)
    return nengo.Ensemble(n, 1, neuron_type=kind, gain=np.ones(n), bias=bias)


@pytest.mark.parametrize("simulator", SIMULATORS)
@pytest.mark.parametrize("synapse", [0, 0.005])
def test_it_is_the_dense_matrix_without_its_diagonal(simulator, synapse):
    n = 30
    spikes = []
    for dense in (False, True):
        with nengo.Network(seed=0) as net:
            neurons = ensemble(n).neurons
            if dense:
                weights = -0.5 * (1 - np.eye(n))
                nengo.Connection(neurons, neurons, transform=weights, synapse=synapse)
            else:
                LateralInhibition(neurons, 0.5, synapse)
            probe = nengo.Probe(neurons)
        with simulator(net, progress_bar=False) as sim:
            sim.run_steps(300)
        spikes.append(sim.data[probe])
    assert spikes[0].any(axis=0).sum() > 3
    np.testing.assert_array_equal(*spikes)


def test_it_has_three_weights_for_each_neuron():
    with nengo.Network() as net:
        inhibition = LateralInhibition(ensemble(50).neurons, 1.0)
    model = nsl.Simulator(net, progress_bar=False).model
    weights = [model.sig[c]["weights"].initial_value for c in inhibition.connections]
    assert sum(getattr(w, "nnz", w.size) for w in weights) == 3 * 50


def test_bad_arguments_are_named():
    with nengo.Network():
        a = ensemble(3)
        with pytest.raises(ParameterError, match="neurons"):
            LateralInhibition(a, 1.0)
        with pytest.raises(ParameterError, match="strength"):
            LateralInhibition(a.neurons, -1.0)
