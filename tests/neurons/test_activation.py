"""Rate neurons with the curves of Keras' activations."""

import pickle

import nengo
import numpy as np
import pytest
from nengo.exceptions import ValidationError

import nengo_softlif as nsl
from nengo_softlif.functional.activations import activation
from nengo_softlif.neurons import ActivationRate


@pytest.mark.parametrize("name", ["gelu", "elu", "softplus"])
@pytest.mark.parametrize("simulator", [nengo.Simulator, nsl.Simulator])
def test_regular_spikes_count_up_to_the_curve(name, simulator):
    J = np.linspace(-3, 3, 25)
    spiking = nengo.RegularSpiking(ActivationRate(name, alpha=0.5, rate=100), amplitude=0.01)
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(25, 1, neuron_type=spiking, gain=np.ones(25), bias=J)
        probe = nengo.Probe(ens.neurons)
    with simulator(net, progress_bar=False) as sim:
        sim.run_steps(1000)
    # one spike in a second
    assert np.all(np.abs(sim.data[probe].mean(axis=0) - activation(name, J, 0.5)) <= 0.01 + 1e-9)


def test_types_are_equal_by_value_and_pickled():
    neurons = ActivationRate("elu", alpha=0.3, rate=50)
    assert neurons == pickle.loads(pickle.dumps(neurons)) != ActivationRate("elu")


@pytest.mark.parametrize(
    "parameters", [{"activation": "step"}, {"rate": 0}, {"rate": np.inf}, {"alpha": np.nan}]
)
def test_parameters_out_of_range_are_refused(parameters):
    with pytest.raises(ValidationError, match=next(iter(parameters))):
        ActivationRate(**{"activation": "gelu", **parameters})
