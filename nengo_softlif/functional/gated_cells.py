r"""Gated recurrent cells: one step of a spiking LSTM and of a subLSTM, for any library of arrays.

A cell has a memory c and an output h. Its gates are functions of a current, the weighted input
and the weighted last output:

.. math:: J_k = W_k x + U_k h_{t-1} + b_k

========================  =============================  =====================================
cell                      gates                          memory and output
========================  =============================  =====================================
spiking LSTM [1]_         spikes :math:`[J \ge \theta]`  :math:`c \leftarrow \min(f c + i g, 1)`
                                                         and :math:`h = o c`
subLSTM [2]_              :math:`\sigma(J)`              :math:`c \leftarrow f c + z - i` and
                                                         :math:`h = \sigma(c) - o`
subLSTM in spikes         spikes :math:`[J \ge \theta]`  :math:`c \leftarrow f c + z - i` and
                                                         :math:`h = [c - o \ge \theta]`
========================  =============================  =====================================

In the spiking LSTM everything is 0 or 1: products are conjunctions, and the memory is one bit. The
spiking subLSTM is the circuit that its authors have the cell stand for: the memory is a membrane
that z excites and i inhibits, f is its leak, and o inhibits the neuron that fires.

References
----------
.. [1] Rezaabad & Vishwanath (2020), "Long short-term memory spiking networks and their
   applications".
.. [2] Costa et al. (2017), "Cortical microcircuits as gated-recurrent neural networks".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = [
    "CELLS",
    "logistic",
    "mixed",
    "spiking_lstm_step",
    "sub_lstm_memory",
    "sub_lstm_output",
]

# In the order of their blocks in the weights; f may be constant instead, and then has no block
CELLS = {
    "spiking_lstm": ("i", "f", "g", "o"),
    "sub_lstm": ("i", "f", "z", "o"),
    "spiking_sub_lstm": ("i", "f", "z", "o"),
}


def logistic(x: Any, xp: Any = np) -> Any:
    """Logistic function, as a hyperbolic tangent, which does not overflow.

    Parameters
    ----------
    x : (...) array
    xp : namespace, optional
        Provides ``tanh``; NumPy by default.

    Returns
    -------
    y : (...) array
        From 0 to 1.

    Examples
    --------
    >>> float(logistic(0.0))
    0.5
    """
    return 0.5 + 0.5 * xp.tanh(0.5 * x)


def spiking_lstm_step(i: Any, f: Any, g: Any, o: Any, c: Any, xp: Any = np) -> tuple[Any, Any]:
    """Memory and output of a spiking LSTM.

    Parameters
    ----------
    i, f, g, o : (..., units) array
        Spikes of input gate, forget gate, cell input and output gate, 1 or 0.
    c : (..., units) array
        Memory before the step, 1 or 0.
    xp : namespace, optional
        Provides ``minimum``; NumPy by default.

    Returns
    -------
    c, h : (..., units) array
        1 or 0.

    Examples
    --------
    >>> c, h = spiking_lstm_step(np.array([1.0, 0.0]), 1.0, 1.0, 1.0, np.array([1.0, 0.0]))
    >>> c, h
    (array([1., 0.]), array([1., 0.]))
    """
    c = xp.minimum(f * c + i * g, 1.0)
    return c, o * c


def sub_lstm_memory(i: Any, f: Any, z: Any, c: Any) -> Any:
    """Memory of a subLSTM.

    Parameters
    ----------
    i, f, z : (..., units) array
        Input gate, forget gate and cell input, from 0 to 1.
    c : (..., units) array
        Memory before the step.

    Returns
    -------
    c : (..., units) array

    Examples
    --------
    >>> sub_lstm_memory(0.25, 0.5, 1.0, 2.0)
    1.75
    """
    return f * c + z - i


def sub_lstm_output(c: Any, o: Any, sigmoid: Callable = logistic) -> Any:
    """Output of a subLSTM.

    Parameters
    ----------
    c : (..., units) array
        Memory.
    o : (..., units) array
        Output gate, from 0 to 1.
    sigmoid : callable, optional
        `logistic` of such arrays; that of NumPy by default.

    Returns
    -------
    h : (..., units) array
        From -1 to 1.

    Examples
    --------
    >>> float(sub_lstm_output(0.0, 0.5))
    0.0
    """
    return sigmoid(c) - o


def mixed(new: Any, old: Any, openness: Any) -> Any:
    """Memory or output of a cell behind its time gate.

    Parameters
    ----------
    new, old : (..., units) array
        What the cell has computed in this step, and what it was before.
    openness : (..., units) array
        1 where the gate is open, 0 where it is closed.

    Returns
    -------
    mixed : (..., units) array

    Examples
    --------
    >>> mixed(np.array([4.0, 4.0]), np.array([2.0, 2.0]), np.array([0.0, 0.5]))
    array([2., 3.])
    """
    return openness * new + (1 - openness) * old
