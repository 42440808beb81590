"""Neurons of which one at a time fires, drawn by how much input each has."""

from __future__ import annotations

import numpy as np
from nengo.dists import Choice
from nengo.exceptions import ValidationError
from nengo.neurons import NeuronType
from nengo.params import EnumParam, NumberParam
from scipy.special import softmax

from nengo_softlif.functional.plasticity import to_log_probability
from nengo_softlif.neurons.params import FiniteParam

__all__ = ["StochasticWinner"]


class StochasticWinner(NeuronType):
    r"""Stochastic winner-take-all: neurons that share a total firing rate.

    Spikes come as a Poisson process with a rate that does not depend on the input, at most one in a
    step. The one who fires is drawn:

    .. math:: p_k = \frac{e^{J_k + b_k}}{\sum_i e^{J_i + b_i}}

    so that inhibition, which keeps the total rate, makes the E step of expectation maximisation
    (Nessler et al. 2013): with weights that are log probabilities of the inputs given a cause, and
    excitabilities b that are log probabilities of the causes, :math:`p_k` is the posterior
    probability of the cause k.

    Excitabilities learn with each spike, of whatever neuron. With ``goal="prior"`` they become the
    log probabilities, by `nengo_softlif.functional.plasticity.to_log_probability`; neurons that
    lose often then lose more often. With ``goal="equal"`` they change by

    .. math:: \Delta b_k = \eta \, (1 / n - z_k)

    where :math:`z_k` is 1 for the neuron that fired, else 0, until all neurons fire equally often:
    homeostasis, under which the network still maximises the likelihood of the inputs, among the
    mixtures with equal causes (Habenschuss et al. 2012).

    Use gains of 1 and biases of 0.

    Parameters
    ----------
    total_rate : float
        Of all neurons, in Hz (> 0).
    excitability_rate : float
        Learning rate of the excitabilities (>= 0).
    goal : {"equal", "prior"}
        What excitabilities learn.
    amplitude : float
        Height of the spikes, in units of 1 / dt.
    initial_state : dict, optional
        Of "excitability", zeros by default.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range, or, in a simulation, the rate is more than a spike a step.

    References
    ----------
    .. [1] Nessler, Pfeiffer, Buesing & Maass (2013), "Bayesian computation emerges in generic
       cortical microcircuits through spike-timing-dependent plasticity".
    .. [2] Habenschuss, Bill & Nessler (2012), "Homeostatic plasticity in Bayesian spiking networks
       as expectation maximization with posterior constraints".

    Examples
    --------
    Two neurons, one with three times the probability of the other:

    >>> import nengo
    >>> with nengo.Network(seed=0) as net:
    ...     neurons = nengo.Ensemble(2, 1, neuron_type=StochasticWinner(1000, 0), gain=[1, 1],
    ...                              bias=[np.log(3), 0]).neurons
    ...     spikes = nengo.Probe(neurons)
    >>> with nengo.Simulator(net, progress_bar=False) as sim:
    ...     sim.run(1.0)
    >>> rates = sim.data[spikes].mean(axis=0)
    >>> float(rates.sum()), bool(abs(rates[0] - 750) < 40)
    (1000.0, True)
    """

    negative = False
    spiking = True
    state = {"excitability": Choice([0])}

    total_rate = NumberParam("total_rate", low=0, low_open=True)
    excitability_rate = FiniteParam("excitability_rate", low=0)
    goal = EnumParam("goal", values=("equal", "prior"))
    amplitude = NumberParam("amplitude", low=0, low_open=True)

    def __init__(
        self,
        total_rate=100.0,
        excitability_rate=0.001,
        goal="equal",
        amplitude=1.0,
        initial_state=None,
    ):
        super().__init__(initial_state=initial_state)
        self.total_rate = total_rate
        self.excitability_rate = excitability_rate
        self.goal = goal
        self.amplitude = amplitude

    def gain_bias(self, max_rates, intercepts):
        """Gains of 1 and biases of 0: the input is in units of log probabilities."""
        return np.ones(len(max_rates)), np.zeros(len(max_rates))

    def max_rates_intercepts(self, gain, bias):
        """The rate that a neuron has alone; there is no intercept."""
        return np.full(len(gain), self.total_rate), np.full(len(gain), -1.0)

    def rates(self, x, gain, bias):
        """Expected rates in Hz, with excitabilities of 0."""
        current = self.current(x, gain, bias)
        return self.amplitude * self.total_rate * softmax(current, axis=-1)

    def make_state(self, n_neurons, rng=np.random, dtype=None):
        """Excitabilities, and what draws the spikes."""
        return {**super().make_state(n_neurons, rng=rng, dtype=dtype), "rng": rng}

    def check_rate(self, dt):
        """Check that there is at most a spike a step.

        Parameters
        ----------
        dt : float
            Step in seconds.

        Raises
        ------
        nengo.exceptions.ValidationError
            If the total rate is higher.
        """
        if self.total_rate * dt > 1 + 1e-9:
            raise ValidationError(
                f"Must be at most a spike a step, {1 / dt:g} Hz with dt={dt:g} (got "
                f"{self.total_rate:g}); lower it, or take shorter steps",
                attr="total_rate",
                obj=self,
            )

    def step(self, dt, J, output, excitability, rng):
        """Draw who fires, if anyone does."""
        self.check_rate(dt)
        output[...] = 0
        if rng.random_sample() >= self.total_rate * dt:
            return
        fired = np.searchsorted(np.cumsum(softmax(J + excitability)), rng.random_sample())
        winner = min(int(fired), len(output) - 1)
        output[winner] = self.amplitude / dt
        if not self.excitability_rate:
            return
        if self.goal == "equal":
            excitability += self.excitability_rate / len(output)
            excitability[winner] -= self.excitability_rate
        else:
            excitability[...] = to_log_probability(
                excitability, output != 0, self.excitability_rate, 0.0
            )
