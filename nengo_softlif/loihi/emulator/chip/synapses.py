"""The parts of a built model that spikes pass: neurons and axons, synapses and their weights."""

from typing import NamedTuple

import numpy as np
from nengo.exceptions import BuildError

__all__ = ["Source", "Synapses", "list_sources"]


class Source(NamedTuple):
    """A block, or an input, with the number of its first neuron among all sources."""

    first: int
    n_neurons: int
    axons: list

    def spikes(self, axon):
        """Which neurons have an axon, and what their spikes say.

        Parameters
        ----------
        axon : nengo_loihi.block.Axon
            One of ``axons``.

        Returns
        -------
        neurons, axon_idx, atom : (n,) ndarray of int
        """
        neurons = np.arange(self.n_neurons)
        axon_idx = neurons if axon.compartment_map is None else np.asarray(axon.compartment_map)
        atom = 0 * neurons if axon.compartment_atoms is None else np.asarray(axon.compartment_atoms)
        is_used = axon_idx >= 0
        neurons, axon_idx, atom = neurons[is_used], axon_idx[is_used], atom[is_used]
        n_axons = axon.target.n_axons
        if np.any(axon_idx >= n_axons):
            raise BuildError(
                f"{axon} sends spikes to number {axon_idx.max()} of the {n_axons} axons of "
                f"{axon.target}. Give it a map to those that there are."
            )
        return neurons, axon_idx, atom


def list_sources(block_info, inputs):
    """List what sends spikes, in the order in which NengoLoihi hands them on.

    Parameters
    ----------
    block_info : nengo_loihi.emulator.interface.BlockInfo
    inputs : list of nengo_loihi.inputs.SpikeInput

    Returns
    -------
    sources : list of Source
        First the inputs, then the blocks.
    """
    sources, first = [], block_info.n_compartments
    for spike_input in inputs:
        sources.append(Source(first, spike_input.n_neurons, spike_input.axons))
        first += spike_input.n_neurons
    for block, where in block_info.slices.items():
        sources.append(Source(where.start, block.n_neurons, block.axons))
    return sources


class Synapses:
    """All synapses, whose rows of weights are cut into runs when an axon asks for them.

    Parameters
    ----------
    block_info : nengo_loihi.emulator.interface.BlockInfo

    Attributes
    ----------
    number, block, first : dict of nengo_loihi.block.Synapse
        Its number, its block, and the first compartment of that.
    learning : list of nengo_loihi.block.Synapse
        Those that learn.
    learned_rows : dict of nengo_loihi.block.Synapse to list of int
        Where the rows of weights of those start.
    n_learned : int
        How many weights learn; they come first.
    """

    def __init__(self, block_info):
        self.number, self.block, self.first = {}, {}, {}
        for block, where in block_info.slices.items():
            for synapse in block.synapses:
                self.number[synapse] = len(self.number)
                self.block[synapse] = block
                self.first[synapse] = where.start
        self._pieces = [np.zeros(0, block_info.dtype)]
        self._n_weights = 0
        self._known = {}
        self._runs = {}
        self.learning = [synapse for synapse in self.number if synapse.learning]
        self.learned_rows = {s: self._store_learned(s) for s in self.learning}
        self.n_learned = self._n_weights

    def _store_learned(self, synapse):
        for indices in synapse.indices:
            if indices.shape[0] != 1 or len(np.unique(indices)) != indices.size:
                raise BuildError(
                    f"{synapse}: synapses that learn have to have one weight for each "
                    f"compartment, for one population; got indices of shape {indices.shape}."
                )
        return [self._append(weights[0]) for weights in synapse.weights]

    def _append(self, weights):
        start = self._n_weights
        self._pieces.append(weights)
        self._n_weights += len(weights)
        return start

    def weights(self):
        """Return all weights that were asked for, as one array."""
        return np.concatenate(self._pieces)

    def runs(self, synapse, row, atom):
        """Cut a row of weights where its targets don't follow one another.

        Parameters
        ----------
        synapse : nengo_loihi.block.Synapse
        row, atom : int

        Returns
        -------
        target, start, length : (n_runs,) ndarray of int
            The targets relative to the base of an axon; the starts in `weights`.
        """
        key = (synapse, row, atom)
        if key not in self._runs:
            indices = synapse.indices[row][atom].astype(np.int64)
            if synapse.learning:
                start = self.learned_rows[synapse][row]
            else:
                # NengoLoihi adds to a compartment once, though a row name it several times
                indices, last = np.unique(indices[::-1], return_index=True)
                weights = synapse.weights[row][atom][::-1][last]
                content = weights.tobytes()
                if content not in self._known:
                    self._known[content] = self._append(weights)
                start = self._known[content]
            cuts = np.append(True, np.diff(indices) != 1)[: len(indices)]
            begin = np.nonzero(cuts)[0]
            length = np.diff(np.append(begin, len(indices)))
            self._runs[key] = indices[begin], start + begin, length
        return self._runs[key]
