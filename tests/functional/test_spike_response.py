"""Spike times against a fine grid, and their gradients against differences."""

import numpy as np
import pytest

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.response_kernels import ResponseKernels
from nengo_softlif.functional.spike_response import (
    arrival_gradient,
    potential,
    potential_errors,
    potential_slope,
    spike_times,
    weight_gradient,
)

ALPHA = ResponseKernels(tau=0.007)
EXPONENTIALS = ResponseKernels(tau=0.01, tau_s=0.0025, threshold=0.8, reset=1.3)
KINDS = pytest.mark.parametrize("kernels", (ALPHA, EXPONENTIALS), ids=("alpha", "exponentials"))
DURATION = 0.1
STEP = 1e-5  # of the grid


def problem(seed=0, shared=False):
    """Two samples, three neurons, 25 arrivals, of which one sample lacks some."""
    rng = np.random.default_rng(seed)
    arrivals = rng.uniform(0, DURATION, size=(2, 1 if shared else 3, 25))
    arrivals[1, :, :5] = np.inf
    return arrivals, rng.normal(0.25, 0.5, size=(3, 25))


def on_a_grid(arrivals, weights, kernels, dt=STEP):
    """Spikes in the first step at whose end the potential is at the threshold."""
    n_samples, n_neurons = len(arrivals), len(weights)
    times = [[[] for _ in range(n_neurons)] for _ in range(n_samples)]
    arrivals = np.broadcast_to(arrivals, (n_samples, n_neurons, arrivals.shape[-1]))
    grid = np.arange(0, DURATION, dt)
    for s in range(n_samples):
        for n in range(n_neurons):
            u = weights[n] @ kernels.response(grid - arrivals[s, n][:, np.newaxis])
            for k, t in enumerate(grid):
                if u[k] >= kernels.threshold:
                    times[s][n].append(t)
                    u[k:] += kernels.refractory(grid[k:] - t)
    return times


@KINDS
@pytest.mark.parametrize("shared", (False, True))
def test_spikes_are_those_of_a_fine_grid(kernels, shared):
    n_compared = 0
    for seed in range(3):
        arrivals, weights = problem(seed, shared)
        times = spike_times(arrivals, weights, kernels, duration=DURATION)
        assert (np.diff(np.where(np.isfinite(times), times, DURATION + 1), axis=-1) >= 0).all()
        for row, expected in zip(times, on_a_grid(arrivals, weights, kernels), strict=True):
            for found, train in zip(row, expected, strict=True):
                found = found[np.isfinite(found)]
                assert len(found) == len(train)
                # each spike is up to a step late on the grid, and makes later ones later
                np.testing.assert_allclose(found, train, rtol=0, atol=STEP * (1 + len(train)))
                n_compared += len(train)
    assert n_compared > 20


@KINDS
def test_potentials_are_at_the_threshold_when_neurons_spike(kernels):
    arrivals, weights = problem()
    times = spike_times(arrivals, weights, kernels, duration=DURATION)
    fires = np.isfinite(times)
    after = potential(np.where(fires, times, 0), arrivals, weights, kernels, times)
    np.testing.assert_allclose(after[fires] + kernels.reset, kernels.threshold, rtol=0, atol=1e-10)
    grid = np.linspace(0, DURATION, 2001)[np.newaxis, np.newaxis]
    assert potential(grid, arrivals, weights, kernels, times).max() <= kernels.threshold + 1e-9


@KINDS
def test_kernels(kernels):
    s = np.linspace(-0.01, 0.08, 9001)
    response = kernels.response(s)
    assert response.max() == pytest.approx(1, abs=1e-6) and (response[s <= 0] == 0).all()
    for function, slope in (
        (kernels.response, kernels.response_slope),
        (kernels.refractory, kernels.refractory_slope),
    ):
        at = np.array([-0.004, 1e-3, 0.003, 0.02])
        differences = (function(at + 1e-7) - function(at - 1e-7)) / 2e-7
        np.testing.assert_allclose(slope(at), differences, rtol=1e-5, atol=1e-6)


