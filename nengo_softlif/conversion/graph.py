"""A network as a list of operations: what parsing makes, passes change and building reads.

Every operation works on one item, flattened with channels last. Operations between neurons are
linear; a bias may be added to the result of any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse

from nengo_softlif.functional.linear import ConvolutionMap, to_matrix

__all__ = [
    "Activation",
    "Concatenate",
    "Convolution",
    "Dense",
    "Graph",
    "Input",
    "Linear",
    "Matrix",
    "MaxPool",
    "Neurons",
    "Operation",
    "Sum",
]


@dataclass(frozen=True, eq=False)
class Operation:
    """One step of the computation.

    Parameters
    ----------
    name : str
        Unique within the graph; that of the Keras layer where there is one.
    inputs : tuple of str
        Names of the operations whose results it takes.
    shape : tuple of int
        Shape of the result for one item, channels last.
    """

    name: str
    inputs: tuple
    shape: tuple

    @property
    def size(self):
        """Number of elements of the result."""
        return int(np.prod(self.shape))


@dataclass(frozen=True, eq=False)
class Input(Operation):
    """Where data enter."""


@dataclass(frozen=True, eq=False)
class Linear(Operation):
    """Base of the linear operations.

    Parameters
    ----------
    bias : (size,) ndarray or None
        Added to the result.
    is_partial : bool
        Whether a bias was passed on, so that the result alone is not that of the layer.
    """

    bias: np.ndarray | None = None
    is_partial: bool = False

    def matrix(self, index=0):
        """Matrix of the map from one of the inputs: (size, input size) sparse."""
        raise NotImplementedError

    def plus_bias(self, bias):
        """Return the operation with more bias."""
        return _with_more_bias(self, bias)


@dataclass(frozen=True, eq=False)
class Dense(Linear):
    """Multiplication with ``weights``, (size, input size)."""

    weights: np.ndarray = None

    def matrix(self, index=0):
        """The weights."""
        return scipy.sparse.csr_matrix(self.weights)

    def scaled_rows(self, scale):
        """Return the operation with its result multiplied by ``scale``, (size,)."""
        return _with_scaled_bias(replace(self, weights=scale[:, np.newaxis] * self.weights), scale)


@dataclass(frozen=True, eq=False)
class Matrix(Linear):
    """Multiplication with a sparse matrix, (size, input size), in COO form."""

    weights: scipy.sparse.coo_matrix = None

    def matrix(self, index=0):
        """The weights."""
        return self.weights

    def scaled_rows(self, scale):
        """Return the operation with its result multiplied by ``scale``, (size,)."""
        weights = scipy.sparse.coo_matrix(scipy.sparse.diags(scale) @ self.weights)
        return _with_scaled_bias(replace(self, weights=weights), scale)


@dataclass(frozen=True, eq=False)
class Convolution(Linear):
    """Convolution in any number of spatial dimensions (kernels are not flipped).

    Parameters
    ----------
    kernel : (*kernel_size, input channels / groups, output channels) ndarray
    input_shape : tuple of int
    strides : tuple of int
    padding : {"valid", "same"}
        As TensorFlow understands it.
    groups : int
    """

    kernel: np.ndarray = None
    input_shape: tuple = ()
    strides: tuple = ()
    padding: str = "valid"
    groups: int = 1

    def matrix(self, index=0):
        """The unrolled convolution."""
        begin = [
            max((n_out - 1) * stride + size - n_in, 0) // 2 if self.padding == "same" else 0
            for n_in, n_out, size, stride in zip(
                self.input_shape, self.shape, self.kernel.shape, self.strides, strict=False
            )
        ][: len(self.strides)]
        return to_matrix(
            ConvolutionMap(
                self.full_kernel(), self.input_shape, self.shape, self.strides, tuple(begin)
            )
        )

    def full_kernel(self):
        """The kernel without groups: zeros where input and output are in different groups."""
        if self.groups == 1:
            return self.kernel
        *_, n_in, n_out = self.kernel.shape
        per_group = n_out // self.groups
        full = np.zeros((*self.kernel.shape[:-2], n_in * self.groups, n_out), self.kernel.dtype)
        for group in range(self.groups):
            outputs = slice(group * per_group, (group + 1) * per_group)
            full[..., group * n_in : (group + 1) * n_in, outputs] = self.kernel[..., outputs]
        return full

    def scaled_rows(self, scale):
        """Return the operation with its result multiplied by ``scale``, (size,), or None.

        None if the factors differ within a channel, which a convolution can't express.
        """
        scale = scale.reshape(-1, self.shape[-1])
        if not (scale == scale[0]).all():
            return None
        return _with_scaled_bias(replace(self, kernel=self.kernel * scale[0]), scale.ravel())


@dataclass(frozen=True, eq=False)
class Sum(Linear):
    """Weighted sum of several inputs; ``weights`` is a number for each input."""

    weights: tuple = ()

    def matrix(self, index=0):
        """A multiple of the identity."""
        return scipy.sparse.identity(self.size, format="csr") * self.weights[index]


@dataclass(frozen=True, eq=False)
class Concatenate(Linear):
    """Several inputs side by side; ``targets`` has the places of each, (input size,) int."""

    targets: tuple = ()

    def matrix(self, index=0):
        """A selection of the identity's columns."""
        identity = scipy.sparse.identity(self.size, format="csc")
        return identity[:, self.targets[index]]


