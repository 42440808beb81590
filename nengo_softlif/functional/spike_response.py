r"""Exact spike times of the spike response model, and their exact gradients.

Between two events, which are arrivals of input spikes and spikes of the neuron itself, the
potential is :math:`(x + y s) e^{-s / \tau}` or :math:`x e^{-s / \tau} - y e^{-s / \tau_s}`, with
the time s since the event. It has at most one peak, which is known. If the peak, or the end of the
interval before it, is above the threshold, there is a spike. The potential is concave before its
peak, so that Newton's method from the beginning of the interval converges to the first root from
below.

A spike time :math:`t_f` follows from :math:`u(t_f) = \theta`. Hence, with the slope :math:`\dot u`
of the potential at the spike, for a weight (Bohte et al. 2002; for several spikes Booij & Nguyen
2005)

.. math::

   \frac{dt_f}{dw} = -\frac{1}{\dot u(t_f)} \Big( \varepsilon(t_f - a)
       - \sum_{g < f} \dot\eta(t_f - t_g) \frac{dt_g}{dw} \Big),

and for an arrival a, which moves with the input spike and with the delay, the same with
:math:`-w \, \dot\varepsilon(t_f - a)` for :math:`\varepsilon`. Errors go backwards: from spike
times to potentials at these times (`potential_errors`), and from there to weights
(`weight_gradient`) and arrivals (`arrival_gradient`).

Arrays have the axes samples, neurons, and arrivals or spikes. Where there is no spike, its time is
infinite.

References
----------
.. [1] Bohte, Kok & La Poutré (2002), "Error-backpropagation in temporally encoded networks of
   spiking neurons".
.. [2] Booij & Nguyen (2005), "A gradient descent rule for spiking neurons emitting multiple
   spikes".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.response_kernels import ResponseKernels

__all__ = [
    "arrival_gradient",
    "potential",
    "potential_errors",
    "potential_slope",
    "spike_times",
    "weight_gradient",
]

# Time constants in a run, at most: sums of exponentials grow by e with each
LONGEST = 600
DENSEST = 10  # spikes in a time constant, on average; larger weights would make ever more
MOST_ITERATIONS = 100  # where the potential just reaches the threshold, Newton halves the distance


def spike_times(
    arrivals: np.ndarray,
    weights: np.ndarray,
    kernels: ResponseKernels,
    *,
    duration: float,
    max_spikes: int | None = None,
) -> np.ndarray:
    """Exact spike times of neurons.

    Parameters
    ----------
    arrivals : (n_samples, n_neurons or 1, n_arrivals) ndarray
        When input spikes arrive, in seconds; infinite for none. With one neuron, all have the same.
    weights : (n_neurons, n_arrivals) ndarray
        Of each arrival.
    kernels : ResponseKernels
    duration : float
        End of the run in seconds.
    max_spikes : int, optional
        So many spikes of each neuron, the first.

    Returns
    -------
    times : (n_samples, n_neurons, n_spikes) ndarray
        In seconds, in their order, infinite where a neuron has fewer than others.

    Raises
    ------
    ParameterError
        If the run is longer than 600 times the shortest time constant, or a neuron spikes more
        than 10 times in a time constant.

    Examples
    --------
    An alpha function of weight e / 2 reaches 1 where :math:`s e^{-s} = 2 / e^2`, at s = 0.4064 time
    constants after the arrival:

    >>> arrivals, weights = np.array([[[0.002]]]), np.array([[np.e / 2]])
    >>> spike_times(arrivals, weights, ResponseKernels(tau=0.01), duration=0.1).round(6)
    array([[[0.006064]]])
    """
    if duration > LONGEST * kernels.shortest:
        raise ParameterError(
            f"duration must be at most {LONGEST} times the shortest time constant, "
            f"{LONGEST * kernels.shortest:g} s (got {duration!r})"
        )
    n_samples, n_neurons = len(arrivals), len(weights)
    # behind the others come those that never arrive, most of them where few inputs spike
    n_arrivals = (arrivals < duration).sum(axis=-1).max(initial=0)
    if n_arrivals == 0:
        return np.zeros((n_samples, n_neurons, 0))
    order = np.argsort(arrivals, axis=-1)[..., :n_arrivals]
    starts = np.take_along_axis(arrivals, order, axis=-1)
    heard = starts < duration
    starts = np.where(heard, starts, duration)
    ends = np.concatenate([starts[..., 1:], np.full((*starts.shape[:2], 1), duration)], axis=-1)
    sorted_weights = weights[np.arange(n_neurons)[:, np.newaxis], order] * heard
    shape = (n_samples, n_neurons, n_arrivals)
    sums = [
        np.cumsum(np.broadcast_to(sorted_weights * factor, shape), axis=-1).reshape(-1, n_arrivals)
        for factor in _growing(starts, kernels)
    ]
    starts, ends = (np.broadcast_to(part, shape).reshape(-1, n_arrivals) for part in (starts, ends))
    neurons = np.arange(n_samples * n_neurons)  # those that may spike once more
    refractory = np.zeros(len(neurons))
    found = []
    most = 1 + DENSEST * duration / kernels.tau
    while len(neurons) and (max_spikes is None or len(found) < max_spikes):
        if len(found) > most:
            raise ParameterError(
                f"weights must be so small that neurons spike at most {DENSEST} times in a time "
                f"constant (got more than {most:.0f} spikes in {duration:g} s); lower them, or the "
                "learning rate that they come from"
            )
        x, y = _state(starts, [part[neurons] for part in sums], refractory, kernels)
        lengths = np.maximum(ends - starts, 0.0)
        tops = np.minimum(_peak(x, y, kernels), lengths)
        crosses = (tops > 0) & (_value(x, y, tops, kernels) >= kernels.threshold)
        fires = crosses.any(axis=1)
        first = crosses.argmax(axis=1)[fires]
        rows = np.flatnonzero(fires)
        state = x[rows, first], y[rows, first], tops[rows, first]
        times = starts[rows, first] + _first_root(*state, kernels)
        neurons, ends, refractory = neurons[rows], ends[rows], refractory[rows]
        refractory = refractory + kernels.reset * np.exp(times / kernels.tau)
        # what is left of the interval, and those behind it
        starts = np.maximum(starts[rows], times[:, np.newaxis])
        column = np.full(n_samples * n_neurons, np.inf)
        column[neurons] = times
        if len(neurons):
            found.append(column)
    stacked = np.stack(found, axis=-1) if found else np.zeros((n_samples * n_neurons, 0))
    return stacked.reshape(n_samples, n_neurons, len(found))


def _growing(starts, kernels):
    """What the weights of arrivals are multiplied with before they are summed over time."""
    slow = np.exp(starts / kernels.tau)
    if kernels.tau_s is None:
        return slow, slow * starts
    return slow, np.exp(starts / kernels.tau_s)


def _state(t, sums, refractory, kernels):
    """x and y of the potential at the beginning of each interval."""
    decay = np.exp(-t / kernels.tau)
    refractory = decay * refractory[:, np.newaxis]
    if kernels.tau_s is None:
        scale = kernels.scale / kernels.tau
        return scale * decay * (t * sums[0] - sums[1]) - refractory, scale * decay * sums[0]
    fast = np.exp(-t / kernels.tau_s)
    return kernels.scale * decay * sums[0] - refractory, kernels.scale * fast * sums[1]


def _value(x, y, s, kernels):
    if kernels.tau_s is None:
        return (x + y * s) * np.exp(-s / kernels.tau)
    return x * np.exp(-s / kernels.tau) - y * np.exp(-s / kernels.tau_s)


def _slope(x, y, s, kernels):
    if kernels.tau_s is None:
        return (y - (x + y * s) / kernels.tau) * np.exp(-s / kernels.tau)
    rise = y / kernels.tau_s * np.exp(-s / kernels.tau_s)
    return rise - x / kernels.tau * np.exp(-s / kernels.tau)


def _peak(x, y, kernels):
    """Time from the beginning of an interval to the peak of the potential; 0 if it only falls."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if kernels.tau_s is None:
            s, has_peak = kernels.tau - x / y, y > 0
        else:
            rates = 1 / kernels.tau_s - 1 / kernels.tau
            s = np.log(y * kernels.tau / (x * kernels.tau_s)) / rates
            has_peak = (x > 0) & (y > 0)
    return np.where(has_peak, np.maximum(s, 0.0), 0.0)


