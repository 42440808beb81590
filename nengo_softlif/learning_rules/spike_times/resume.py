"""ReSuMe, the remote supervised method."""

from __future__ import annotations

import numpy as np

from nengo_softlif.learning_rules.spike_times.rule import SpikeTrainRule, wanted_and_fired
from nengo_softlif.validation import check_number, check_seconds

__all__ = ["ReSuMe"]


class ReSuMe(SpikeTrainRule):
    r"""STDP by target spikes, anti-STDP by output spikes.

    .. math:: \Delta w = \eta \Big[ \sum_{\hat t} \Big(a + \sum_{t_i < \hat t}
        e^{-(\hat t - t_i) / \tau}\Big) - \sum_{t} \Big(a + \sum_{t_i < t}
        e^{-(t - t_i) / \tau}\Big) \Big]

    with targets :math:`\hat t`, outputs t, and input spikes :math:`t_i` at the times when they
    arrive. The sums cancel when outputs are the targets. The non-Hebbian term a corrects the spike
    count; it does not depend on when inputs spike.

    Parameters
    ----------
    learning_rate : float
        Factor of all changes (>= 0).
    tau : float
        Time constant of the learning window in seconds (> 0).
    non_hebbian : float
        The term a (>= 0).

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Ponulak & Kasiński (2010), "Supervised learning in spiking neural networks with ReSuMe:
       sequence learning, classification, and spike shifting".

    Examples
    --------
    >>> from nengo_softlif.learning_rules.spike_times import SpikeResponseLayer
    >>> rng = np.random.default_rng(0)
    >>> inputs = rng.uniform(0, 0.2, size=(1, 200, 2))
    >>> layer = SpikeResponseLayer(rng.uniform(0, 0.2, size=(200, 1)))
    >>> training = ReSuMe(0.01).fit(
    ...     layer, inputs, [[[0.05, 0.1, 0.15]]], duration=0.2, epochs=100, until=0.3
    ... )
    >>> training.converged
    True
    """

    def __init__(
        self, learning_rate: float = 0.01, *, tau: float = 0.007, non_hebbian: float = 0.05
    ) -> None:
        super().__init__(learning_rate)
        self.tau = check_seconds("tau", tau)
        self.non_hebbian = check_number("non_hebbian", non_hebbian, minimum=0)

    def amounts(self, outputs, targets):
        """1 at each target, -1 at each output spike."""
        return wanted_and_fired(outputs, targets)

    def response(self, since, layer):
        """Decays exponentially after an arrival."""
        return np.where(since > 0, np.exp(-np.maximum(since, 0) / self.tau), 0.0)

    def change(self, layer, inputs, outputs, targets):
        """Change of the weights, with the non-Hebbian term, which is the same for all inputs."""
        missing = np.isfinite(targets).sum(axis=(0, 2)) - np.isfinite(outputs).sum(axis=(0, 2))
        hebbian = super().change(layer, inputs, outputs, targets)
        return hebbian + self.learning_rate * self.non_hebbian * missing
