"""Neurons of the spike response model, in time steps."""

from __future__ import annotations

import numpy as np
from nengo.base import Process
from nengo.exceptions import ValidationError
from nengo.params import NdarrayParam, Parameter

from nengo_softlif.functional.response_kernels import ResponseKernels

__all__ = ["SpikeResponse"]


class KernelsParam(Parameter):
    """What a spike does to a potential."""

    def coerce(self, instance, kernels):
        """Accept kernels only."""
        if not isinstance(kernels, ResponseKernels):
            raise ValidationError(
                "must be kernels, such as nengo_softlif.functional.ResponseKernels(tau=0.007) (got "
                f"{kernels!r})",
                attr=self.name,
                obj=instance,
            )
        return super().coerce(instance, kernels)


class SpikeResponse(Process):
    """Neurons of the spike response model with delayed synapses, such as a layer that was trained.

    The input has a value for each input neuron, which spikes in the steps in which it is above 0.
    The output is 1 / dt in the steps in which a neuron spikes, as Nengo's neurons have it. A spike
    comes in the first step at whose end the potential is at its threshold, and at most one in a
    step. Potentials at these moments are exact for input spikes at the ends of steps and delays of
    integer numbers of steps; others are rounded to steps. So the first spike is up to a step later
    than that of a `nengo_softlif.learning_rules.spike_times.SpikeResponseLayer`.

    Parameters
    ----------
    weights : (n_inputs, n_terminals, n_neurons) array_like
    delays : (n_terminals,) or (n_inputs, n_terminals, n_neurons) array_like
        In seconds (>= 0).
    kernels : ResponseKernels

    Raises
    ------
    nengo.exceptions.ValidationError
        If shapes are unsuitable, or a delay is negative.

    Examples
    --------
    >>> neurons = SpikeResponse([[[2.0]]], [0.002], ResponseKernels(tau=0.005))
    >>> neurons.apply(np.eye(6, 1), dt=0.001).ravel()
    array([   0.,    0.,    0.,    0., 1000.,    0.])
    """

    weights = NdarrayParam("weights", shape=("*", "*", "*"))
    delays = NdarrayParam("delays", shape=("...",))
    kernels = KernelsParam("kernels")

    def __init__(self, weights, delays, kernels):
        self.weights = weights
        self.delays = delays
        self.kernels = kernels
        n_inputs, n_terminals, n_neurons = self.weights.shape
        if self.delays.shape not in ((n_terminals,), self.weights.shape):
            raise ValidationError(
                f"must have the shape ({n_terminals},) or {self.weights.shape} (got "
                f"{self.delays.shape})",
                attr="delays",
                obj=self,
            )
        if not (self.delays >= 0).all():
            raise ValidationError(
                f"must be 0 or more (got {self.delays.min():g})", attr="delays", obj=self
            )
        super().__init__(default_size_in=n_inputs, default_size_out=n_neurons)

    def __repr__(self):
        n_inputs, n_terminals, n_neurons = self.weights.shape
        return f"<SpikeResponse: {n_inputs} x {n_terminals} synapses, {n_neurons} neurons>"

    def make_state(self, shape_in, shape_out, dt, dtype=None):
        """Two decaying sums of synapses, the refractory kernels, and what is still on its way."""
        n_inputs, _, n_neurons = self.weights.shape
        if (tuple(shape_in), tuple(shape_out)) != ((n_inputs,), (n_neurons,)):
            raise ValidationError(
                f"must be the output of a node of size_in={n_inputs} and size_out={n_neurons} (got "
                f"{shape_in[0]} and {shape_out[0]}); leave them out",
                attr="weights",
                obj=self,
            )
        n_slots = int(np.rint(self.delays.max() / dt)) + 1
        return {
            "slow": np.zeros(n_neurons, dtype),
            "other": np.zeros(n_neurons, dtype),
            "refractory": np.zeros(n_neurons, dtype),
            "arriving": np.zeros((n_slots, n_neurons), dtype),
        }

    def make_step(self, shape_in, shape_out, dt, rng, state):
        """Make the function of a time step."""
        kernels, weights = self.kernels, self.weights
        slow, other = state["slow"], state["other"]
        refractory, arriving = state["refractory"], state["arriving"]
        n_slots = len(arriving)
        delays = self.delays
        if delays.ndim == 1:
            delays = np.broadcast_to(delays[:, np.newaxis], weights.shape)
        slots = np.rint(delays / dt).astype(int)
        neurons = np.broadcast_to(np.arange(weights.shape[2]), weights.shape[1:])
        decay = np.exp(-dt / kernels.tau)
        fast = decay if kernels.tau_s is None else np.exp(-dt / kernels.tau_s)

        def step(t, x):
            now = round(t / dt) % n_slots
            if kernels.tau_s is None:  # of the time since arrival, in time constants
                other[...] = decay * (other + slow * (dt / kernels.tau))
            else:
                other[...] *= fast
            slow[...] *= decay
            refractory[...] *= decay
            for i in np.flatnonzero(x > 0):
                np.add.at(arriving, ((now + slots[i]) % n_slots, neurons), weights[i])
            slow[...] += arriving[now]
            if kernels.tau_s is not None:
                other[...] += arriving[now]
            arriving[now] = 0
            responses = other if kernels.tau_s is None else slow - other
            fires = kernels.scale * responses - refractory >= kernels.threshold
            refractory[fires] += kernels.reset
            return fires / dt

        return step
