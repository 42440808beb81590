"""Neuron types of one's own in converted networks."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ConversionError

L = keras.layers


class Integrating(nengo.neurons.NeuronType):
    """Integrate and fire, several spikes a step, without a method ``rates``."""

    state = {"voltage": nengo.dists.Choice([0.0])}
    spiking = True
    negative = False
    amplitude = nengo.params.NumberParam("amplitude", low=0, low_open=True)

    def __init__(self, amplitude=1.0, initial_state=None):
        super().__init__(initial_state)
        self.amplitude = amplitude

    def gain_bias(self, max_rates, intercepts):
        return np.ones_like(max_rates), np.zeros_like(intercepts)

    def max_rates_intercepts(self, gain, bias):
        return gain, bias

    def step(self, dt, J, output, voltage):
        voltage += np.maximum(J, 0) * dt
        n_spikes = np.floor(voltage)
        voltage -= n_spikes
        output[...] = self.amplitude * n_spikes / dt


class WithAbstractRates(Integrating):
    """The same with a method ``rates`` that does nothing but say so."""

    def rates(self, x, gain, bias):
        raise NotImplementedError


class WithRates(Integrating):
    """The same with a method ``rates``."""

    def rates(self, x, gain, bias):
        return self.amplitude * np.maximum(self.current(x, gain, bias), 0)


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [keras.Input((6,)), L.Dense(8, "relu", name="h"), L.Dense(8, "relu"), L.Dense(3)]
    )


SAMPLES = np.random.default_rng(0).uniform(size=(3, 6))


def mean_output(spiking, simulator, n_steps=4000):
    spiking.input.output = SAMPLES[0]
    with spiking.net:
        probe = nengo.Probe(spiking.output)
    with simulator(spiking.net, progress_bar=False) as sim:
        sim.run_steps(n_steps)
    spiking.net.probes.remove(probe)
    return sim.data[probe][n_steps // 5 :].mean(axis=0)


@pytest.mark.parametrize("simulator", [nengo.Simulator, nsl.Simulator])
@pytest.mark.parametrize("scale", [None, 200.0])
def test_a_type_with_rates_has_all_that_conversion_does(model, scale, simulator):
    # long filters, since the ripple of short ones is rectified by the second layer
    spiking = nsl.convert(model, neurons={"relu": WithRates()}, scale=scale, synapse=0.1)
    assert [layer.scale for layer in spiking.layers] == [scale or 100.0] * 2
    nsl.conversion.verify(model, spiking, SAMPLES)
    np.testing.assert_allclose(
        mean_output(spiking, simulator), np.asarray(model(SAMPLES[:1]))[0], atol=0.05
    )
    target = nsl.convert(
        model, neurons={"relu": WithRates(0.5)}, target_rates=80.0, calibration=SAMPLES
    )
    assert target.layers[0].amplitude * target.layers[0].scale == pytest.approx(0.5)


@pytest.mark.parametrize("neuron_class", [Integrating, WithAbstractRates])
def test_a_type_without_rates_is_left_unscaled_and_can_not_be_verified(neuron_class, model):
    spiking = nsl.convert(model, neurons={"h": neuron_class()})
    assert [layer.scale for layer in spiking.layers] == [1.0, 100.0]
    assert nsl.Simulator(spiking.net, progress_bar=False)
    with pytest.warns(UserWarning, match=r"scaling 'h' by 200 may change .* give the class a meth"):
        spiking = nsl.convert(model, neurons={"h": neuron_class()}, scale={"h": 200.0}, synapse=0.1)
    output = mean_output(spiking, nengo.Simulator)
    np.testing.assert_allclose(output, np.asarray(model(SAMPLES[:1]))[0], atol=0.05)
    for fails in (
        lambda: nsl.conversion.verify(model, spiking, SAMPLES),
        lambda: nsl.convert(
            model, neurons={"h": neuron_class()}, target_rates=50.0, calibration=SAMPLES
        ),
    ):
        with pytest.raises(ConversionError, match=f"{neuron_class.__name__} has no rate version"):
            fails()


@pytest.mark.parametrize("scale", [None, 1.0])
def test_izhikevich_neurons(model, scale):
    spiking = nsl.convert(model, neurons={"relu": nengo.Izhikevich()}, scale=scale)
    assert [layer.scale for layer in spiking.layers] == [1.0, 1.0]
    with pytest.raises(ConversionError, match="Izhikevich has no amplitude"):
        nsl.convert(model, neurons={"h": nengo.Izhikevich()}, scale={"h": 2.0})
