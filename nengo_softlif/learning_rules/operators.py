"""Steps of spike-timing-dependent plasticity, for every Nengo simulator that runs Python."""

from __future__ import annotations

import itertools

import numpy as np
from nengo.builder.operator import Operator
from nengo.exceptions import SimulationError

from nengo_softlif.functional.plasticity import moved, raised, ran_away

__all__ = ["LEAST_FRACTION", "SimSTDP"]

LEAST_FRACTION = 1e-3  # from which on the eligibility is written anew


class SimSTDP(Operator):
    """Change weights at spikes, and keep the traces.

    Parameters
    ----------
    rule : SpikePlasticity
    pre, post : Signal
        Spikes of this step.
    weights : Signal
        (n_pre, n_post), or, if not ``by_input``, (n_post, n_pre).
    pre_trace, post_trace, pre_slow, post_slow : Signal
    gate : Signal, optional
        Factor of all changes of this step.
    reward : Signal, optional
    waiting : (eligibility, fraction) tuple of Signal
        Of rules with a reward: changes that wait for it, by input, and the fraction of them that is
        left. So a step fades one number, not a matrix.
    by_input : bool
        Whether a row has the weights of an input, which makes spikes of inputs cheap.
    tag : str, optional
        Name of the connection, for errors.

    Notes
    -----
    1. sets ``[]``
    2. incs ``[]``
    3. reads ``[pre, post]``, ``gate`` and ``reward``
    4. updates ``[weights]``, the traces, and ``[eligibility, fraction]``
    """

    def __init__(
        self,
        rule,
        pre,
        post,
        weights,
        traces,
        *,
        gate=None,
        reward=None,
        waiting=(),
        by_input=True,
        tag=None,
    ):
        super().__init__(tag=tag)
        self.rule = rule
        self.by_input = by_input
        self.sets, self.incs = [], []
        told = {"gate": gate, "reward": reward}
        # by place, since Nengo puts other signals there when it merges operators
        self._told = [name for name, signal in told.items() if signal is not None]
        self.reads = [pre, post, *(told[name] for name in self._told)]
        self.updates = [weights, *traces, *waiting]

    @property
    def pre(self):
        """Spikes of the inputs."""
        return self.reads[0]

    @property
    def post(self):
        """Spikes of the outputs."""
        return self.reads[1]

    @property
    def gate(self):
        """Factor of the changes of this step, or None."""
        return self._told_by("gate")

    @property
    def reward(self):
        """Reward of this step, or None."""
        return self._told_by("reward")

    def _told_by(self, name):
        return self.reads[2 + self._told.index(name)] if name in self._told else None

    @property
    def weights(self):
        """Weights, by input or by output."""
        return self.updates[0]

    @property
    def traces(self):
        """Fast ones of inputs and outputs, then slow ones."""
        return self.updates[1:5]

    @property
    def eligibility(self):
        """Changes that wait for a reward, or None."""
        return self.updates[5] if len(self.updates) > 5 else None

    @property
    def fraction(self):
        """Fraction of the eligibility that is left, or None."""
        return self.updates[6] if len(self.updates) > 6 else None

    @property
    def amplitudes(self):
        """Changes by pairs, up and down, and by triplets, with the learning rate."""
        rule = self.rule
        return [rule.learning_rate * amplitude for amplitude in (*rule.pairs, *rule.triplets)]

    def fading(self, dt):
        """Factor of the fraction in a step."""
        return float(np.exp(-dt / self.rule.tau_eligibility))

    def decays(self, dt):
        """Of the traces, in a step."""
        return [float(np.exp(-dt / tau)) for tau in self.rule.time_constants]

    def check_weights(self, weights, time):
        """Raise an error if weights have run away.

        Parameters
        ----------
        weights : ndarray
        time : float
            Of the simulation in seconds.

        Raises
        ------
        nengo.exceptions.SimulationError
            Names the connection and the time.
        """
        if ran_away(weights):
            raise SimulationError(
                f"{self.tag}: weights ran away until t = {time:g} s; lower the "
                f"learning_rate of its {type(self.rule).__name__}, or give it finite bounds"
            )

    def make_step(self, signals, dt, rng):
        """Return the function of one step."""
        rule = self.rule
        pre, post, weights = signals[self.pre], signals[self.post], signals[self.weights]
        weights = weights if self.by_input else weights.T
        traces = [signals[trace] for trace in self.traces]
        pre_trace, post_trace, pre_slow, post_slow = traces
        decays = self.decays(dt)
        nearest = rule.pairing == "nearest"
        up, down, up_slow, down_slow = self.amplitudes
        (lower, upper), exponent = rule.bounds, rule.weight_exponent
        changed, reward, fraction = weights, None, np.ones(1)
        gate = np.ones(1) if self.gate is None else signals[self.gate]
        if self.reward is not None:
            changed, reward = signals[self.eligibility], signals[self.reward]
            fraction, fading = signals[self.fraction], self.fading(dt)
            lower, upper = -np.inf, np.inf  # of the eligibility

        n_steps = itertools.count(1)

        # so that weights that run away are named, where Nengo lets NumPy raise errors
        @np.errstate(over="ignore", invalid="ignore")
        def step():
            time = next(n_steps) * dt
            inputs, outputs = np.flatnonzero(pre), np.flatnonzero(post)
            for trace, decay in zip(traces, decays, strict=True):
                trace *= decay
            if reward is not None:
                fraction[...] *= fading
                if fraction[0] < LEAST_FRACTION:
                    changed[...] *= fraction
                    fraction[0] = 1
            scale = gate[0] / fraction[0]
            for j in inputs:
                change = -(down + down_slow * pre_slow[j]) * scale * post_trace
                changed[j] = moved(changed[j], change, lower, upper, exponent)
            pre_trace[inputs] = raised(pre_trace[inputs], 1, nearest)
            for i in outputs:
                change = (up + up_slow * post_slow[i]) * scale * pre_trace
                if rule.prune:
                    change = np.where(changed[:, i] == 0, 0, change)
                changed[:, i] = moved(changed[:, i], change, lower, upper, exponent)
            post_trace[outputs] = raised(post_trace[outputs], 1, nearest)
            pre_slow[inputs] = raised(pre_slow[inputs], 1, nearest)
            post_slow[outputs] = raised(post_slow[outputs], 1, nearest)
            if reward is not None and reward[0] != 0:
                change = dt * reward[0] * fraction[0] * changed
                weights[...] = moved(weights, change, *rule.bounds, 0.0)
                self.check_weights(weights, time)
            self.check_weights(changed[inputs], time)
            self.check_weights(changed[:, outputs], time)

        return step
