"""Operations of gated recurrent layers in a graph: cells with a memory, and feedback."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nengo_softlif.conversion.graph import Operation

__all__ = ["Cells", "Feedback"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Cells(Operation):
    """Gated recurrent cells; their input has a block for each gate.

    Parameters
    ----------
    cell : {"spiking_lstm", "sub_lstm", "spiking_sub_lstm"}
        Those that spike take the spikes of their gates, the other one their currents.
    threshold : float
        Of the output of "spiking_sub_lstm".
    forget : (size,) ndarray or None
        Constant activity of the forget gate, which then has no block.
    period, shift : (size,) ndarray or None
        Of the time gate, in steps and in periods.
    open_fraction, leak : float
        Of the time gate.
    bias : (input size,) ndarray or None
        Added to the input.
    """

    cell: str
    threshold: float = 0.1
    forget: np.ndarray | None = None
    period: np.ndarray | None = None
    shift: np.ndarray | None = None
    open_fraction: float = 1.0
    leak: float = 0.0
    bias: np.ndarray | None = None

    @property
    def input_size(self) -> int:
        """Number of elements of the input."""
        return (4 if self.forget is None else 3) * self.size

    def plus_bias(self, bias: np.ndarray) -> Cells:
        """Return the operation with more bias on its input."""
        return replace(self, bias=bias if self.bias is None else self.bias + bias)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Feedback(Operation):
    """What an operation sends back to one before it, a step later; nothing takes its result.

    Parameters
    ----------
    target : str
        Operation that gets it besides its input: neurons or cells.
    weights : (size, input size) ndarray
    """

    target: str
    weights: np.ndarray
