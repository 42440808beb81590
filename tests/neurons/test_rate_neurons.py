"""The rate neurons follow the curves of `functional.rates`."""

import nengo
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.functional import soft_lif_rate

J = np.linspace(-2, 5, 36)


def parameters(neuron_type):
    return {
        "tau_rc": neuron_type.tau_rc,
        "tau_ref": getattr(neuron_type, "tau_ref", 0),
        "amplitude": neuron_type.amplitude,
        "sigma": neuron_type.sigma,
    }


def test_step_and_rates_are_the_curve(rate_neuron):
    if getattr(rate_neuron, "leak", True):
        expected = soft_lif_rate(J, **parameters(rate_neuron))
    else:
        expected = rate_neuron.amplitude * np.maximum(J, 0) / rate_neuron.tau_rc
    output = np.zeros_like(J)
    rate_neuron.step(dt=0.001, J=J, output=output)
    np.testing.assert_allclose(output, expected)
    rates = rate_neuron.rates(J, gain=[1.0], bias=[0.0])
    np.testing.assert_allclose(rates[:, 0], expected)


def test_soft_lif_decodes_like_lif():
    """In a network of NEF ensembles the smooth threshold does no harm."""
    with nengo.Network(seed=0) as net:
        node = nengo.Node([0.5])
        ens = nengo.Ensemble(100, 1, neuron_type=nsl.SoftLIFRate())
        nengo.Connection(node, ens, synapse=None)
        probe = nengo.Probe(ens)
    with nengo.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(3)
    assert abs(sim.data[probe][-1, 0] - 0.5) < 0.01


def test_unlike_lif_rate_it_has_some_output_below_threshold():
    assert nengo.LIFRate().rates(0.95, [1.0], [0.0]) == 0
    assert nsl.SoftLIFRate().rates(0.95, [1.0], [0.0]) > 1
