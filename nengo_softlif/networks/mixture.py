"""A circuit that learns the hidden causes of its input, one spike at a time."""

from __future__ import annotations

import nengo
import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.learning_rules import ProbabilisticSTDP
from nengo_softlif.networks.learned import learned_weights
from nengo_softlif.networks.populations import population
from nengo_softlif.neurons import SpikingDiscreteLIF, StochasticWinner
from nengo_softlif.validation import (
    check_bool,
    check_integer,
    check_number,
    check_numbers,
    check_seconds,
)

__all__ = ["SpikingMixture"]


class SpikingMixture(nengo.Network):
    r"""Stochastic winner-take-all with STDP: a mixture model that learns without labels.

    Inputs are spikes. In a step each input is active or silent, with a probability that depends on
    the hidden cause; each output stands for a cause. Spikes of the outputs are samples of the
    posterior distribution over causes, and change weights and excitabilities so that these become
    log probabilities (Nessler et al. 2013): online expectation maximisation for a mixture of
    distributions. Homeostasis keeps all outputs in use. Since silent inputs don't count, give each
    quantity two inputs, one that is active when it is large and one that is active when it is
    small.

    Run it with a step as long as an input spike is to last; Nessler et al. take 10 ms.

    Parameters
    ----------
    n_inputs, n_outputs : int
    weights : (n_outputs, n_inputs) array_like, optional
        From 0 to ``shift``; by default near to half of it, at random.
    excitability : (n_outputs,) array_like, optional
        At the beginning; zeros by default.
    total_rate : float
        Spikes of all outputs in a second.
    learning_rate, excitability_rate : float
        Of weights and excitabilities (>= 0).
    goal : {"equal", "prior"}
        Of the excitabilities, see `nengo_softlif.neurons.StochasticWinner`.
    shift : float
        See `nengo_softlif.learning_rules.ProbabilisticSTDP`.
    frozen : bool
        Whether nothing is learnt.
    dt : float
        Step in seconds of the simulator that is going to run the network.
    label : str, optional
    seed : int, optional
        Of the default weights, and of the spikes.

    Attributes
    ----------
    input : nengo.Node
        Takes spikes.
    inputs, outputs : nengo.Ensemble
        Neurons that pass the spikes on, and those that stand for causes.
    connection : nengo.Connection
        From inputs to outputs.

    Raises
    ------
    ParameterError
        If an argument is of the wrong shape or out of range.

    References
    ----------
    .. [1] Nessler, Pfeiffer, Buesing & Maass (2013), "Bayesian computation emerges in generic
       cortical microcircuits through spike-timing-dependent plasticity".

    Examples
    --------
    Two causes, each with an input of its own:

    >>> circuit = SpikingMixture(2, 2, learning_rate=0.05, dt=0.01, seed=0)
    >>> with circuit:
    ...     cause = nengo.Node(lambda t: [100, 0] if t % 0.2 < 0.1 else [0, 100])
    ...     to_input = nengo.Connection(cause, circuit.input, synapse=None)
    >>> with nengo.Simulator(circuit, dt=0.01, progress_bar=False) as sim:
    ...     sim.run(5.0)
    ...     learnt = circuit.weights(sim)
    >>> sorted(learnt.argmax(axis=1).tolist())
    [0, 1]
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        *,
        weights: ArrayLike | None = None,
        excitability: ArrayLike | None = None,
        total_rate: float = 100.0,
        learning_rate: float = 0.01,
        excitability_rate: float = 0.001,
        goal: str = "equal",
        shift: float = 5.0,
        frozen: bool = False,
        dt: float = 0.001,
        label: str | None = None,
        seed: int | None = None,
    ):
        n_inputs = check_integer("n_inputs", n_inputs, minimum=1)
        n_outputs = check_integer("n_outputs", n_outputs, minimum=1)
        frozen = check_bool("frozen", frozen)
        shift = check_number("shift", shift, above=0)
        dt = check_seconds("dt", dt)
        if weights is None:
            shape = n_outputs, n_inputs
            weights = shift * np.random.default_rng(seed).uniform(0.4, 0.6, shape)
        weights = check_numbers("weights", weights, minimum=0, maximum=shift)
        if excitability is None:
            excitability = np.zeros(n_outputs)
        excitability = check_numbers("excitability", excitability)
        for name, array, shape in (
            ("weights", weights, (n_outputs, n_inputs)),
            ("excitability", excitability, (n_outputs,)),
        ):
            if array.shape != shape:
                raise ParameterError(f"{name} must be of shape {shape} (got {array.shape})")
        super().__init__(label=label, seed=seed)
        relay = SpikingDiscreteLIF(decay=0.0, threshold=0.5, amplitude=dt)
        winner = StochasticWinner(
            total_rate,
            0.0 if frozen else excitability_rate,
            goal,
            initial_state={"excitability": excitability},
        )
        with self:
            self.input = nengo.Node(size_in=n_inputs, label="input")
            self.inputs = population(n_inputs, relay, "inputs")
            self.outputs = population(n_outputs, winner, "outputs")
            nengo.Connection(self.input, self.inputs.neurons, synapse=None)
            self.connection = nengo.Connection(
                self.inputs.neurons,
                self.outputs.neurons,
                transform=weights,
                synapse=None,
                learning_rule_type=ProbabilisticSTDP(learning_rate, shift, frozen),
            )

    def weights(self, sim: nengo.Simulator) -> np.ndarray:
        """Weights of the moment, ``(n_outputs, n_inputs)``.

        Parameters
        ----------
        sim : nengo.Simulator or nengo_softlif.Simulator

        Returns
        -------
        weights : (n_outputs, n_inputs) ndarray
        """
        return learned_weights(sim, self.connection)

    def excitability(self, sim: nengo.Simulator) -> np.ndarray:
        """Excitabilities of the moment.

        Parameters
        ----------
        sim : nengo.Simulator or nengo_softlif.Simulator

        Returns
        -------
        excitability : (n_outputs,) ndarray
        """
        return sim.signals[sim.model.sig[self.outputs.neurons]["excitability"]].copy()
