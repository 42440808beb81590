"""A network as a list of operations: what parsing makes, passes change and building reads.

Every operation works on one sample, flattened with channels last. Operations between neurons are
linear; a bias may be added to the result of any of them.

The name, the inputs and the shape of an operation come first; what else it needs is named,
``Dense("out", ("hidden",), (10,), weights=weights)``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import scipy.sparse
from nengo.neurons import NeuronType
from nengo.synapses import Synapse

from nengo_softlif.conversion.shown import Shown
from nengo_softlif.functional.convolution import convolution_map
from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.validation import check_name

__all__ = [
    "Activation",
    "Concatenate",
    "Convolution",
    "Dense",
    "Graph",
    "Input",
    "Integrator",
    "Linear",
    "Matrix",
    "MaxPool",
    "Neurons",
    "Operation",
    "Sum",
]

SparseMatrix = scipy.sparse.csr_matrix | scipy.sparse.csc_matrix | scipy.sparse.coo_matrix

_Biased = TypeVar("_Biased", "Integrator", "Linear", "MaxPool", "Neurons")


@dataclass(frozen=True, eq=False, repr=False)
class Operation(OneLineRepr):
    """One step of the computation.

    Parameters
    ----------
    name : str
        Unique within the graph; that of the Keras layer where there is one.
    inputs : tuple of str
        Names of the operations whose results it takes.
    shape : tuple of int
        Shape of the result for one sample, channels last.
    """

    name: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of elements of the result."""
        return int(np.prod(self.shape))


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Input(Operation):
    """Where data enter.

    Parameters
    ----------
    value_range : (float, float) or None
        Smallest and largest value of the data that the network was calibrated or verified with.
    """

    value_range: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Linear(Operation, ABC):
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

    @abstractmethod
    def matrix(self, index: int = 0) -> SparseMatrix:
        """Matrix of the map from one of the inputs: (size, input size) sparse."""

    def plus_bias(self, bias: np.ndarray) -> Linear:
        """Return the operation with more bias."""
        return _with_more_bias(self, bias)

    def scaled_rows(self, scale: np.ndarray) -> Linear | None:
        """Return the operation with its result multiplied by ``scale``, (size,).

        None if the operation has no weights that could take the factors.
        """
        return None


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Dense(Linear):
    """Multiplication with ``weights``, (size, input size)."""

    weights: np.ndarray

    def matrix(self, index: int = 0) -> SparseMatrix:
        """The weights."""
        return scipy.sparse.csr_matrix(self.weights)

    def scaled_rows(self, scale: np.ndarray) -> Linear | None:
        """Return the operation with its result multiplied by ``scale``, (size,)."""
        return _with_scaled_bias(replace(self, weights=scale[:, np.newaxis] * self.weights), scale)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Matrix(Linear):
    """Multiplication with a sparse matrix, (size, input size), in COO form."""

    weights: scipy.sparse.coo_matrix

    def matrix(self, index: int = 0) -> SparseMatrix:
        """The weights."""
        return self.weights

    def scaled_rows(self, scale: np.ndarray) -> Linear | None:
        """Return the operation with its result multiplied by ``scale``, (size,)."""
        weights = scipy.sparse.coo_matrix(scipy.sparse.diags(scale) @ self.weights)
        return _with_scaled_bias(replace(self, weights=weights), scale)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
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

    kernel: np.ndarray
    input_shape: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str = "valid"
    groups: int = 1

    def matrix(self, index: int = 0) -> SparseMatrix:
        """The unrolled convolution."""
        return convolution_map(
            self.kernel,
            self.input_shape,
            strides=self.strides,
            padding=self.padding,
            groups=self.groups,
        ).matrix()

    def scaled_rows(self, scale: np.ndarray) -> Linear | None:
        """Return the operation with its result multiplied by ``scale``, (size,), or None.

        None if the factors differ within a channel, which a convolution can't express.
        """
        scale = scale.reshape(-1, self.shape[-1])
        if not (scale == scale[0]).all():
            return None
        return _with_scaled_bias(replace(self, kernel=self.kernel * scale[0]), scale.ravel())


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Sum(Linear):
    """Weighted sum of several inputs; ``weights`` is a number for each input."""

    weights: tuple[float, ...]

    def matrix(self, index: int = 0) -> SparseMatrix:
        """A multiple of the identity."""
        return scipy.sparse.identity(self.size, format="csr") * self.weights[index]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Concatenate(Linear):
    """Several inputs side by side; ``targets`` has the places of each, (input size,) int."""

    targets: tuple[np.ndarray, ...]

    def matrix(self, index: int = 0) -> SparseMatrix:
        """A selection of the identity's columns."""
        identity = scipy.sparse.identity(self.size, format="csc")
        return identity[:, self.targets[index]]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
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

    input_shape: tuple[int, ...]
    pool_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str = "valid"
    bias: np.ndarray | None = None

    def plus_bias(self, bias: np.ndarray) -> MaxPool:
        """Return the operation with more bias on its input."""
        return _with_more_bias(self, bias)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Integrator(Operation):
    """Membranes without spikes: the result is ``decay`` times the last one, plus the input.

    Parameters
    ----------
    decay : float
    bias : (size,) ndarray or None
        Added to the input.
    """

    decay: float
    bias: np.ndarray | None = None

    def plus_bias(self, bias: np.ndarray) -> Integrator:
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
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
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
        Constant, before ``scale``.
    block_shape : (tuple of int, tuple of int) or None
        Neurons on a core of a chip, and in all, by row, column and channel, or by number.
    recurrent : (size, size) ndarray or None
        Weights from the neurons to themselves, from column to row.
    delay : int
        Steps that spikes take through them, 1 or more.
    """

    activation: Activation
    neuron_type: NeuronType | None = None
    synapse: Synapse | None = None
    scale: float = 1.0
    bias: np.ndarray | None = None
    block_shape: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    recurrent: np.ndarray | None = None
    delay: int = 1

    @property
    def fires_in_steps(self) -> bool:
        """Whether the model was trained with these spikes: ones and zeros, step by step."""
        return self.activation.kind == "discrete_lif"

    def plus_bias(self, bias: np.ndarray) -> Neurons:
        """Return the operation with more bias."""
        return _with_more_bias(self, bias)


@dataclass(frozen=True, eq=False, repr=False)
class Graph(OneLineRepr):
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
    shown : Shown or None
        Of models that were trained in spikes.
    """

    operations: tuple[Operation, ...]
    outputs: tuple[str, ...]
    notes: tuple[str, ...] = ()
    logits: tuple[str, ...] = ()
    sigmoids: tuple[str, ...] = ()
    shown: Shown | None = None

    def __getitem__(self, name: str) -> Operation:
        return check_name("operation", name, self._by_name)

    @cached_property
    def _by_name(self):
        return {op.name: op for op in self.operations}

    @cached_property
    def _consumers(self):
        consumers = {}
        for op in self.operations:
            for source in op.inputs:
                consumers.setdefault(source, []).append(op)
        return consumers

    @property
    def inputs(self) -> list[Input]:
        """Operations of type `Input`."""
        return [op for op in self.operations if isinstance(op, Input)]

    @property
    def input_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of a sample, for every input by name."""
        return {op.name: op.shape for op in self.inputs}

    @property
    def neurons(self) -> list[Neurons]:
        """Operations of type `Neurons`."""
        return [op for op in self.operations if isinstance(op, Neurons)]

    def consumers(self, name: str) -> list[Operation]:
        """Operations that take the result of the named one, each once for every use."""
        return list(self._consumers.get(name, ()))

    def replaced(
        self, changes: Mapping[str, Operation | None], *, notes: Iterable[str] = ()
    ) -> Graph:
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


def _with_scaled_bias(op: Linear, scale: np.ndarray) -> Linear:
    return op if op.bias is None else replace(op, bias=op.bias * scale)


def _with_more_bias(op: _Biased, bias: np.ndarray) -> _Biased:
    return replace(op, bias=bias if op.bias is None else op.bias + bias)
