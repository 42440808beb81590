"""What conversion returns: a plain Nengo network and the names of its parts."""

from __future__ import annotations

from nengo_softlif.conversion.build import build
from nengo_softlif.conversion.storage import files
from nengo_softlif.errors import ConversionError
from nengo_softlif.networks.layer import Layer

__all__ = ["SpikingNetwork"]


class SpikingNetwork:
    """A converted network: plain Nengo objects, and the names that the source gave them.

    Made by `nengo_softlif.convert` or `SpikingNetwork.load`.

    Parameters
    ----------
    graph : Graph
        Operations with neuron types and synapses chosen.
    seed : int
        Seed of the Nengo network.
    name : str
        Label of the Nengo network.

    Attributes
    ----------
    net : nengo.Network
        Runs on any Nengo simulator.
    inputs, outputs : dict of str to nengo.Node
        By the names of Keras' input layers, and of the layers that the outputs come from.
    input_shapes : dict of str to tuple of int
        Shape of an item for each input, channels last.
    layers : list of Layer
        The populations of neurons, in the order of computation.
    notes : tuple of str
        What conversion did besides the obvious.
    """

    def __init__(self, graph, *, seed=0, name="spiking network"):
        self.graph = graph
        self.seed = seed
        self.name = name
        built = build(graph, seed=seed, label=name)
        self.net = built.net
        self.inputs = built.inputs
        self.outputs = built.outputs
        self.input_shapes = graph.input_shapes
        self.notes = graph.notes
        self.layers = [
            Layer(op.name, built.sources[op.name], op.shape, op.scale) for op in graph.neurons
        ]

    @property
    def input(self):
        """The only input node."""
        return _only("input", self.inputs)

    @property
    def output(self):
        """The only output node."""
        return _only("output", self.outputs)

    @property
    def n_neurons(self):
        """Number of neurons."""
        return sum(layer.n_neurons for layer in self.layers)

    def __repr__(self):
        return f"<SpikingNetwork {self.name!r}: {self._size()}>"

    def _size(self):
        n_layers = len(self.layers)
        return f"{self.n_neurons:,} neurons in {n_layers} layer{'s' * (n_layers != 1)}"

    def summary(self):
        """Describe the layers as a table, with the notes below it.

        Returns
        -------
        text : str
        """
        rows = [("layer", "shape", "neurons", "type", "synapse", "scale")]
        rows += [
            (
                op.name,
                "x".join(map(str, op.shape)),
                f"{op.size:,}",
                type(op.neuron_type).__name__,
                str(op.synapse),
                f"{op.scale:g}",
            )
            for op in self.graph.neurons
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows
        ]
        lines.insert(1, "-" * len(lines[0]))
        lines.append(self._size())
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(line.rstrip() for line in lines)

    def save(self, path):
        """Write the network to one file: a zip of JSON and plain arrays.

        Parameters
        ----------
        path : path-like
            Usually ends in ``.zip``.
        """
        files.write(path, self.graph, name=self.name, seed=self.seed)

    @classmethod
    def load(cls, path):
        """Read a network written by `save`; its weights are bit-identical.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        network : SpikingNetwork

        Raises
        ------
        FileError
            If the file is missing, damaged, of another version, or no such network. Nothing
            in a file is ever executed.
        """
        graph, name, seed = files.read(path)
        return cls(graph, seed=seed, name=name)


def _only(kind, nodes):
    if len(nodes) != 1:
        raise ConversionError(
            f"the network has {len(nodes)} {kind}s, {', '.join(nodes)}; use {kind}s[name]"
        )
    return next(iter(nodes.values()))
