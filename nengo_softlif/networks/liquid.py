"""The liquid state machine: a reservoir of excitatory and inhibitory neurons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import nengo
import numpy as np
from scipy import sparse

from nengo_softlif.errors import ParameterError
from nengo_softlif.networks.populations import connect_sparsely, population
from nengo_softlif.networks.wiring import distance_dependent, grid
from nengo_softlif.neurons import SpikingLIF
from nengo_softlif.validation import check_integer, check_number, check_seed, check_type

__all__ = ["LiquidStateMachine"]

PAIRS = ("EE", "EI", "IE", "II")  # sender, receiver
PROBABILITY = {"EE": 0.3, "EI": 0.2, "IE": 0.4, "II": 0.1}
STRENGTH = {"EE": 0.1, "EI": 0.2, "IE": 0.2, "II": 0.2}
TAU_EXCITATION, TAU_INHIBITION = 0.003, 0.006


class LiquidStateMachine(nengo.Network):
    r"""A reservoir of LIF neurons on a grid, whose spikes remember what came in.

    Neurons at a distance D are connected with the probability :math:`C e^{-(D / \lambda)^2}`, where
    C depends on which of the two are excitatory. Nothing learns in the reservoir; a linear readout
    of its states, such as `nengo_softlif.analysis.state_readout`, does.

    Weights are drawn from exponential distributions. The mean of a kind is its *strength*: how far
    a spike moves the membrane voltage, in units of the threshold, if nothing leaks meanwhile.

    Parameters
    ----------
    n_inputs : int
        Channels of spikes.
    shape : (int, ...)
        Neurons along each axis of the grid.
    radius : float
        λ, in units of the distance of neighbours (> 0).
    probability, strength : dict of str to float, optional
        C (from 0 to 1) and mean strength (0 or more) by pair, sender first: "EE", "EI", "IE" and
        "II". Those left out keep their default.
    input_probability : float
        Probability of a synapse from a channel to a neuron, from 0 to 1.
    input_strength : float
        Mean strength of these synapses (0 or more).
    excitatory_fraction : float
        Fraction of excitatory neurons, from 0 to 1.
    bias : float
        Constant current, in units of the threshold.
    neuron_type : nengo.LIF, optional
        By default `nengo_softlif.SpikingLIF` with a membrane time constant of 30 ms and a
        refractory period of 3 ms. It may adapt, as `nengo.AdaptiveLIF`.
    seed : int, optional
        Of wiring, weights and initial voltages, which are others each time without.
    label : str, optional

    Attributes
    ----------
    input : nengo.Node
        Takes spikes of height 1 / dt, (n_inputs,).
    neurons : nengo.ensemble.Neurons
        Excitatory ones come first. Probe them for spikes.
    n_excitatory : int
    positions : (n_neurons, n_axes) ndarray
    in_weights : (n_neurons, n_inputs) scipy.sparse.csr_array
    weights : (n_neurons, n_neurons) scipy.sparse.csr_array
        Recurrent ones; of inhibitory neurons below 0.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Maass, Natschläger & Markram (2002), "Real-time computing without stable states: a new
       framework for neural computation based on perturbations".

    Examples
    --------
    >>> import nengo
    >>> with nengo.Network(seed=0) as net:
    ...     stimulus = nengo.Node(nengo.processes.WhiteSignal(1.0, high=20, rms=20), size_out=4)
    ...     liquid = LiquidStateMachine(4, (15, 3, 3), seed=0)
    ...     _ = nengo.Connection(stimulus, liquid.input, synapse=None)
    ...     spikes = nengo.Probe(liquid.neurons)
    >>> with nengo.Simulator(net, progress_bar=False) as sim:
    ...     sim.run(0.1)
    >>> sim.data[spikes].shape
    (100, 135)
    """

    def __init__(
        self,
        n_inputs: int,
        shape: Sequence[int] = (15, 3, 3),
        *,
        radius: float = 2.0,
        probability: Mapping[str, float] | None = None,
        strength: Mapping[str, float] | None = None,
        input_probability: float = 0.3,
        input_strength: float = 0.3,
        excitatory_fraction: float = 0.8,
        bias: float = 0.0,
        neuron_type: nengo.LIF | None = None,
        seed: int | None = None,
        label: str | None = None,
    ) -> None:
        n_inputs = check_integer("n_inputs", n_inputs, minimum=1)
        input_probability = check_number(
            "input_probability", input_probability, minimum=0, maximum=1
        )
        input_strength = check_number("input_strength", input_strength, minimum=0)
        fraction = check_number("excitatory_fraction", excitatory_fraction, minimum=0, maximum=1)
        bias = check_number("bias", bias)
        probabilities = _by_pair("probability", probability, PROBABILITY, maximum=1)
        strengths = _by_pair("strength", strength, STRENGTH)
        neurons = SpikingLIF(tau_rc=0.03, tau_ref=0.003) if neuron_type is None else neuron_type
        check_type("neuron_type", neurons, nengo.LIF, "give one such as nengo.LIF(tau_rc=0.03)")
        seed = seed if seed is None else check_seed("seed", seed)
        super().__init__(label=label, seed=seed)

        rng = np.random.default_rng(seed)
        positions = grid(shape)
        self.positions = positions[np.argsort(rng.uniform(size=len(positions)))]
        n_neurons = len(positions)
        self.n_excitatory = round(fraction * n_neurons)
        kinds = (np.arange(n_neurons) >= self.n_excitatory).astype(int)
        peak = probabilities[kinds[np.newaxis, :], kinds[:, np.newaxis]]
        synapses = distance_dependent(self.positions, peak, radius, rng).tocoo()
        means = strengths[kinds[synapses.col], kinds[synapses.row]]
        means = np.where(kinds[synapses.col], -means, means)
        self.weights = _drawn(synapses, neurons.tau_rc * means, rng)
        given = sparse.coo_array(rng.uniform(size=(n_neurons, n_inputs)) < input_probability)
        self.in_weights = _drawn(given, neurons.tau_rc * input_strength, rng)

        with self:
            self.input = nengo.Node(size_in=n_inputs, label="input")
            self.neurons = population(n_neurons, neurons, "liquid", bias=bias).neurons
            _connect(self.input, self.neurons, self.in_weights, TAU_EXCITATION)
            n = self.n_excitatory
            _connect(self.neurons[:n], self.neurons, self.weights[:, :n], TAU_EXCITATION)
            _connect(self.neurons[n:], self.neurons, self.weights[:, n:], TAU_INHIBITION)


def _by_pair(name, given, defaults, **limits):
    """Numbers by sender and receiver, (2, 2), excitatory first."""
    given = {} if given is None else given
    if not isinstance(given, Mapping) or not set(given) <= set(PAIRS):
        raise ParameterError(
            f"{name} must be a dict of numbers by {', '.join(PAIRS)} (got {given!r:.80})"
        )
    numbers = {**defaults, **given}
    values = [check_number(f"{name}[{p!r}]", numbers[p], minimum=0, **limits) for p in PAIRS]
    return np.reshape(values, (2, 2))


def _drawn(synapses, means, rng):
    """Weights from exponential distributions; their standard deviation is their mean."""
    values = means * -np.log1p(-rng.uniform(size=synapses.nnz))
    return sparse.csr_array((values, (synapses.row, synapses.col)), shape=synapses.shape)


def _connect(pre, post, weights, tau_s):
    if weights.nnz:
        connect_sparsely(pre, post, weights, tau_s)
