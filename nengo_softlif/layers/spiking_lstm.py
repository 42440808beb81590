"""Long short-term memory whose gates, memory and output are spikes."""

from __future__ import annotations

from typing import Any

import keras

from nengo_softlif.functional.surrogates import GaussianSurrogate, Surrogate
from nengo_softlif.layers.gated_recurrent import GatedRecurrent
from nengo_softlif.layers.gated_scan import SpikingLSTMCell
from nengo_softlif.layers.surrogate import surrogate_config, surrogate_of
from nengo_softlif.validation import check_number

__all__ = ["SpikingLSTM"]


@keras.saving.register_keras_serializable(package="nengo_softlif")
class SpikingLSTM(GatedRecurrent):
    r"""Spiking LSTM: (batch, steps, features) in, (batch, steps, units) spikes out.

    .. math::

       (i, f, g, o) = [W x + U h + b \ge \theta], \quad c \leftarrow \min(f c + i g, 1), \quad
       h = o c

    Gates, cell input, memory and output are 0 or 1 (Rezaabad & Vishwanath 2020, who cut a memory of
    2 to 1 as well). The gradient is that of the equations, with the ``surrogate`` for the
    derivative of a spike. The weights of the gates are in the order i, f, g, o.

    Parameters
    ----------
    units : int
        Number of cells.
    threshold : float
        :math:`\theta`, of all gates (> 0).
    surrogate : Surrogate, optional
        One of `nengo_softlif.functional.surrogates`; `GaussianSurrogate` by default, as the paper
        has it.
    time_gate : nengo_softlif.functional.time_gate.TimeGate, optional
        Units are open in a part of their period only, as in a phased LSTM. A closed unit keeps its
        memory and its output: one that spiked goes on spiking.
    **kwargs
        ``rate_regularizer``, a `nengo_softlif.layers.FiringRateRegularizer` of the output spikes,
        in which gates don't count; ``forget_bias`` (1.0 by default), added to the initial biases of
        forget gates; ``kernel_initializer``, ``recurrent_initializer``, ``bias_initializer`` and
        their regularizers, as for `keras.layers.LSTM`; and those of every Keras layer.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or inputs have another shape.

    References
    ----------
    .. [1] Rezaabad & Vishwanath (2020), "Long short-term memory spiking networks and their
       applications".

    Examples
    --------
    >>> import numpy as np
    >>> layer = SpikingLSTM(8)
    >>> spikes = np.asarray(layer(np.ones((2, 5, 3), dtype="float32")))
    >>> spikes.shape, bool(np.isin(spikes, [0, 1]).all())
    ((2, 5, 8), True)
    """

    def __init__(
        self,
        units: int,
        threshold: float = 0.1,
        surrogate: Surrogate | dict | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(units, **kwargs)
        self.threshold = check_number(f"{self.name}.threshold", threshold, above=0)
        self.surrogate = surrogate_of(self.name, surrogate, GaussianSurrogate())

    @property
    def cell(self) -> SpikingLSTMCell:
        """One step of the cells, and its gradient."""
        return SpikingLSTMCell(self.threshold, self.surrogate)

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {
            **super().get_config(),
            "threshold": self.threshold,
            "surrogate": surrogate_config(self.surrogate),
        }
