"""`Graph` -> `nengo.Network` of Nengo's own objects."""

from __future__ import annotations

from dataclasses import dataclass

import nengo
import numpy as np
from nengo.params import Parameter

from nengo_softlif.conversion.cells import Cells, Feedback
from nengo_softlif.conversion.graph import (
    Concatenate,
    Dense,
    Input,
    Integrator,
    Matrix,
    MaxPool,
    Neurons,
    Sum,
)
from nengo_softlif.conversion.inhibited import (
    InhibitedSoftLIFRate,
    connect_inhibition,
    inhibition_of,
)
from nengo_softlif.functional.pooling import max_pool
from nengo_softlif.networks.extensions import enable_extensions
from nengo_softlif.neurons.rates import rate_version
from nengo_softlif.processes import GatedCells, SpikingMaxPool

__all__ = ["Built", "build"]

_MAX_SPACE = 2  # spatial dimensions of a convolution in Nengo


@dataclass(frozen=True, eq=False)
class Built:
    """The Nengo objects that were made.

    Parameters
    ----------
    net : nengo.Network
    inputs, outputs : dict of str to nengo.Node
    sources : dict of str to (nengo.Node or nengo.ensemble.Neurons)
        By operation, the object that sends its result, where there is one.
    """

    net: nengo.Network
    inputs: dict
    outputs: dict
    sources: dict


def build(graph, *, rates=False, seed=0, label=None):
    """Make a network.

    Linear operations become connections. One that leads to nothing but a population of neurons
    connects straight to it; others get a passthrough node.

    Parameters
    ----------
    graph : Graph
        With neuron types and synapses chosen.
    rates : bool
        Put rate neurons in the place of spiking ones, and no synapses.
    seed : int
        Of the network: initial voltages.
    label : str, optional

    Returns
    -------
    built : Built
    """
    builder = _Builder(graph, rates)
    with nengo.Network(label=label, seed=seed) as net:
        enable_extensions(net)
        _add_option(net, "on_chip")
        if any(op.block_shape is not None for op in graph.neurons):
            _add_option(net, "block_shape")
        for op in graph.operations:
            builder.add_objects(op)
        for op in graph.operations:
            builder.add_connections(op)
        outputs = {name: builder.output_node(name) for name in graph.outputs}
        for op in graph.neurons:
            options = net.config[builder.ensembles[op.name]]
            if builder.sees_input(op):
                options.on_chip = False
            if op.block_shape is not None:
                options.block_shape = op.block_shape
    inputs = {op.name: builder.sources[op.name] for op in graph.inputs}
    return Built(net, inputs, outputs, builder.sources)


def _add_option(net, name):
    """Let populations say that they stay off a neuromorphic chip, or how it splits them.

    Images enter a chip as spikes, which the first layer makes of them on the host. The options
    are plain Nengo parameters with the names that NengoLoihi looks for; others ignore them.
    """
    net.config[nengo.Ensemble].set_param(name, Parameter(name, default=None, optional=True))


@dataclass(frozen=True, eq=False)
class _Target:
    """Where a result goes: an object, and a factor on the way."""

    obj: object
    factor: float


