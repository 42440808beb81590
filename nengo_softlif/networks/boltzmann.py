"""Restricted Boltzmann machines that learn while their neurons spike."""

from __future__ import annotations

import nengo
import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.learning_rules import GatedSTDP
from nengo_softlif.networks.learned import learned_weights
from nengo_softlif.networks.populations import population
from nengo_softlif.validation import check_bool, check_integer, check_number, check_numbers

__all__ = ["SpikingBoltzmannMachine"]

TAU = 0.004  # seconds: neurons fire at most once in it; time constant of the synapses
TAU_STDP = 0.01  # seconds in which two spikes belong together
ALWAYS = 20.0  # input of a neuron that fires as fast as it can: those that carry the biases
DEVIATION = 0.05  # of weights at the beginning


class SpikingBoltzmannMachine(nengo.Network):
    r"""Visible and hidden neurons, all to all and back, that learn by contrastive divergence.

    Neurons fire at random with the rates :math:`\sigma(u) / \tau`, and spikes of others change u by
    the weights, so that they sample from the distribution of a restricted Boltzmann machine,
    approximately. Pairs of spikes change weights by

    .. math:: \Delta w = \eta \, g \, e^{-|\Delta t| / \tau_{STDP}}

    with a gate g of 1 while visible neurons follow data, -1 while they are free, 0 shortly after
    each change (Neftci et al. 2014). Weights up and down go through the same changes, so that
    they stay each other's transpose.

    Parameters
    ----------
    n_visible, n_hidden : int
    weights : (n_visible, n_hidden) array_like, optional
        Normally distributed by default.
    visible_bias : (n_visible,) array_like, optional
    hidden_bias : (n_hidden,) array_like, optional
        Zeros by default.
    learning_rate : float
        Change by two spikes at the same time, in units of the weights (>= 0).
    frozen : bool
        Whether nothing is learnt.
    label : str, optional
    seed : int, optional
        Of the default weights, and of the spikes.

    Attributes
    ----------
    input : nengo.Node
        What is added to u of the visible neurons: large numbers of either sign let them follow
        data, 0 leaves them free.
    gate : nengo.Node
        Factor of all changes.
    visible, hidden : nengo.Ensemble
    output : nengo.Node
        Activities of the visible neurons, from 0 to 1 on average.

    Raises
    ------
    ParameterError
        If an argument is out of range, or of the wrong shape.

    References
    ----------
    .. [1] Neftci, Das, Pedroni, Kreutz-Delgado & Cauwenberghs (2014), "Event-driven contrastive
       divergence for spiking neuromorphic systems".

    Examples
    --------
    A hidden neuron that is active with one of two visible ones brings about the same again:

    >>> machine = SpikingBoltzmannMachine(
    ...     2, 1, weights=[[8.0], [-8.0]], hidden_bias=[0.0], frozen=True, seed=0
    ... )
    >>> machine.input.output = lambda t: [8.0, -8.0] if t < 0.1 else [0.0, 0.0]
    >>> with machine:
    ...     probe = nengo.Probe(machine.output)
    >>> with nengo.Simulator(machine, progress_bar=False) as sim:
    ...     sim.run(0.2)
    >>> first, second = sim.data[probe][100:].mean(axis=0)
    >>> bool(first > 2 * second)
    True
    """

    def __init__(
        self,
        n_visible: int,
        n_hidden: int,
        *,
        weights: ArrayLike | None = None,
        visible_bias: ArrayLike | None = None,
        hidden_bias: ArrayLike | None = None,
        learning_rate: float = 2e-4,
        frozen: bool = False,
        label: str | None = None,
        seed: int | None = None,
    ):
        n_visible = check_integer("n_visible", n_visible, minimum=1)
        n_hidden = check_integer("n_hidden", n_hidden, minimum=1)
        learning_rate = check_number("learning_rate", learning_rate, minimum=0)
        frozen = check_bool("frozen", frozen)
        if weights is None:
            shape = n_visible, n_hidden
            weights = np.random.default_rng(seed).normal(0, DEVIATION, shape)
        weights = _checked("weights", weights, (n_visible, n_hidden))
        visible_bias = _checked("visible_bias", visible_bias, (n_visible,))
        hidden_bias = _checked("hidden_bias", hidden_bias, (n_hidden,))
        super().__init__(label=label, seed=seed)
        neuron_type = nengo.PoissonSpiking(nengo.Sigmoid(tau_ref=TAU), amplitude=TAU)
        self._rule = GatedSTDP(
            potentiation=1.0,
            depression=-1.0,
            tau_pre=TAU_STDP,
            tau_post=TAU_STDP,
            bounds=(-np.inf, np.inf),
            learning_rate=learning_rate,
            frozen=frozen,
        )
        with self:
            self.input = nengo.Node(np.zeros(n_visible), label="input")
            self.gate = nengo.Node(size_in=1, label="gate")
            self.visible = population(n_visible, neuron_type, "visible")
            self.hidden = population(n_hidden, neuron_type, "hidden")
            always = population(1, neuron_type, "always", bias=ALWAYS)
            nengo.Connection(self.input, self.visible.neurons, synapse=None)
            self._up = self._learning(self.visible, self.hidden, weights.T)
            self._down = self._learning(self.hidden, self.visible, weights)
            self._to_visible = self._learning(always, self.visible, visible_bias[:, np.newaxis])
            self._to_hidden = self._learning(always, self.hidden, hidden_bias[:, np.newaxis])
            self.output = nengo.Node(size_in=n_visible, label="output")
            nengo.Connection(self.visible.neurons, self.output, synapse=None)

    def _learning(self, pre, post, weights):
        connection = nengo.Connection(
            pre.neurons,
            post.neurons,
            transform=weights,
            synapse=nengo.Lowpass(TAU),
            learning_rule_type=self._rule,
        )
        nengo.Connection(self.gate, connection.learning_rule, synapse=None)
        return connection

    def state(self, sim: nengo.Simulator) -> dict:
        """What has been learnt until now.

        Parameters
        ----------
        sim : nengo.Simulator or nengo_softlif.Simulator

        Returns
        -------
        state : dict
            ``weights``, ``visible_bias`` and ``hidden_bias``, for another machine.
        """
        up, to_visible, to_hidden = (
            learned_weights(sim, connection)
            for connection in (self._up, self._to_visible, self._to_hidden)
        )
        return {
            "weights": up.T,
            "visible_bias": to_visible.ravel(),
            "hidden_bias": to_hidden.ravel(),
        }


def _checked(name, values, shape):
    values = check_numbers(name, np.zeros(shape) if values is None else values)
    if values.shape != shape:
        raise ParameterError(f"{name} must be of shape {shape} (got {values.shape})")
    return values
