"""The oscillator network that tests of NengoDL run, once ``nengo.networks.Oscillator``."""

import nengo


class Oscillator(nengo.Network):
    """A recurrent two-dimensional ensemble whose state turns around the origin.

    Parameters
    ----------
    recurrent_tau : float
        Time constant of the recurrent synapse, in seconds.
    frequency : float
        Angular frequency of the oscillation, in radians per second.
    n_neurons : int
        Number of neurons.
    **kwargs
        Passed on to `nengo.Network`.
    """

    def __init__(self, recurrent_tau, frequency, n_neurons, **kwargs):
        super().__init__(**kwargs)
        turn = frequency * recurrent_tau
        with self:
            self.input = nengo.Node(size_in=2)
            self.ensemble = self.output = nengo.Ensemble(n_neurons, dimensions=2)
            nengo.Connection(self.input, self.ensemble, synapse=None)
            nengo.Connection(
                self.ensemble,
                self.ensemble,
                synapse=recurrent_tau,
                transform=[[1, -turn], [turn, 1]],
            )
