"""Siegert's formula: its integral, its limits, and LIF neurons that get Poisson spikes."""

import nengo
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.signal import lfilter
from scipy.special import erfcx

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional import lif_rate
from nengo_softlif.functional.siegert import poisson_moments, siegert_rate

TAU_RC, TAU_REF = 0.02, 0.002


@pytest.mark.parametrize(
    "mean, deviation", [(0.5, 0.2), (1.0, 0.05), (0.9, 1.0), (-2.0, 1.0), (1.5, 0.01), (30.0, 3.0)]
)
def test_integral_is_that_of_the_equation(mean, deviation):
    ends = (np.array([0, 1]) - mean) / (np.sqrt(2) * deviation)
    integral, _ = quad(lambda z: erfcx(-z), *ends, epsabs=0, epsrel=1e-12, limit=500)
    expected = 1 / (TAU_REF + TAU_RC * np.sqrt(np.pi) * integral)
    assert siegert_rate(mean, deviation) == pytest.approx(expected, rel=1e-9)


def test_without_noise_it_is_the_rate_of_lif_neurons():
    mean = np.array([-1.0, 0.5, 0.99, 1.01, 1.5, 4.0])
    expected = lif_rate(mean)
    for deviation, tolerance in ((0.0, 1e-6), (1e-3, 2e-3)):
        np.testing.assert_allclose(
            siegert_rate(mean, deviation), expected, rtol=tolerance, atol=1e-6
        )


def test_rates_grow_with_the_mean_up_to_the_refractory_period():
    mean = np.linspace(-300, 300, 2001)
    for deviation in (0.1, 1.0, 5.0):
        rates = siegert_rate(mean, deviation, tau_ref=0.004)
        assert np.isfinite(rates).all() and (np.diff(rates) > -1e-9).all()
        assert rates[0] == pytest.approx(0, abs=1e-6)
        assert rates[-1] < 1 / 0.004
    assert siegert_rate(1e6, 1.0, tau_ref=0.004) == pytest.approx(250, rel=1e-3)


def test_noise_makes_neurons_fire_below_the_threshold():
    rates = siegert_rate(0.7, [0.0, 0.1, 0.2, 0.4])
    assert rates[0] == 0 and (np.diff(rates) > 0).all()


def test_slow_synapses_shift_threshold_and_reset():
    """By Brunel & Sergi's term: as if both were higher, so that the mean is lower."""
    shift = 1.4603545 * np.sqrt(0.001 / TAU_RC) * 0.3
    shifted = siegert_rate(1.0 - shift, 0.3)
    assert siegert_rate(1.0, 0.3, tau_s=0.001) == pytest.approx(shifted, rel=1e-6)


def test_moments_are_those_of_filtered_poisson_spikes():
    """The voltage of a leaky integrator without a threshold, over 200 s."""
    rng, dt = np.random.default_rng(0), 0.001
    rates, weights = np.array([40.0, 90.0]), np.array([[0.1, -0.05]])
    steps = (rng.poisson(rates * dt, (200_000, 2)) @ weights.T)[:, 0]
    voltage = lfilter([1.0], [1.0, -np.exp(-dt / TAU_RC)], steps)[1000:]
    mean, deviation = poisson_moments(rates, weights, tau_rc=TAU_RC)
    assert voltage.mean() == pytest.approx(mean[0], abs=0.005)
    assert voltage.std() == pytest.approx(deviation[0], rel=0.05)


def test_simulated_neurons_have_the_rate():
    """LIF neurons with many small Poisson spikes: the diffusion approximation, in small steps."""
    dt, n_neurons, n_steps, weight = 1e-4, 200, 5000, 0.02
    for mean, balance in ((0.8, 3.0), (1.2, 3.0), (1.6, 1.0)):
        # excitation and inhibition, whose difference is the mean
        rates = np.array([(balance + 1) / 2, (balance - 1) / 2]) * mean / (TAU_RC * weight)
        _, deviation = poisson_moments(rates, [[weight, -weight]], tau_rc=TAU_RC)
        rng = np.random.default_rng(0)
        drive = weight * (
            rng.poisson(rates[0] * dt, (n_steps, n_neurons))
            - rng.poisson(rates[1] * dt, (n_steps, n_neurons)).astype(float)
        )
        with nengo.Network(seed=0) as net:
            stimulus = nengo.Node(np.zeros(n_neurons))
            kind = nsl.SpikingLIF(TAU_RC, TAU_REF, min_voltage=-np.inf)
            neurons = nengo.Ensemble(
                n_neurons, 1, neuron_type=kind, gain=np.ones(n_neurons), bias=np.zeros(n_neurons)
            ).neurons
            nengo.Connection(stimulus, neurons, synapse=None)
            probe = nengo.Probe(neurons)
        given = {stimulus: drive[np.newaxis] * TAU_RC / dt}
        with nsl.Simulator(net, dt=dt, progress_bar=False) as sim:
            counts = sim.run_batch(given, n_steps, accumulated=[probe])[probe] * dt
        measured = counts.mean() / (n_steps * dt)
        # at a threshold that is looked at once a step, noise is seen late, as by slow synapses
        early = siegert_rate(mean, deviation[0])
        late = siegert_rate(mean, deviation[0], tau_s=dt)
        assert 0.97 * late < measured < 1.03 * early


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: siegert_rate(1.0, -0.1), "deviation must be"),
        (lambda: siegert_rate([1.0, 2.0], [1.0, 2.0, 3.0]), "shapes that go together"),
        (lambda: siegert_rate(1.0, 0.1, tau_rc=0.0), "tau_rc must be"),
        (lambda: poisson_moments([-1.0], [[1.0]]), "rates must be"),
        (lambda: poisson_moments([1.0], [[1.0, 2.0]]), r"weights must have the shape \(n_neurons"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
