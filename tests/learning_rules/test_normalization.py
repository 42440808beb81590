"""Weight normalisation in a simulation, between its runs."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.plasticity import normalized
from nengo_softlif.learning_rules import STDP, WeightNormalization
from tests.learning_rules.networks import told


def test_sums_are_kept_and_ratios_too():
    weights = np.random.default_rng(0).random((5, 9))
    scaled = normalized(weights, 2.0)
    np.testing.assert_allclose(scaled.sum(axis=1), 2.0)
    np.testing.assert_allclose(scaled / weights, (scaled / weights)[:, :1] * np.ones(9))
    np.testing.assert_allclose(normalized(scaled, 2.0), scaled)
    assert not normalized(np.zeros((1, 3)), 2.0).any()


@pytest.mark.parametrize("simulator", [nengo.Simulator, nsl.Simulator])
def test_simulations_go_on_with_the_scaled_weights(simulator):
    silence = np.zeros((20, 4)), np.zeros((20, 3))
    net = told(STDP(), *silence, np.full((3, 4), 0.5))
    with simulator(net, progress_bar=False) as sim:
        sim.run_steps(5)
        WeightNormalization(net.connection, total=1.0)(sim)
        sim.run_steps(5)
    np.testing.assert_array_equal(sim.data[net.weights][4], np.full((3, 4), 0.5))
    np.testing.assert_array_equal(sim.data[net.weights][5:], np.full((5, 3, 4), 0.25))


def test_bad_arguments_are_named():
    net = told(STDP(), np.zeros((2, 1)), np.zeros((2, 1)), [[0.5]])
    with pytest.raises(ParameterError, match="total"):
        WeightNormalization(net.connection, total=0)
    with pytest.raises(ParameterError, match="connection"):
        WeightNormalization(net, total=1)
