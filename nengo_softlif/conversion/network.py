"""What conversion returns: a plain Nengo network and the names of its parts."""

from __future__ import annotations

import os
from collections.abc import Mapping

import nengo

from nengo_softlif.conversion.build import build
from nengo_softlif.conversion.edits import edits
from nengo_softlif.conversion.graph import Graph
from nengo_softlif.conversion.ranges import with_ranges
from nengo_softlif.conversion.storage import files
from nengo_softlif.errors import FileError
from nengo_softlif.evaluation import Presentation, evaluate, predict
from nengo_softlif.functional.discrete_lif import STEP
from nengo_softlif.networks.layer import Layer
from nengo_softlif.networks.runnable import only
from nengo_softlif.tables import Table
from nengo_softlif.validation import check_seed

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
    input_shapes, output_shapes : dict of str to tuple of int
        Shape of a sample for each input and output, channels last.
    input_ranges : dict of str to (float, float)
        Range of the data that the network was calibrated or verified with, if it was.
    layers : list of Layer
        The populations of neurons, in the order of computation.
    notes : tuple of str
        What conversion did besides the obvious.
    presentation : Presentation or None
        How samples are shown by default: for models that were trained in spikes, step by step, with
        the number of steps, the readout and the encoding that they were trained with.
    """

    predict = predict
    evaluate = evaluate

    def __init__(self, graph: Graph, *, seed: int = 0, name: str = "spiking network") -> None:
        self.graph = graph
        self.seed = check_seed("seed", seed)
        self.name = name
        built = build(graph, seed=self.seed, label=name)
        self.net = built.net
        self.inputs = built.inputs
        self.outputs = built.outputs
        self.input_shapes = graph.input_shapes
        self.output_shapes = {name: tuple(graph[name].shape) for name in graph.outputs}
        self.input_ranges = {
            op.name: op.value_range for op in graph.inputs if op.value_range is not None
        }
        self.notes = graph.notes
        self.presentation = _presentation(graph.shown)
        self.layers = [
            Layer(op.name, built.sources[op.name], op.shape, op.scale) for op in graph.neurons
        ]

    @property
    def dropped(self) -> dict[str, str]:
        """By output, the last activation that the network leaves out: "sigmoid" or "softmax"."""
        graph = self.graph
        return {
            name: "sigmoid" if name in graph.sigmoids else "softmax"
            for name in graph.outputs
            if name in graph.logits
        }

    @property
    def input(self) -> nengo.Node:
        """The only input node."""
        return only("input", self.inputs)

    @property
    def output(self) -> nengo.Node:
        """The only output node."""
        return only("output", self.outputs)

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return sum(layer.n_neurons for layer in self.layers)

    def summary(self) -> None:
        """Print the layers as a table, with the notes below it; ``str(network)`` is its text."""
        print(self)

    def __repr__(self) -> str:
        return f"<SpikingNetwork {self.name!r}: {self._size()}>"

    def __str__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        from nengo_softlif.plots import inline, plot_layer_sizes

        if not self.layers:
            return self._table().to_html()
        with inline.picture(5, 1 + 0.3 * len(self.layers)) as (ax, html):
            plot_layer_sizes(ax, {layer.name: layer.n_neurons for layer in self.layers})
        return self._table().to_html(picture=html.text)

    def _size(self) -> str:
        n_layers = len(self.layers)
        return f"{self.n_neurons:,} neurons in {n_layers} layer{'s' * (n_layers != 1)}"

    def _table(self) -> Table:
        return Table(
            title=self.name,
            header=("layer", "shape", "neurons", "type", "synapse", "scale"),
            text_columns=(0, 1, 3, 4),
            rows=tuple(
                (
                    op.name,
                    "x".join(map(str, op.shape)),
                    f"{op.size:,}",
                    type(op.neuron_type).__name__,
                    str(op.synapse),
                    f"{op.scale:g}",
                )
                for op in self.graph.neurons
            ),
            notes=(self._size(), *(f"note: {note}" for note in self.notes)),
        )

    def expect_ranges(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        """Note values of the inputs that are as expected; values far outside are warned of.

        `nengo_softlif.conversion.verify` and calibration do this. The ranges are saved with the
        network.

        Parameters
        ----------
        ranges : dict of str to (float, float)
            Smallest and largest value of the data, by input.
        """
        self.graph = with_ranges(self.graph, ranges)
        self.input_ranges = {
            op.name: op.value_range for op in self.graph.inputs if op.value_range is not None
        }

    def save(self, path: str | os.PathLike) -> None:
        """Write the network to one file: a zip of JSON and plain arrays.

        A file holds what conversion made. Changes of `net` can't be stored, and are refused by
        name; probes and what input nodes put out are left out.

        Parameters
        ----------
        path : path-like
            Usually ends in ``.zip``. An older file is replaced when the new one is complete; a
            failure leaves it as it was.

        Raises
        ------
        FileError
            If `net` was changed, something can't be stored, or the file can't be written.
        """
        original = build(self.graph, seed=self.seed, label=self.name).net
        if changes := edits(self.net, original, inputs=list(self.inputs.values())):
            listed = "\n".join(f"  - {change}" for change in changes)
            raise FileError(
                f"spiking.net was changed since its conversion, and changes can't be stored:\n"
                f"{listed}\nMake them after loading, or give nengo_softlif.convert the options for "
                "them (neurons, synapse, scale, target)."
            )
        files.write(path, self.graph, name=self.name, seed=self.seed)

    @classmethod
    def load(cls, path: str | os.PathLike) -> SpikingNetwork:
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


def _presentation(shown):
    if shown is None:
        return None
    last = (shown.n_steps - 1) * STEP
    return Presentation(
        time=shown.n_steps * STEP,
        classify_from=last if shown.last_step_only else 0.0,
        dt=STEP,
        encoding=shown.encoding,
    )