@dataclass(frozen=True, eq=False)
class MaxPool(Operation):
    """Largest value in each window of an image, channel by channel.

    Parameters
    ----------
    input_shape : tuple of int
    pool_size, strides : tuple of int
    padding : {"valid", "same"}
        As TensorFlow understands it.
    bias : (input size,) ndarray or None
        Added to the input: it has no place behind a maximum.
    """

    input_shape: tuple = ()
    pool_size: tuple = ()
    strides: tuple = ()
    padding: str = "valid"
    bias: np.ndarray | None = None

    def plus_bias(self, bias):
        """Return the operation with more bias on its input."""
        return _with_more_bias(self, bias)


@dataclass(frozen=True)
class Activation:
    """What a layer of the source model computes elementwise.

    Parameters
    ----------
    kind : str
        "relu", "soft_lif", "linear_reset_lif", or the name of another Keras activation.
    parameters : dict
        Those of our layers: ``tau_rc``, ``amplitude``, ...
    """

    kind: str
    parameters: dict = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Neurons(Operation):
    """A population of neurons.

    Parameters
    ----------
    activation : Activation
        Of the source model.
    neuron_type : nengo.neurons.NeuronType or None
        Spiking type that takes its place, with the final amplitude; None before it is chosen.
    synapse : nengo.synapses.Synapse or None
        Filter on everything the population sends.
    scale : float
        Factor on the input; the amplitude holds its inverse.
    bias : (size,) ndarray or None
        Constant input, before ``scale``.
    block_shape : (tuple of int, tuple of int) or None
        How a chip splits the population: neurons on a core, and in all, by row, column and
        channel, or by number. None leaves it to the simulator.
    """

    activation: Activation = None
    neuron_type: object = None
    synapse: object = None
    scale: float = 1.0
    bias: np.ndarray | None = None
    block_shape: tuple | None = None

    def plus_bias(self, bias):
        """Return the operation with more bias."""
        return _with_more_bias(self, bias)


@dataclass(frozen=True, eq=False)
class Graph:
    """Operations in the order of computation.

    Parameters
    ----------
    operations : tuple of Operation
    outputs : tuple of str
        Names of the operations whose results leave the network.
    notes : tuple of str
        What was done to the source model on the way, for people to read.
    logits : tuple of str
        Names of the outputs that had a softmax or a sigmoid in the source model.
    sigmoids : tuple of str
        Those of them that had a sigmoid.
    """

    operations: tuple
    outputs: tuple
    notes: tuple = ()
    logits: tuple = ()
    sigmoids: tuple = ()

    def __getitem__(self, name):
        return next(op for op in self.operations if op.name == name)

    @property
    def inputs(self):
        """Operations of type `Input`."""
        return [op for op in self.operations if isinstance(op, Input)]

    @property
    def input_shapes(self):
        """Shape of an item, for every input by name."""
        return {op.name: op.shape for op in self.inputs}

    @property
    def neurons(self):
        """Operations of type `Neurons`."""
        return [op for op in self.operations if isinstance(op, Neurons)]

    def consumers(self, name):
        """Operations that take the result of the named one, each once for every use."""
        return [op for op in self.operations for source in op.inputs if source == name]

    def replaced(self, changes, *, notes=()):
        """Return the graph with some operations changed.

        Parameters
        ----------
        changes : dict of str to (Operation or None)
            None removes an operation.
        notes : iterable of str
            Appended to the notes.
        """
        operations = (changes.get(op.name, op) for op in self.operations)
        return replace(
            self,
            operations=tuple(op for op in operations if op is not None),
            notes=(*self.notes, *notes),
        )

    def redirected(self, old, new):
        """Return the graph in which all that took the result of ``old`` take that of ``new``."""
        operations = tuple(
            replace(op, inputs=tuple(new if name == old else name for name in op.inputs))
            for op in self.operations
        )
        outputs = tuple(new if name == old else name for name in self.outputs)
        return replace(self, operations=operations, outputs=outputs)


def _with_scaled_bias(op, scale):
    return op if op.bias is None else replace(op, bias=op.bias * scale)


def _with_more_bias(op, bias):
    return replace(op, bias=bias if op.bias is None else op.bias + bias)