def test_the_difference_of_exponentials_tends_to_the_alpha_function():
    s = np.linspace(0, 0.05, 100)
    close = ResponseKernels(tau=0.007, tau_s=0.00699)
    np.testing.assert_allclose(close.response(s), ALPHA.response(s), rtol=0, atol=2e-3)


def loss_of(times, factors):
    return float((np.where(np.isfinite(times), times, 0) * factors).sum())


@KINDS
def test_gradients_are_those_of_differences(kernels):
    """Of a sum over all spikes, also those after others of the same neuron."""
    arrivals, weights = problem(1)
    times = spike_times(arrivals, weights, kernels, duration=DURATION)
    assert np.isfinite(times).sum(axis=-1).max() >= 3
    factors = np.random.default_rng(1).normal(size=times.shape)
    slopes = potential_slope(times, arrivals, weights, kernels)
    errors = potential_errors(times, factors, slopes, kernels)
    by_weight = weight_gradient(times, errors, arrivals, kernels.response)
    by_arrival = arrival_gradient(times, errors, arrivals, weights, kernels)

    def loss(arrivals, weights):
        return loss_of(spike_times(arrivals, weights, kernels, duration=DURATION), factors)

    size = np.abs(by_weight).max()
    for index in [(0, 3), (1, 11), (2, 20), (2, 7)]:
        change = np.zeros_like(weights)
        change[index] = 1e-6
        difference = (loss(arrivals, weights + change) - loss(arrivals, weights - change)) / 2e-6
        assert by_weight[index] == pytest.approx(difference, rel=1e-4, abs=1e-5 * size)
    size = np.abs(by_arrival).max()
    for index in [(0, 0, 3), (0, 2, 12), (1, 1, 9), (1, 2, 21)]:
        change = np.zeros_like(arrivals)
        change[index] = 1e-8
        difference = (loss(arrivals + change, weights) - loss(arrivals - change, weights)) / 2e-8
        assert by_arrival[index] == pytest.approx(difference, rel=1e-4, abs=1e-5 * size)
    assert (by_arrival[1, :, :5] == 0).all()  # no spike arrives there


def test_a_bound_on_slopes_bounds_errors():
    times, slopes = np.array([[[0.01]]]), np.array([[[0.5]]])
    for least, expected in ((0.0, -4.0), (100.0, -0.02)):
        errors = potential_errors(times, np.full((1, 1, 1), 2.0), slopes, ALPHA, least_slope=least)
        assert errors == pytest.approx(expected)


def test_only_the_first_spikes():
    arrivals, weights = problem(1)
    times = spike_times(arrivals, weights, ALPHA, duration=DURATION)
    first = spike_times(arrivals, weights, ALPHA, duration=DURATION, max_spikes=1)
    np.testing.assert_array_equal(first, times[..., :1])


def test_silent_neurons():
    arrivals, weights = problem()
    assert spike_times(arrivals, -abs(weights), ALPHA, duration=DURATION).shape == (2, 3, 0)
    nothing = np.full_like(arrivals, np.inf)
    assert spike_times(nothing, weights, ALPHA, duration=DURATION).shape == (2, 3, 0)
    assert spike_times(arrivals[..., :0], weights[:, :0], ALPHA, duration=1.0).shape == (2, 3, 0)


@pytest.mark.parametrize(
    "call, match",
    [
        (lambda: ResponseKernels(tau=-0.01), "tau must be a time in seconds greater than 0"),
        (lambda: ResponseKernels(tau=0.01, tau_s=0.02), "tau_s must be below tau"),
        (lambda: ResponseKernels(threshold=0), "threshold must be a finite number greater than 0"),
        (lambda: ResponseKernels(reset=0), "reset must be a finite number greater than 0"),
        (lambda: spike_times(*problem(), ALPHA, duration=5.0), "duration must be at most 600"),
    ],
)
def test_bad_arguments(call, match):
    with pytest.raises(ParameterError, match=match):
        call()
