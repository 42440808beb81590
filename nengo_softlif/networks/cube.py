"""A reservoir like NeuCube: a small world in space, whose synapses learn without labels."""

from __future__ import annotations

import nengo
import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.spatial.distance import cdist

from nengo_softlif.errors import ParameterError
from nengo_softlif.learning_rules import STDP
from nengo_softlif.networks.populations import connect_sparsely, population
from nengo_softlif.networks.wiring import small_world
from nengo_softlif.neurons import SpikingLIF
from nengo_softlif.validation import check_integer, check_number, check_numbers, check_seed

__all__ = ["SmallWorldReservoir"]

TAU_RC, TAU_REF, TAU_S = 0.02, 0.005, 0.005
LARGEST = 2.0  # weights that learn, in units of their mean at the beginning
DEPRESSION = 1.05  # in units of the potentiation, so that spikes without relation weaken synapses


class SmallWorldReservoir(nengo.Network):
    """A small world of LIF neurons in space, with plastic excitatory synapses.

    As in NeuCube, neurons have coordinates, and each channel of the input goes to the neurons that
    are nearest to its own place, as an electrode does. Each neuron hears its nearest neighbours and
    some distant neurons. Synapses of excitatory neurons learn by STDP while spikes come in; those
    of inhibitory ones are fixed. Then `nengo_softlif.analysis.rank_order_weights` or
    `nengo_softlif.analysis.state_readout` classifies what the network answers.

    Parameters
    ----------
    positions : (n_neurons, n_axes) array_like
        Coordinates of the neurons, in any unit.
    input_positions : (n_inputs, n_axes) array_like
        Those of the channels.
    n_neighbors : int
        Synapses of each neuron.
    rewired : float
        Probability of a synapse to come from any neuron, not from a neighbour; from 0 to 1.
    neurons_per_input : int
        So many nearest neurons get the spikes of a channel.
    strength, input_strength : float
        How far a spike moves the membrane voltage, in units of the threshold, if nothing leaks
        meanwhile (0 or more). Recurrent ones are drawn from 0 to twice the mean.
    inhibition : float
        Strength of inhibitory neurons in units of that of excitatory ones (0 or more).
    excitatory_fraction : float
        Fraction of excitatory neurons, from 0 to 1.
    learning_rate : float
        Potentiation by a pair of spikes without a time between them, in units of the largest
        weight. With 0, nothing learns, and a step takes the least time.
    weights : (n_neurons, n_excitatory) array_like, optional
        Of excitatory neurons, as they were learned by a network of the same seed.
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
        In the order of the neurons.
    weights : (n_neurons, n_neurons) scipy.sparse.csr_array
        At the beginning; of inhibitory neurons below 0.
    plastic : nengo.Connection
        From excitatory neurons to all. Probe its "weights" to keep what is learned.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or has the wrong shape.

    References
    ----------
    .. [1] Kasabov (2014), "NeuCube: a spiking neural network architecture for mapping, learning
       and understanding of spatio-temporal brain data".

    Examples
    --------
    >>> import nengo
    >>> from nengo_softlif.networks.wiring import grid
    >>> positions = grid((5, 5, 5))
    >>> with nengo.Network(seed=0) as net:
    ...     stimulus = nengo.Node(nengo.processes.WhiteSignal(1.0, high=20, rms=20), size_out=2)
    ...     cube = SmallWorldReservoir(positions, [[0, 0, 0], [4, 4, 4]], n_neighbors=10, seed=0)
    ...     _ = nengo.Connection(stimulus, cube.input, synapse=None)
    ...     weights = nengo.Probe(cube.plastic, "weights", sample_every=0.1)
    >>> with nengo.Simulator(net, progress_bar=False) as sim:
    ...     sim.run(0.1)
    >>> sim.data[weights].shape
    (1, 125, 100)
    """

    def __init__(
        self,
        positions: ArrayLike,
        input_positions: ArrayLike,
        *,
        n_neighbors: int = 20,
        rewired: float = 0.1,
        neurons_per_input: int = 1,
        strength: float = 0.15,
        input_strength: float = 1.5,
        inhibition: float = 1.0,
        excitatory_fraction: float = 0.8,
        learning_rate: float = 0.01,
        weights: ArrayLike | None = None,
        seed: int | None = None,
        label: str | None = None,
    ) -> None:
        strength = check_number("strength", strength, minimum=0)
        input_strength = check_number("input_strength", input_strength, minimum=0)
        inhibition = check_number("inhibition", inhibition, minimum=0)
        fraction = check_number("excitatory_fraction", excitatory_fraction, minimum=0, maximum=1)
        learning_rate = check_number("learning_rate", learning_rate, minimum=0)
        seed = seed if seed is None else check_seed("seed", seed)
        super().__init__(label=label, seed=seed)

        rng = np.random.default_rng(seed)
        positions = check_numbers("positions", positions)
        self.positions = positions[np.argsort(rng.uniform(size=len(positions)))]
        synapses = small_world(self.positions, n_neighbors, rewired, rng).tocoo()
        n_neurons = len(self.positions)
        self.n_excitatory = n = round(fraction * n_neurons)
        values = rng.uniform(0, 2 * TAU_RC * strength, size=synapses.nnz)
        values = np.where(synapses.col < n, values, -inhibition * values)
        drawn = sparse.csr_array((values, (synapses.row, synapses.col)), shape=synapses.shape)
        if weights is not None:
            drawn = sparse.csr_array(
                sparse.hstack([_checked_weights(weights, n_neurons, n), drawn[:, n:]])
            )
        self.weights = drawn
        given = _electrodes(self.positions, input_positions, neurons_per_input)

        with self:
            self.input = nengo.Node(size_in=given.shape[1], label="input")
            neuron_type = SpikingLIF(tau_rc=TAU_RC, tau_ref=TAU_REF)
            self.neurons = population(n_neurons, neuron_type, "cube").neurons
            connect_sparsely(self.input, self.neurons, TAU_RC * input_strength * given, TAU_S)
            connect_sparsely(self.neurons[n:], self.neurons, drawn[:, n:], TAU_S)
            if learning_rate > 0:
                largest = LARGEST * TAU_RC * strength
                self.plastic = nengo.Connection(
                    self.neurons[:n],
                    self.neurons,
                    transform=drawn[:, :n].toarray(),
                    synapse=nengo.Lowpass(TAU_S),
                    learning_rule_type=STDP(
                        potentiation=learning_rate * largest,
                        depression=DEPRESSION * learning_rate * largest,
                        bounds=(0, largest),
                        prune=True,
                    ),
                )
            else:
                self.plastic = connect_sparsely(self.neurons[:n], self.neurons, drawn[:, :n], TAU_S)


def _electrodes(positions, input_positions, neurons_per_input):
    """Which neurons get the spikes of which channel, (n_neurons, n_inputs)."""
    places = check_numbers("input_positions", input_positions)
    n_neurons, n_axes = positions.shape
    if places.ndim != 2 or not len(places) or places.shape[1] != n_axes:
        raise ParameterError(
            f"input_positions must have the shape (n_inputs, {n_axes}) (got {places.shape})"
        )
    count = check_integer("neurons_per_input", neurons_per_input, minimum=1, maximum=n_neurons)
    nearest = np.argsort(cdist(places, positions), axis=1, kind="stable")[:, :count]
    channels = np.repeat(np.arange(len(places)), count)
    ones = np.ones(channels.size)
    return sparse.csr_array((ones, (nearest.ravel(), channels)), shape=(n_neurons, len(places)))


def _checked_weights(weights, n_neurons, n_excitatory):
    weights = check_numbers("weights", weights, minimum=0)
    if weights.shape != (n_neurons, n_excitatory):
        raise ParameterError(
            f"weights must have the shape {n_neurons, n_excitatory}, from excitatory neurons to "
            f"all (got {weights.shape})"
        )
    return weights
