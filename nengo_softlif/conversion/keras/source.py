"""A call of a layer, as parsers see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nengo_softlif.conversion.graph import Input, Neurons, Operation
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer
from nengo_softlif.functional.encoding import Encoding

__all__ = ["Source"]


@dataclass
class Source:
    """A layer's call, with all that a parser may want to know of it.

    ``operations`` takes what the parser makes; the last one is the result.

    Parameters
    ----------
    name : str
    layer : keras.layers.Layer, or another operation of Keras
    config : dict
    weights : dict of str to ndarray
    inputs : list of str
        Names of the operations that compute the inputs.
    input_shapes, output_shapes : list of tuple of int
        Without the batch.
    is_last : bool
        Whether the result leaves the network and is not used inside.
    before : list of Operation or None
        The operations of the inputs; None if they could not be read.
    max_pool : {None, "average", "spiking"}
    named : frozenset of str
        Layers and activations that the user named neuron types for.
    arguments : callable
        From values for the inputs to all arguments of the call, see `Call.arguments`.
    operations, notes, logits, sigmoids : list
        Filled by the parser; as in `Graph`.
    encodings : list
        Filled by the parser of a model that was trained in spikes, see `Shown`.
    """

    name: str
    layer: Any
    config: dict
    weights: dict
    inputs: list[str]
    input_shapes: list[tuple]
    output_shapes: list[tuple]
    is_last: bool
    before: list[Operation | None]
    max_pool: str | None
    named: frozenset
    arguments: Callable
    operations: list[Operation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    logits: list[str] = field(default_factory=list)
    sigmoids: list[str] = field(default_factory=list)
    encodings: list[Encoding] = field(default_factory=list)

    @property
    def input(self) -> str:
        """Name of the only input."""
        return self.inputs[0]

    @property
    def input_shape(self) -> tuple:
        """Shape of the only input."""
        return self.input_shapes[0]

    @property
    def output_shape(self) -> tuple:
        """Shape of the only result."""
        return self.output_shapes[0]

    @property
    def operation(self) -> str:
        """Name of the layer's class."""
        return type(self.layer).__name__

    @property
    def takes_spikes(self) -> bool:
        """Whether its only input is spikes of a model that was trained in spikes."""
        return all(isinstance(op, Neurons) and op.fires_in_steps for op in self.before)

    @property
    def takes_data(self) -> bool:
        """Whether its only input is that of the network, in any shape."""
        return all(isinstance(op, Input) for op in self.before)

    @property
    def is_tf_keras(self) -> bool:
        """Whether the layer is one of the older Keras."""
        return any(cls.__module__.startswith("tf_keras.") for cls in type(self.layer).__mro__)

    def check_weights(self) -> None:
        """Refuse weights that are no numbers."""
        for key, value in self.weights.items():
            if not np.isfinite(value).all():
                n_bad = int(np.size(value) - np.isfinite(value).sum())
                raise UnsupportedLayer(
                    f"weight {key!r} has {n_bad} NaN or infinite value{'s' * (n_bad > 1)} of "
                    f"{np.size(value)}; train again or load other weights"
                )

    def add(self, operation: Operation) -> str:
        """Append an operation and return its name."""
        self.operations.append(operation)
        return operation.name
