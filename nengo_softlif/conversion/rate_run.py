"""Run the rate version of a graph on single samples: one step each, since rates have no state."""

from __future__ import annotations

import nengo
import numpy as np

from nengo_softlif.conversion.build import build

__all__ = ["RateRun"]


class RateRun:
    """The rate version of a network, ready to take samples.

    Parameters
    ----------
    graph : Graph
        With neuron types chosen.
    """

    def __init__(self, graph):
        self.graph = graph
        self.built = build(graph, rates=True)
        self.values = {}
        for name, node in self.built.inputs.items():
            node.output = lambda t, name=name: self.values[name]
        self.values = {op.name: np.zeros(op.size) for op in graph.inputs}
        # merging operators takes longer than the few steps that it would speed up
        self.sim = nengo.Simulator(self.built.net, progress_bar=False, optimize=False)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.sim.close()

    def present(self, sample):
        """Compute the network's response to one sample.

        Parameters
        ----------
        sample : dict of str to array_like
            For every input, its values.
        """
        self.values = {name: np.ravel(values).astype(float) for name, values in sample.items()}
        self.sim.step()

    def current(self, name):
        """Input current of a population, (n_neurons,), from the last sample."""
        return self._signal(self._neurons(name), "in")

    def result(self, name):
        """Result of an operation that is a population or a node, (size,), from the last sample."""
        return self._signal(self.built.sources[name], "out")

    def _neurons(self, name):
        return next(e.neurons for e in self.built.net.ensembles if e.label == name)

    def _signal(self, obj, key):
        return np.array(self.sim.signals[self.sim.model.sig[obj][key]])
