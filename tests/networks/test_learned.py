"""Weights read from a simulation, of connections too."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.learning_rules import STDP
from nengo_softlif.networks import learned_weights
from tests.learning_rules.networks import told


@pytest.mark.parametrize("simulator", [nengo.Simulator, nsl.Simulator])
def test_weights_of_a_connection_are_a_copy(simulator):
    net = told(STDP(), np.ones((5, 2)), np.ones((5, 3)), np.full((3, 2), 0.5))
    with simulator(net, progress_bar=False) as sim:
        before = learned_weights(sim, net.connection)
        np.testing.assert_array_equal(before, np.full((3, 2), 0.5))
        sim.run_steps(5)
        now = learned_weights(sim, net.connection)
        assert (now != before).all()
        np.testing.assert_array_equal(now, sim.data[net.weights][-1])


@pytest.mark.parametrize("simulator", [nengo.Simulator, nsl.Simulator])
def test_what_has_no_weights_is_named(simulator):
    nets = [told(STDP(), np.zeros((2, 1)), np.zeros((2, 1)), [[0.5]]) for _ in range(2)]
    with simulator(nets[0], progress_bar=False) as sim:
        for learner in (nets[1].connection, nets[0].all_nodes[0], "connection"):
            with pytest.raises(ParameterError, match="learner must be a connection with weights"):
                learned_weights(sim, learner)
    with pytest.raises(ParameterError, match="sim must be open"):
        learned_weights(sim, nets[0].connection)