def _first_root(x, y, tops, kernels):
    """When the potential, which rises until ``tops``, reaches the threshold."""
    s = np.zeros_like(x)
    for _ in range(MOST_ITERATIONS):
        missing = kernels.threshold - _value(x, y, s, kernels)
        slope = _slope(x, y, s, kernels)
        step = np.where(missing > 0, missing / np.where(slope > 0, slope, np.inf), 0.0)
        moved = np.minimum(s + step, tops)
        if np.array_equal(moved, s):
            break
        s = moved
    return s


def potential(
    t: np.ndarray,
    arrivals: np.ndarray,
    weights: np.ndarray,
    kernels: ResponseKernels,
    spikes: np.ndarray,
) -> np.ndarray:
    """Potential of neurons at some times.

    Parameters
    ----------
    t : (n_samples, n_neurons, n_times) ndarray
        In seconds; axes of length 1 are broadcast.
    arrivals, weights, kernels
        As in `spike_times`.
    spikes : (n_samples, n_neurons, n_spikes) ndarray
        Of the neurons themselves, from `spike_times`. A spike counts from its time on.

    Returns
    -------
    potential : (n_samples, n_neurons, n_times) ndarray
    """
    t = np.asarray(t)
    responses = kernels.response(t[..., np.newaxis] - arrivals[:, :, np.newaxis])
    own = kernels.refractory(t[..., np.newaxis] - spikes[:, :, np.newaxis])
    return np.einsum("snta,na->snt", responses, weights) + own.sum(axis=-1)