class _Builder:
    def __init__(self, graph, rates):
        self.graph = graph
        self.rates = rates
        self.sources = {}  # objects that send results
        self.ensembles = {}
        self.nodes = {}  # passthrough nodes of linear operations
        self.by_name = {op.name: op for op in graph.operations}
        self.consumers = {op.name: [] for op in graph.operations}
        for op in graph.operations:
            for source in op.inputs:
                self.consumers[source].append(op)

    def add_objects(self, op):
        if isinstance(op, Input):
            self.sources[op.name] = nengo.Node(np.zeros(op.size), label=op.name)
        elif isinstance(op, Neurons):
            self._add_population(op)
        elif isinstance(op, MaxPool):
            pool = SpikingMaxPool(op.input_shape, op.pool_size, op.strides, op.padding)
            output = _maximum(pool) if self.rates else pool
            node = nengo.Node(output, size_in=pool.default_size_in, size_out=op.size, label=op.name)
            self.nodes[op.name] = self.sources[op.name] = node
        elif isinstance(op, Cells):
            names = ("threshold", "forget", "period", "shift", "open_fraction", "leak")
            cells = GatedCells(op.cell, op.size, **{name: getattr(op, name) for name in names})
            self.nodes[op.name] = self.sources[op.name] = nengo.Node(cells, label=op.name)
        elif isinstance(op, Integrator):
            filter_ = nengo.LinearFilter([1, 0], [1, -op.decay], analog=False)
            node = nengo.Node(filter_, size_in=op.size, size_out=op.size, label=op.name)
            self.nodes[op.name] = self.sources[op.name] = node
        elif not isinstance(op, Feedback) and self._sole_consumer(op) is None:
            node = nengo.Node(size_in=op.size, label=op.name)
            self.nodes[op.name] = self.sources[op.name] = node

    def _add_population(self, op):
        neuron_type, amplitude = op.neuron_type, 1.0
        if self.rates:
            neuron_type, amplitude = rate_version(neuron_type)
            if (inhibition := inhibition_of(op)) is not None:
                neuron_type = InhibitedSoftLIFRate(neuron_type, inhibition, op.shape[-1])
        bias = np.zeros(op.size) if op.bias is None else op.scale * np.asarray(op.bias, float)
        ensemble = nengo.Ensemble(
            op.size,
            dimensions=1,
            neuron_type=neuron_type,
            gain=np.ones(op.size),
            bias=bias,
            label=op.name,
        )
        self.ensembles[op.name] = ensemble
        self.sources[op.name] = ensemble.neurons
        if amplitude != 1:
            node = nengo.Node(size_in=op.size, label=f"{op.name}/amplitude")
            nengo.Connection(ensemble.neurons, node, transform=amplitude, synapse=None)
            self.sources[op.name] = node

    def add_connections(self, op):
        if isinstance(op, Neurons):
            (source,) = op.inputs
            neurons = self.ensembles[op.name].neurons
            if source in self.sources:
                self._connect(source, _Target(neurons, op.scale))
            if op.recurrent is not None:
                delay = _delay(op.delay)
                nengo.Connection(neurons, neurons, transform=op.recurrent, synapse=delay)
            if inhibition_of(op) is not None and not self.rates:
                connect_inhibition(op, neurons)
            return
        if isinstance(op, Feedback):
            source, target = self.sources[op.inputs[0]], self._receiver(op.target)
            nengo.Connection(source, target, transform=op.weights, synapse=_delay(1))
            return
        if isinstance(op, Input):
            return
        target = self._target(op)
        for index, source in enumerate(op.inputs):
            if source in self.sources:
                self._connect(source, target, op, index)
        if op.bias is not None:
            bias = nengo.Node(op.bias, label=f"{op.name}/bias")
            nengo.Connection(bias, target.obj, synapse=None)

    def output_node(self, name):
        op = self.by_name[name]
        if not isinstance(op, Neurons):
            return self.sources[name]
        node = nengo.Node(size_in=op.size, label=f"{name}/output")
        self._connect(name, _Target(node, 1.0))
        return node

    def sees_input(self, op):
        """Whether a population gets data that have passed no neurons yet."""
        sources = [self.by_name[name] for name in op.inputs]
        return any(
            isinstance(source, Input)
            or (not isinstance(source, Neurons) and self.sees_input(source))
            for source in sources
        )

    def _sole_consumer(self, op):
        """The population or sum that alone takes a linear result, or None."""
        consumers = self.consumers[op.name]
        has_node = isinstance(op, (Cells, Integrator, MaxPool))
        if op.name in self.graph.outputs or len(consumers) != 1 or has_node:
            return None
        return consumers[0] if isinstance(consumers[0], (Cells, Neurons, Sum)) else None

    def _receiver(self, name):
        """The object that takes the input of neurons or of an operation with a node."""
        return self.ensembles[name].neurons if name in self.ensembles else self.nodes[name]

    def _target(self, op):
        consumer = self._sole_consumer(op)
        if consumer is None:
            return _Target(self.nodes[op.name], 1.0)
        if isinstance(consumer, (Cells, Neurons)):
            scale = consumer.scale if isinstance(consumer, Neurons) else 1.0
            return _Target(self._receiver(consumer.name), scale)
        beyond = self._target(consumer)
        weight = consumer.weights[consumer.inputs.index(op.name)]
        return _Target(beyond.obj, beyond.factor * weight)

    def _connect(self, source, target, op=None, index=0):
        obj = target.obj
        if isinstance(op, Concatenate):
            obj = obj[op.targets[index]]
        # Spikes stay spikes until the weights of the next neurons: simulators that go by events
        # then have little to do, and it is the same, since filters and weights are linear.
        later = op is not None and self.sources.get(op.name) is obj and self._only_weights(op)
        nengo.Connection(
            self.sources[source],
            obj,
            transform=self._transform(op, index, target.factor),
            synapse=None if later or self.rates else self._synapse(source),
        )

    def _only_weights(self, op):
        """Whether the node of an operation only weights, or pools, the spikes of one population."""
        if isinstance(op, Cells):
            return False
        is_weighted = len(op.inputs) == 1 and op.bias is None and op.name in self.nodes
        return is_weighted and op.name not in self.graph.outputs and self._synapse(op.inputs[0])

    def _synapse(self, source):
        """The filter on what leaves an object, if it has not been filtered before."""
        sender = self.by_name[source]
        if isinstance(sender, Neurons):
            return sender.synapse
        if isinstance(sender, Input) or not self._only_weights(sender):
            return None
        return self._synapse(sender.inputs[0])

    def _transform(self, op, index, factor):
        if isinstance(op, Sum):
            factor = factor * op.weights[index]
        if isinstance(op, MaxPool):
            return nengo.transforms.NoTransform(self.by_name[op.inputs[0]].size)
        if op is None or isinstance(op, (Cells, Sum, Concatenate, Integrator)):
            return factor
        if isinstance(op, Dense):
            return _times(op.weights, factor)
        if isinstance(op, Matrix):
            return nengo.Sparse(op.weights.shape, init=_times(op.weights, factor))
        if len(op.strides) > _MAX_SPACE:
            matrix = op.matrix()
            return nengo.Sparse(matrix.shape, init=_times(matrix, factor))
        return nengo.Convolution(
            n_filters=op.shape[-1],
            input_shape=op.input_shape,
            kernel_size=op.kernel.shape[:-2],
            strides=op.strides,
            padding=op.padding,
            groups=op.groups,
            init=_times(op.kernel, factor),
        )


def _maximum(pool):
    """Max pooling as a function of time and rates."""
    windows, channels = pool.windows(), pool.input_shape[-1]
    return lambda t, x: max_pool(x, windows, channels)


def _delay(n_steps):
    return nengo.LinearFilter([1], [1] + [0] * n_steps, analog=False)


def _times(weights, factor):
    """The product, bit for bit the weights if the factor is 1."""
    return weights if factor == 1 else weights * factor