def potential_slope(
    times: np.ndarray, arrivals: np.ndarray, weights: np.ndarray, kernels: ResponseKernels
) -> np.ndarray:
    """Slope of the potential at the spikes of neurons, just before the reset, in 1 / s.

    Parameters
    ----------
    times : (n_samples, n_neurons, n_spikes) ndarray
        From `spike_times`.
    arrivals, weights, kernels
        As in `spike_times`.

    Returns
    -------
    slope : (n_samples, n_neurons, n_spikes) ndarray
        1 where there is no spike.
    """
    slopes = np.ones(times.shape)
    for f in range(times.shape[-1]):
        t = times[..., f]
        fires = np.isfinite(t)
        since = np.where(fires, t, 0.0)[..., np.newaxis] - arrivals
        slope = np.einsum("sna,na->sn", kernels.response_slope(since), weights)
        earlier = np.where(fires, t, 0.0)[..., np.newaxis] - times[..., :f]
        slope = slope + kernels.refractory_slope(earlier).sum(axis=-1)
        slopes[..., f] = np.where(fires, slope, 1.0)
    return slopes


def potential_errors(
    times: np.ndarray,
    errors: np.ndarray,
    slopes: np.ndarray,
    kernels: ResponseKernels,
    *,
    least_slope: float = 0.0,
) -> np.ndarray:
    """Derivatives of a loss with respect to the potentials at spikes.

    Parameters
    ----------
    times : (n_samples, n_neurons, n_spikes) ndarray
        From `spike_times`.
    errors : (n_samples, n_neurons, n_spikes) ndarray
        Derivatives of the loss with respect to the spike times, in 1 / s.
    slopes : (n_samples, n_neurons, n_spikes) ndarray
        From `potential_slope`.
    kernels : ResponseKernels
    least_slope : float
        Slopes below it are taken for it, in 1 / s: where a potential hardly reaches the threshold,
        the true derivative is beyond all bounds.

    Returns
    -------
    errors : (n_samples, n_neurons, n_spikes) ndarray
        0 where there is no spike.
    """
    fires = np.isfinite(times)
    errors = np.where(fires, errors, 0.0)
    at = np.where(fires, times, 0.0)
    found = np.zeros(times.shape)
    for f in reversed(range(times.shape[-1])):
        found[..., f] = -errors[..., f] / np.maximum(slopes[..., f], least_slope)
        since = at[..., f, np.newaxis] - at[..., :f]
        errors[..., :f] -= found[..., f, np.newaxis] * kernels.refractory_slope(since)
    return found


def weight_gradient(
    moments: np.ndarray,
    errors: np.ndarray,
    arrivals: np.ndarray,
    response: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Gradient with respect to weights, from errors of potentials.

    Learning rules without a gradient have the same form, with another function of time.

    Parameters
    ----------
    moments : (n_samples, n_neurons, n_moments) ndarray
        Times of the potentials in seconds, infinite for none.
    errors : (n_samples, n_neurons, n_moments) ndarray
        Derivatives of the loss with respect to the potentials, from `potential_errors`.
    arrivals : (n_samples, n_neurons or 1, n_arrivals) ndarray
    response : callable
        Of times since arrivals, such as `ResponseKernels.response`; they are minus infinity where
        nothing arrives.

    Returns
    -------
    gradient : (n_neurons, n_arrivals) ndarray
        Summed over samples.
    """
    gradient = np.zeros((moments.shape[1], arrivals.shape[-1]))
    for at, error in _by_moment(moments, errors):
        gradient += np.einsum("sn,sna->na", error, response(at - arrivals))
    return gradient


def arrival_gradient(
    moments: np.ndarray,
    errors: np.ndarray,
    arrivals: np.ndarray,
    weights: np.ndarray,
    kernels: ResponseKernels,
) -> np.ndarray:
    """Gradient with respect to the arrivals of input spikes, from errors of potentials.

    Parameters
    ----------
    moments, errors, arrivals
        As in `weight_gradient`.
    weights : (n_neurons, n_arrivals) ndarray
    kernels : ResponseKernels

    Returns
    -------
    gradient : (n_samples, n_neurons, n_arrivals) ndarray
        In 1 / s; 0 where there is no spike. Summed over neurons and arrivals of an input spike it
        is the gradient with respect to its time, over samples that of the delay.
    """
    gradient = np.zeros((*moments.shape[:2], arrivals.shape[-1]))
    for at, error in _by_moment(moments, errors):
        slope = kernels.response_slope(at - arrivals)
        gradient -= error[..., np.newaxis] * weights * slope
    return gradient


def _by_moment(moments, errors):
    """Each column of moments that has errors, with these; 0 where there is no moment."""
    for k in range(moments.shape[-1]):
        there = np.isfinite(moments[..., k]) & (errors[..., k] != 0)
        if there.any():
            at = np.where(there, moments[..., k], 0.0)[..., np.newaxis]
            yield at, np.where(there, errors[..., k], 0.0)
